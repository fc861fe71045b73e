/** From resources to verdicts: the worlds of one function, or of one part of the network that no function uses. */

import { pathsFrom } from "./network/alternatives";
import { egressOf } from "./network/egress";
import { networkOf } from "./network/from-template";
import type { Network } from "./network/model";
import { type Slice, sliceOf } from "./network/slice";
import type { FunctionEgress, FunctionVerdict, SubnetEgress } from "./network/verdict";
import { identifying } from "./network/with-account";
import type { Subject } from "./subject";
import { assertionsHold } from "./template/assertions";
import { createResolver, type Resolver } from "./template/resolve";
import type { Resource } from "./template/template";
import {
  type Assignment,
  type Exploration,
  explore,
  type Leaf,
  type Oracle,
  oracleOf,
  smallestAssignment,
} from "./template/worlds";
import { unchanged } from "./unchanged";

/** What one world shows of the resource under analysis. */
export interface Scene {
  readonly network: Network;
  /** Absent where the function does not exist in this world, or where no function is analysed. */
  readonly fn: FunctionEgress | undefined;
  readonly paths: readonly SubnetEgress[];
}

export interface Analysis {
  /** The function or subnet under analysis; absent where it is the template as a whole. */
  readonly resource: Resource | undefined;
  readonly exploration: Exploration<Scene>;
}

/** The analyses of one text, kept for the next one: those that no edit touches need not be done again. */
export interface Memory {
  readonly subject: Subject;
  readonly analyses: ReadonlyMap<string, Sliced>;
}

interface Sliced {
  readonly slice: Slice;
  readonly analysis: Analysis;
}

/**
 * Returns the analyses of a template: each function, then subnets that no function's slice holds, then
 * all of it in the usual world, for what is in no slice. What `before` holds and no edit has touched is
 * taken from there.
 */
export function analyse(
  subject: Subject,
  before?: Memory,
): {
  readonly functions: readonly Analysis[];
  readonly others: readonly Analysis[];
  readonly whole: Analysis;
  readonly memory: Memory;
} {
  const { template, constants } = subject;
  const same = before && unchanged(before.subject, subject);
  for (const [id, parts] of before?.subject.constants ?? []) if (same?.constant(id) === true) constants.set(id, parts);
  const analyses = new Map<string, Sliced>();
  const analyseOnce = (resource: Resource): Sliced => {
    const known = before?.analyses.get(resource.id);
    const sliced = known !== undefined && same?.slice(known.slice) === true ? known : analyseIn(subject, resource);
    analyses.set(resource.id, sliced);
    return sliced;
  };

  // What another template brings along is told of where that one is analysed.
  const foreign = new Set((template.links?.units ?? []).flatMap((unit) => [...unit.resources.keys()]));
  const resources = [...template.resources.values()].filter(({ id }) => !foreign.has(id));
  const functions = resources.filter(isFunction).map(analyseOnce);
  const seen = new Set(functions.flatMap(({ slice }) => [...slice.ids]));
  const others = resources.filter(({ type, id }) => type === "AWS::EC2::Subnet" && !seen.has(id)).map(analyseOnce);
  const analysisOf = ({ analysis }: Sliced): Analysis => analysis;
  return {
    functions: functions.map(analysisOf),
    others: others.map(analysisOf),
    whole: analyseWhole(subject),
    memory: { subject, analyses },
  };
}

/** Returns the whole network of one world, beyond any slice; of the template alone, as fixes can name no more. */
export function wholeNetwork(subject: Subject, assignment: Assignment): Network {
  const { template, surroundings, constants, wholes } = subject;
  const key = JSON.stringify([...assignment].sort());
  const before = wholes.get(key);
  if (before !== undefined) return before;
  const resolver = resolverIn(subject, oracleOf(template.parameters, subject.parameters, assignment));
  const whole = networkOf(template, template.resources.keys(), resolver, surroundings, constants);
  wholes.set(key, whole);
  return whole;
}

/**
 * Returns a function's verdict under the given parameters and defaults. Where a parameter that matters
 * has neither and its worlds differ, the verdict is unknown.
 */
export function verdictOf({ exploration }: Analysis): { verdict: FunctionVerdict; leaf: Leaf<Scene> } | undefined {
  const present = exploration.leaves.filter(({ result }) => result.fn !== undefined);
  const usual = present.filter(({ isDefault }) => isDefault);
  const leaf = usual[0] ?? present[0];
  const verdict = leaf?.result.fn?.verdict;
  if (leaf === undefined || verdict === undefined) return undefined;
  const verdicts = new Set(usual.map(({ result }) => plainVerdict(result.fn?.verdict)));
  return { verdict: verdicts.size > 1 ? "unknown" : verdict, leaf };
}

