/** From resources to verdicts: the worlds of one function, or of one part of the network that no function uses. */

import { pathsFrom } from "./network/alternatives";
import { type Destination, egressOf } from "./network/egress";
import { type Constants, networkOf, type Surroundings, surroundingsOf } from "./network/from-template";
import type { Network } from "./network/model";
import { indexTemplate, type SliceIndex, sliceOf } from "./network/slice";
import type { FunctionEgress, FunctionVerdict, SubnetEgress } from "./network/verdict";
import { assertionsHold } from "./template/assertions";
import { createResolver } from "./template/resolve";
import type { Resource, Template } from "./template/template";
import {
  type Assignment,
  type Exploration,
  explore,
  type Leaf,
  type Oracle,
  oracleOf,
  smallestAssignment,
} from "./template/worlds";

/** A template made ready for analysis, once for all functions. */
export interface Subject {
  readonly template: Template;
  readonly index: SliceIndex;
  readonly surroundings: Surroundings;
  readonly parameters: Readonly<Record<string, string>>;
  readonly destination: Destination;
  readonly constants: Constants;
  /** Whole networks already built, by their world. */
  readonly wholes: Map<string, Network>;
}

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

/** Returns a template with everything that its analyses share. */
export function subjectOf(
  template: Template,
  parameters: Readonly<Record<string, string>>,
  destination: Destination,
): Subject {
  return {
    template,
    index: indexTemplate(template),
    surroundings: surroundingsOf(template),
    parameters,
    destination,
    constants: new Map(),
    wholes: new Map(),
  };
}

/**
 * Returns the analyses of a template: each function, then subnets that no function's slice holds, then
 * all of it in the usual world, for what is in no slice.
 */
export function analyse(subject: Subject): {
  readonly functions: readonly Analysis[];
  readonly others: readonly Analysis[];
  readonly whole: Analysis;
} {
  const { template, index } = subject;
  const resources = [...template.resources.values()];
  const seen = new Set<string>();
  const functions = resources.filter(isFunction).map((resource) => {
    const slice = sliceOf(index, [resource.id]);
    for (const id of slice) seen.add(id);
    return analyseIn(subject, resource, slice);
  });
  const others = resources
    .filter(({ type, id }) => type === "AWS::EC2::Subnet" && !seen.has(id))
    .map((resource) => analyseIn(subject, resource, sliceOf(index, [resource.id])));
  return { functions, others, whole: analyseWhole(subject) };
}

/** Returns the whole network of one world, beyond any slice. */
export function wholeNetwork(subject: Subject, assignment: Assignment): Network {
  const { template, surroundings, constants, wholes } = subject;
  const key = JSON.stringify([...assignment].sort());
  const before = wholes.get(key);
  if (before !== undefined) return before;
  const resolver = createResolver(template, oracleOf(template.parameters, subject.parameters, assignment));
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

/** Returns one row for every outcome that parameters decide between; none where they do not matter. */
export function dependences({ exploration }: Analysis): readonly { when: Assignment; verdict: FunctionVerdict }[] {
  const present = exploration.leaves.filter(({ result }) => result.fn !== undefined);
  if (new Set(present.map(({ result }) => plainVerdict(result.fn?.verdict))).size < 2) return [];
  const rows = new Map<string, { when: Assignment; verdict: FunctionVerdict }>();
  for (const leaf of present) {
    const verdict = leaf.result.fn?.verdict ?? "unknown";
    const when = smallestAssignment(
      exploration,
      leaf,
      ({ result }) => result.fn === undefined || result.fn.verdict === verdict,
    );
    rows.set(JSON.stringify([[...when].sort(), verdict]), { when, verdict });
  }
  return [...rows.values()];
}

/** A function outside any VPC has the internet, so the two are no disagreement. */
function plainVerdict(verdict: FunctionVerdict | undefined): FunctionVerdict | undefined {
  return verdict === "not-in-vpc" ? "internet" : verdict;
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

function analyseIn(subject: Subject, resource: Resource, slice: ReadonlySet<string>): Analysis {
  const { template, surroundings, parameters, destination, constants } = subject;
  const evaluate = (oracle: Oracle): Scene => {
    const network = networkOf(template, slice, createResolver(template, oracle), surroundings, constants);
    const fn = network.functions.get(resource.id);
    if (fn !== undefined) {
      const egress = egressOf(network, fn, destination);
      return { network, fn: egress, paths: egress.subnets };
    }
    const subnet = network.subnets.get(resource.id);
    return { network, fn: undefined, paths: subnet === undefined ? [] : [pathsFrom(network, subnet, destination)] };
  };
  const isAllowed = (oracle: Oracle, assignment: Assignment): boolean => assertionsHold(template, oracle, assignment);
  return { resource, exploration: explore(template.parameters, parameters, evaluate, isAllowed) };
}
