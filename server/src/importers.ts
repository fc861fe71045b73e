/** Functions of other templates that stand on one template, and what an edit of it takes from them. */
import { verdictOf } from "./analysis";
import { spanAt } from "./at-home";
import { decode } from "./folder-file";
import type { Meaning } from "./lint";
import { listed, type Message, message } from "./message";
import { outcomeOf } from "./network/egress";
import type { FunctionEgress, FunctionVerdict, SubnetEgress } from "./network/verdict";
import { shortWhy, wayOf } from "./report/way";
import { functionSays, moodOf } from "./report/words";
import { importerLosesInternet as rule } from "./rules/importer-loses-internet";
import type { Finding } from "./rules/rule";
import type { Settings } from "./settings";
import { covers, expectationOf, ignoresOf, intentOf } from "./silence";
import { type Span, spanOf } from "./template/syntax";
import type { Template } from "./template/template";
import { groupBy } from "./workspace/names";

/** A function of another template that has something of its network from the one that is looked at. */
export interface Use {
  /** The function's template, and how people call it. */
  readonly uri: string;
  readonly file: string;
  readonly id: string;
  /** Its logical id there. */
  readonly span: Span;
  readonly verdict: FunctionVerdict;
  /** What it stands on, by the logical ids that things have in the template that is looked at. */
  readonly on: readonly string[];
  /** What in that template keeps it from the internet; absent where nothing does, or nothing for sure. */
  readonly loss?: Loss;
}

interface Loss {
  /** The logical id of what decides. */
  readonly at: string;
  readonly why: Message;
}

/** Returns the functions of a template that have something from another one, at the URI `network`. */
export function usesOf(
  { functions, subject: { template, destination } }: Meaning,
  { uri, file, settings }: Pick<Use, "uri" | "file"> & { readonly settings: Settings },
  network: string,
): readonly Use[] {
  const things = thingsOf(template, network);
  if (things.length === 0) return [];
  const idOf = (span: Span | undefined): string | undefined =>
    span && things.find(({ at, body }) => span.file === at.file && span.start >= at.start && span.end <= body.end)?.id;
  return functions.flatMap((analysis): Use[] => {
    const found = verdictOf(analysis);
    const fn = found?.leaf.result.fn;
    const { resource } = analysis;
    if (found === undefined || fn === undefined || resource === undefined) return [];
    const on = standsOn(fn, idOf);
    if (on.length === 0) return [];
    const intent = expectationOf(template, resource) ?? intentOf(settings.expect);
    const isMeant = intent === "none" || intent === "aws-services";
    const losses = fn.subnets.flatMap((subnet): Loss[] => {
      const way = wayOf(subnet, destination);
      const failed =
        outcomeOf(way.verdict) === "fails" ? way.hops.find(({ status }) => status === "failed") : undefined;
      const at = failed && (things.find(({ key }) => key === failed.id)?.id ?? idOf(failed.at && spanAt(failed.at)));
      return at === undefined ? [] : [{ at, why: shortWhy(named(subnet, idOf), way) }];
    });
    const [loss] = isMeant ? [] : losses;
    const use = { uri, file, id: resource.id, span: spanOf(resource.at), verdict: found.verdict, on };
    return [loss === undefined ? use : { ...use, loss }];
  });
}

/** Returns the uses of each thing of a template that functions of others stand on. */
export function usesByThing(uses: readonly Use[]): ReadonlyMap<string, readonly Use[]> {
  const pairs = uses.flatMap((use) => use.on.map((id) => ({ id, use })));
  return new Map([...groupBy(pairs, ({ id }) => id)].map(([id, same]) => [id, same.map(({ use }) => use)]));
}

/** Returns who stands on a thing, and how they fare, in one line; `elsewhere`: they are to reach something else. */
export function usesSay(uses: readonly Use[], elsewhere: boolean): Message {
  const files = new Set(uses.map(({ uri }) => uri));
  const [first] = uses;
  if (first !== undefined && uses.length === 1) {
    return message("Used by {0} in {1}: {2}", first.id, first.file, functionSays(first.verdict));
  }
  const counts = listed(
    fates.flatMap(({ verdicts, says }) => {
      const count = uses.filter(({ verdict }) => verdicts.includes(verdict)).length;
      return count === 0 ? [] : [says(count, elsewhere)];
    }),
  );
  return files.size === 1
    ? message("Used by {0} functions in {1}: {2}", uses.length, first?.file ?? "", counts)
    : message("Used by {0} functions in {1} templates: {2}", uses.length, files.size, counts);
}

interface Fate {
  readonly verdicts: readonly FunctionVerdict[];
  readonly says: (count: number, elsewhere: boolean) => Message;
}