/** Returns the verdict of each function. */
export function verdictsIn(
  functions: readonly Analysis[],
): readonly { readonly id: string; readonly verdict: FunctionVerdict }[] {
  return functions.flatMap((analysis) => {
    const found = verdictOf(analysis);
    const { resource } = analysis;
    return found === undefined || resource === undefined ? [] : [{ id: resource.id, verdict: found.verdict }];
  });
}

/** Returns one row for every outcome that parameters decide between; none where they do not matter. */
export function dependences({
  exploration,
}: Analysis): readonly { when: Assignment; leaf: Leaf<Scene>; verdict: FunctionVerdict }[] {
  const present = exploration.leaves.filter(({ result }) => result.fn !== undefined);
  if (new Set(present.map(({ result }) => plainVerdict(result.fn?.verdict))).size < 2) return [];
  return outcomes(exploration, ({ result }) => result.fn?.verdict).map(({ outcome, ...row }) => {
    return { ...row, verdict: outcome };
  });
}

/**
 * Returns the smallest assignments under which the worlds have each of their outcomes, with a world of each,
 * the usual one first. Worlds without an outcome fit to any.
 */
export function outcomes<T, V extends string>(
  exploration: Exploration<T>,
  of: (leaf: Leaf<T>) => V | undefined,
): readonly { readonly when: Assignment; readonly leaf: Leaf<T>; readonly outcome: V }[] {
  const found: { when: Assignment; leaf: Leaf<T>; outcome: V }[] = [];
  for (const leaf of exploration.leaves) {
    const outcome = of(leaf);
    if (outcome === undefined || found.some((row) => row.outcome === outcome && follows(leaf.assignment, row.when)))
      continue;
    const when = smallestAssignment(exploration, leaf, (other) => (of(other) ?? outcome) === outcome);
    found.push({ when, leaf, outcome });
  }
  return found;
}

/** Tells whether a world is one of those that an assignment describes. */
function follows(world: Assignment, when: Assignment): boolean {
  return [...when].every(([name, choice]) => {
    const own = world.get(name);
    if (own === undefined) return false;
    if ("is" in choice) return "is" in own && own.is === choice.is;
    return "is" in own ? !choice.not.includes(own.is) : choice.not.every((value) => own.not.includes(value));
  });
}

/** A function outside any VPC has the internet, so the two are no disagreement. */
function plainVerdict(verdict: FunctionVerdict | undefined): FunctionVerdict | undefined {
  return verdict === "not-in-vpc" ? "internet" : verdict;
}

function resolverIn({ template, account }: Subject, oracle: Oracle): Resolver {
  const resolver = createResolver(template, oracle);
  return account === undefined ? resolver : identifying(resolver, template, account);
}

function isFunction({ type }: Resource): boolean {
  return type === "AWS::Lambda::Function" || type === "AWS::Synthetics::Canary";
}

/** One world is enough here, and other ones would cost too much: whatever runs or waits for traffic has its own analysis. */
function analyseWhole(subject: Subject): Analysis {
  const assignment: Assignment = new Map();
  const scene: Scene = { network: wholeNetwork(subject, assignment), fn: undefined, paths: [] };
  return {
    resource: undefined,
    exploration: { leaves: [{ assignment, isDefault: true, result: scene }], complete: false },
  };
}

function analyseIn(subject: Subject, resource: Resource): Sliced {
  const { template, index, surroundings, parameters, destination, constants, account } = subject;
  const slice = sliceOf(index, [resource.id]);
  const evaluate = (oracle: Oracle): Scene => {
    const resolver = resolverIn(subject, oracle);
    const network = networkOf(template, slice.ids, resolver, surroundings, constants, account);
    const fn = network.functions.get(resource.id);
    if (fn !== undefined) {
      const egress = egressOf(network, fn, destination);
      return { network, fn: egress, paths: egress.subnets };
    }
    const subnet = network.subnets.get(resource.id);
    return { network, fn: undefined, paths: subnet === undefined ? [] : [pathsFrom(network, subnet, destination)] };
  };
  const isAllowed = (oracle: Oracle, assignment: Assignment): boolean => assertionsHold(template, oracle, assignment);
  return { slice, analysis: { resource, exploration: explore(template.parameters, parameters, evaluate, isAllowed) } };
}
