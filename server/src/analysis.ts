/** From resources to verdicts: the worlds of one function, or of one part of the network that no function uses. */

import { analyseConditional } from "./conditional";
import { declaredBy, networkFrom } from "./network/from-template";
import type { Network } from "./network/model";
import { type Slice, sliceOf } from "./network/slice";
import type { FunctionVerdict } from "./network/verdict";
import { type Analysis, type Answered, exploreIn, groundOf, type Scene, sceneIn, seenAtOnce } from "./scene";
import type { Subject } from "./subject";
import type { Resource } from "./template/template";
import { type Assignment, type Exploration, type Leaf, oracleOf, outcomes } from "./template/worlds";
import { unchanged } from "./unchanged";

/** The analyses of one text, kept for the next one: those that no edit touches need not be done again. */
export interface Memory {
  readonly subject: Subject;
  readonly analyses: ReadonlyMap<string, Sliced>;
  readonly whole: Analysis;
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
  // What it finds to be the same in every world is not read again for any slice.
  const whole = before !== undefined && same?.whole === true ? before.whole : analyseWhole(subject);
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
  const seen = new Set<string>();
  for (const { slice } of functions) for (const id of slice.ids) seen.add(id);
  const others = resources.filter(({ type, id }) => type === "AWS::EC2::Subnet" && !seen.has(id)).map(analyseOnce);
  const analysisOf = ({ analysis }: Sliced): Analysis => analysis;
  return {
    functions: functions.map(analysisOf),
    others: others.map(analysisOf),
    whole,
    memory: { subject, analyses, whole },
  };
}

/** Returns the whole network of one world, beyond any slice; of the template alone, as fixes can name no more. */
export function wholeNetwork(subject: Subject, assignment: Assignment): Network {
  const { template, surroundings, wholes } = subject;
  const key = JSON.stringify([...assignment].sort());
  const before = wholes.get(key);
  if (before !== undefined) return before;
  const { stage, readings } = groundOf(subject);
  const whole = stage.play(oracleOf(template.parameters, subject.parameters, assignment), () =>
    networkFrom(declaredBy(template, template.resources.keys(), readings), surroundings),
  );
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
  const verdicts = new Set(
    usual.flatMap(({ result }) => (result.fn === undefined ? [] : plainVerdict(result.fn.verdict))),
  );
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
  verdicts,
}: Analysis): readonly { when: Assignment; verdict: FunctionVerdict; scene(): Scene }[] {
  const verdictIn = ({ result: { answer } }: Leaf<Answered<FunctionVerdict | undefined>>) => answer;
  const seen = exploration.leaves.map((leaf) => ({
    ...leaf,
    result: { answer: leaf.result.fn?.verdict, scene: leaf.result },
  }));
  const all = verdicts ?? { ...exploration, leaves: seen };
  const present = all.leaves.flatMap((leaf) => verdictIn(leaf) ?? []);
  if (new Set(present.map(plainVerdict)).size < 2) return [];
  return outcomes(all, verdictIn).map(({ when, leaf, outcome }) => ({
    when,
    verdict: outcome,
    scene: () => leaf.result.scene,
  }));
}

/** A function outside any VPC has the internet, so the two are no disagreement. */
function plainVerdict(verdict: FunctionVerdict): FunctionVerdict {
  return verdict === "not-in-vpc" ? "internet" : verdict;
}

/** Tells whether a resource is a Lambda function, or brings one along. */
export function isFunction({ type }: Pick<Resource, "type">): boolean {
  return type === "AWS::Lambda::Function" || type === "AWS::Synthetics::Canary";
}

/** One world is enough here, and other ones would cost too much: whatever runs or waits for traffic has its own analysis. */
function analyseWhole(subject: Subject): Analysis {
  const scene: Scene = { network: wholeNetwork(subject, new Map()), fn: undefined, paths: [] };
  return seenAtOnce(undefined, { ...onlyWorld(scene), complete: false });
}

function analyseIn(subject: Subject, resource: Resource): Sliced {
  const { template, index, constants, surroundings, account } = subject;
  const { stage, readings } = groundOf(subject);
  const slice = sliceOf(index, [resource.id]);
  const declared = () => declaredBy(template, slice.ids, readings);
  // Most slices have one world.
  const { leaves, complete } = [...slice.ids].every((id) => constants.has(id))
    ? onlyWorld(declared())
    : exploreIn(subject, (oracle) => stage.play(oracle, declared), { cap: 1 });
  if (!complete) {
    const order = [...(leaves[0]?.assignment.keys() ?? [])];
    return { slice, analysis: analyseConditional(subject, slice, resource, order) };
  }
  const scenes = leaves.map((leaf) => {
    const network = networkFrom(leaf.result, surroundings, account);
    return { ...leaf, result: sceneIn(network, resource, subject) };
  });
  return { slice, analysis: seenAtOnce(resource, { leaves: scenes, complete }) };
}

/** Returns what the worlds come to where nothing tells them apart. */
function onlyWorld<T>(result: T): Exploration<T> {
  return { leaves: [{ assignment: new Map(), isDefault: true, result }], complete: true };
}