const fates: readonly Fate[] = [
  {
    verdicts: ["internet", "not-in-vpc"],
    says: (count, elsewhere) => (elsewhere ? message("{0} get through", count) : message("{0} with internet", count)),
  },
  {
    verdicts: ["intermittent", "partial", "ipv6-only"],
    says: (count) => message("{0} not always or not everywhere", count),
  },
  {
    verdicts: ["no-internet"],
    says: (count, elsewhere) => (elsewhere ? message("{0} held back", count) : message("{0} without internet", count)),
  },
  { verdicts: ["deploy-fails"], says: (count) => message("{0} cannot be deployed", count) },
  { verdicts: ["unknown"], says: (count) => message("{0} unknown", count) },
];

/** Returns a name for a function that no other one of the workspace has. */
export function nameOf({ uri, id }: Pick<Use, "uri" | "id">): string {
  return `${uri}#${id}`;
}

/**
 * Returns what an edit of a template has taken from functions of others: one finding for each thing that decides.
 * `before` says how the functions stood when the template was opened, by `nameOf`.
 */
export function lossesIn(
  { document, subject: { template } }: Meaning,
  uses: readonly Use[],
  before: ReadonlyMap<string, FunctionVerdict>,
  settings: Settings,
): readonly Finding[] {
  const setting = settings.rules[rule.id];
  if (setting === "off") return [];
  const lost = uses.flatMap((use) => {
    const was = before.get(nameOf(use));
    const isWorse = was !== undefined && moodOf(was) === "good" && ["bad", "fair"].includes(moodOf(use.verdict));
    return isWorse && use.loss !== undefined ? [{ use, loss: use.loss }] : [];
  });
  // Those that lose all of it are named first.
  lost.sort((a, b) => Number(isAll(b.use)) - Number(isAll(a.use)));
  const ignores = ignoresOf(document, template).filter((ignore) => ignore.rule === rule.id);
  return [...groupBy(lost, ({ loss }) => loss.at)].flatMap(([id, [first, ...others]]): Finding[] => {
    const at = template.resources.get(id)?.at;
    if (first === undefined || at === undefined) return [];
    const span = spanOf(at);
    if (ignores.some((ignore) => covers(template, ignore, span))) return [];
    const { use, loss } = first;
    const text = lossSays(use, others.length, loss.why);
    const notes = [first, ...others].slice(0, notesShown).map((one) => ({
      span: { ...one.use.span, file: one.use.uri },
      message: message("{0}: {1}", one.use.id, functionSays(one.use.verdict)),
    }));
    return [{ rule: rule.id, severity: setting ?? rule.severity, message: text, span, notes, fixes: [] }];
  });
}

function lossSays(use: Use, others: number, why: Message): Message {
  const { id, file } = use;
  if (!isAll(use)) {
    return others === 0
      ? message("{0} in {1} no longer always reaches the internet: {2}", id, file, why)
      : message("{0} in {1} and {2} more no longer always reach the internet: {3}", id, file, others, why);
  }
  return others === 0
    ? message("{0} in {1} loses the internet: {2}", id, file, why)
    : message("{0} in {1} and {2} more lose the internet: {3}", id, file, others, why);
}

function isAll({ verdict }: Use): boolean {
  return verdict === "no-internet";
}

/** At most this many functions are named beside one finding. */
const notesShown = 10;

interface Thing {
  /** As it is called in the linked template, and in its own. */
  readonly key: string;
  readonly id: string;
  readonly at: Span;
  readonly body: Span;
}

/** Names from elsewhere have the name of their file before them, see `link`. */
function thingsOf({ resources }: Template, network: string): readonly Thing[] {
  const wanted = decode(network);
  return [...resources].flatMap(([key, { at, node, generatedBy }]): Thing[] => {
    if (generatedBy !== undefined || at.block.file === undefined || decode(at.block.file) !== wanted) return [];
    return [{ key, id: key.replace(/^.*[#/]/, ""), at: spanOf(at), body: spanOf(node) }];
  });
}

/** Its subnets come first; a function that has only the rest from there stands on the first of it on its way out. */
function standsOn(
  { subnets }: FunctionEgress,
  idOf: (span: Span | undefined) => string | undefined,
): readonly string[] {
  const own = subnets.flatMap(({ subnet }) => (subnet && idOf(spanAt(subnet.at))) ?? []);
  if (own.length > 0) return [...new Set(own)];
  const hops = subnets.flatMap(({ ipv4, ipv6 }) => [...ipv4.hops, ...ipv6.hops]);
  return hops.flatMap(({ at }) => (at && idOf(spanAt(at))) ?? []).slice(0, 1);
}

/** A subnet by the name that it has where it is, not by that of an import. */
function named(subnet: SubnetEgress, idOf: (span: Span | undefined) => string | undefined): SubnetEgress {
  const id = subnet.subnet && idOf(spanAt(subnet.subnet.at));
  return id === undefined ? subnet : { ...subnet, reference: { ...subnet.reference, ref: id } };
}
