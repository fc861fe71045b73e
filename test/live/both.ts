/** What a template promises of its functions, beside what the check says of the same in an account. */
import { analyse, verdictOf } from "../../server/src/analysis";
import { reportSubnet } from "../../server/src/lint";
import { internet } from "../../server/src/network/egress";
import { subjectOf } from "../../server/src/subject";
import { parse } from "../../server/src/template/parse";
import { readTemplate } from "../../server/src/template/read";
import { createResolver } from "../../server/src/template/resolve";
import { expandSam } from "../../server/src/template/sam";
import type { Template } from "../../server/src/template/template";
import { type Assignment, oracleOf } from "../../server/src/template/worlds";
import { type Bench, check } from "./check";
import { pathOf, type Told } from "./paths";
import { forgetExclusions } from "./replay/block";
import { replay } from "./replay/replay";
import { NotReplayable } from "./replay/site";

export interface Given {
  readonly name: string;
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What each of both tells of one function. */
export interface Both {
  readonly fn: string;
  readonly promised: Told;
  readonly deployed: Told;
}

/** Works through all templates, two at a time where there are two benches; an account starts empty now and then. */
export async function forEach<T extends Given>(
  lanes: readonly Bench[],
  all: readonly T[],
  take: (on: Bench, one: T) => Promise<void>,
): Promise<void> {
  const waiting = [...all];
  const work = async (on: Bench): Promise<void> => {
    for (let built = 0; ; built++) {
      const next = waiting.shift();
      if (next === undefined) return;
      // What earlier templates left behind makes every later list longer, and takes the names of roles. A reset
      // takes as long as building a network does, for moto reads all of AWS's policies again.
      if (built % perReset === 0 || next.text.includes("RoleName")) await on.moto.reset();
      on.proxy.clear();
      // Nothing is built while functions are checked, and they share most of their network.
      on.proxy.remember();
      forgetExclusions(on.proxy);
      await take(on, next);
    }
  };
  await Promise.all(lanes.map(work));
}

const perReset = 40;

/** Builds a template and checks its functions; returns why that cannot be done, where it cannot. */
export async function bothTell(on: Bench, { text, parameters }: Given): Promise<readonly Both[] | string> {
  const written = readTemplate(parse(text), parameters);
  if (written === undefined) return "not a template";
  const template = expandSam(written);
  const found = analyse(subjectOf(template, parameters, internet)).functions.flatMap((analysis) => {
    const usual = verdictOf(analysis);
    const fn = usual?.leaf.result.fn;
    return usual === undefined || fn === undefined ? [] : [{ fn, verdict: usual.verdict, leaf: usual.leaf }];
  });
  if (found.length === 0) return "no function";
  // The world of the given values and defaults; to an account the others are other templates.
  const world = new Map(found.flatMap(({ leaf }) => [...leaf.assignment]));
  const made = await build(on, template, parameters, world);
  if (typeof made === "string") return made;
  const nameOf = (id: string): string => made.names.get(id) ?? (/^(?:rtb|acl)-/.test(id) ? "default" : id);
  const both: Both[] = [];
  for (const { fn, verdict, leaf } of found) {
    const live = await check(on, made.functions.get(fn.fn.key) ?? "?");
    const { subnets } = leaf.result.network;
    const promised = fn.subnets.map((one) => pathOf(reportSubnet(one), same, (name) => subnets.has(name)));
    const deployed = live.subnets.map((one) => pathOf(reportSubnet(one), nameOf, () => false));
    both.push({
      fn: fn.fn.key,
      promised: { verdict, role: fn.role?.verdict, paths: promised },
      deployed: { verdict: live.verdict, role: live.role?.verdict, paths: deployed },
    });
  }
  return both;
}

const same = (id: string): string => id;

async function build(on: Bench, template: Template, parameters: Given["parameters"], world: Assignment) {
  try {
    return await replay(on, template, createResolver(template, oracleOf(template.parameters, parameters, world)));
  } catch (error) {
    if (error instanceof NotReplayable) return error.message;
    // moto refuses in AWS's own words.
    if (error instanceof Error && "$metadata" in error) return `AWS: ${error.name}`;
    throw error;
  }
}
