/** From resources to verdicts: the worlds of one function, or of one part of the network that no function uses. */

import { pathsFrom } from "./network/alternatives";
import { isPlain, networkByNeed, networkIn } from "./network/by-need";
import { type Destination, egressOf } from "./network/egress";
import { networkOf } from "./network/from-template";
import type { Network } from "./network/model";
import { type Slice, sliceOf } from "./network/slice";
import type { FunctionEgress, FunctionVerdict, SubnetEgress } from "./network/verdict";
import { verdictsOf } from "./network/verdict-alone";
import { identifying } from "./network/with-account";
import type { Subject } from "./subject";
import { assertionsHold } from "./template/assertions";
import { createResolver, type Resolver } from "./template/resolve";
import { createStage, type Stage } from "./template/stage";
import type { Resource } from "./template/template";
import {
  type Assignment,
  type Exploration,
  explore,
  type Leaf,
  type Limits,
  type Oracle,
  oracleOf,
  outcomes,
} from "./template/worlds";
import { unchanged } from "./unchanged";

/** At most this many worlds are looked at for a verdict. */
export const verdictCap = 4096;

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
  /** The verdict in all worlds, where they are too many for more to be looked at; undefined where there is no function. */
  readonly verdicts?: Exploration<Answered<FunctionVerdict | undefined>>;
  /**
   * Puts each question to every world that it can tell apart: those that differ only in what nothing looks at are one.
   */
  askAll<T>(questions: readonly Question<T>[]): readonly Exploration<Answered<T>>[];
  /** Does some work that looks at the scene of a world later on. */
  inWorld<T>(assignment: Assignment, work: () => T): T;
}

/** What somebody wants to know of a world. */
export type Question<T> = (scene: Scene, assignment: Assignment) => T;

/** What a question came to in one world. */
export interface Answered<T> {
  readonly answer: T;
  readonly scene: Scene;
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

/** Puts one question to every world that it can tell apart. */
export function ask<T>({ askAll }: Analysis, question: Question<T>): Exploration<Answered<T>> {
  const [exploration] = askAll([question]);
  return exploration ?? { leaves: [], complete: true };
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
  const all =
    verdicts ??
    answered(
      mapped(exploration, ({ fn }) => fn?.verdict),
      (_, at) => exploration.leaves[at]?.result as Scene,
    );
  const present = all.leaves.flatMap((leaf) => verdictIn(leaf) ?? []);
  if (new Set(present.map(plainVerdict)).size < 2) return [];
  return outcomes(all, verdictIn).map(({ when, leaf, outcome }) => ({
    when,
    verdict: outcome,
    scene: () => leaf.result.scene,
  }));
}

function mapped<A, B>(exploration: Exploration<A>, work: (result: A) => B): Exploration<B> {
  return { ...exploration, leaves: exploration.leaves.map((leaf) => ({ ...leaf, result: work(leaf.result) })) };
}

/** A function outside any VPC has the internet, so the two are no disagreement. */
function plainVerdict(verdict: FunctionVerdict): FunctionVerdict {
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
  return analysisOf(undefined, { leaves: [{ assignment, isDefault: true, result: scene }], complete: false });
}

function analyseIn(subject: Subject, resource: Resource): Sliced {
  const { template, index, surroundings, parameters, constants, account } = subject;
  const slice = sliceOf(index, [resource.id]);
  const isAllowed = (oracle: Oracle, assignment: Assignment): boolean => assertionsHold(template, oracle, assignment);
  const exploreAll = <T>(
    evaluate: (oracle: Oracle, assignment: Assignment) => T,
    limits: Limits = { order },
  ): Exploration<T> => explore(template.parameters, parameters, evaluate, isAllowed, limits);
  const readAll = (oracle: Oracle): Network =>
    networkOf(template, slice.ids, resolverIn(subject, oracle), surroundings, constants, account);
  const sceneOf = (network: Network): Scene => sceneIn(network, resource.id, subject.destination);

  // Most slices have one world.
  const { leaves, complete } = exploreAll(readAll, { cap: 1 });
  if (complete) {
    const scenes = leaves.map((leaf) => ({ ...leaf, result: sceneOf(leaf.result) }));
    return { slice, analysis: analysisOf(resource, { leaves: scenes, complete }) };
  }

  const order = [...(leaves[0]?.assignment.keys() ?? [])];
  const worldOf = (assignment: Assignment): Oracle => oracleOf(template.parameters, parameters, assignment);
  const stage = createStage(worldOf(new Map()));
  const isByNeed = account === undefined && isPlain(template);
  const network = isByNeed
    ? networkByNeed(
        template,
        slice.ids,
        createResolver(template, stage.oracle, stage.remember),
        surroundings,
        constants,
        stage,
      )
    : undefined;
  const scene =
    network === undefined
      ? stage.remember(() => sceneOf(readAll(stage.oracle)))
      : onStage(stage, network, resource.id, subject.destination);
  /** What a world showed, to be looked at when another one is on stage. */
  const keep = (assignment: Assignment): Scene => {
    const world = worldOf(assignment);
    const seen = (): Scene => stage.play(world, scene);
    return {
      get network() {
        return network === undefined ? seen().network : networkIn(network, stage, world);
      },
      get fn() {
        return stage.play(world, () => scene().fn);
      },
      get paths() {
        return stage.play(world, () => scene().paths);
      },
    };
  };
  const all = exploreAll((oracle) =>
    stage.play(oracle, () => {
      const { fn, paths } = scene();
      return { fn, paths };
    }),
  );
  const exploration: Exploration<Scene> = {
    ...all,
    leaves: all.leaves.map((leaf) => {
      const { fn, paths } = leaf.result;
      const kept = keep(leaf.assignment);
      return {
        ...leaf,
        result: {
          fn,
          paths,
          get network() {
            return kept.network;
          },
        },
      };
    }),
  };
  const askAll = <T>(questions: readonly Question<T>[]): readonly Exploration<Answered<T>>[] => {
    // What asks the same of the usual world mostly does so in all worlds.
    const groups = new Map<string, { readonly question: Question<T>; readonly usually: T }[]>();
    stage.play(worldOf(new Map()), () => {
      const usual = scene();
      for (const question of questions) {
        const { result: usually, asked } = stage.listen(() => question(usual, new Map()));
        const key = asked.join("\n\n");
        groups.set(key, [...(groups.get(key) ?? []), { question, usually }]);
      }
    });
    const found = new Map<Question<T>, Exploration<Answered<T>>>();
    for (const [sameAsked, group] of groups) {
      const asked = exploreAll((oracle, assignment) =>
        sameAsked === ""
          ? group.map(({ usually }) => usually)
          : stage.play(oracle, () => {
              const now = scene();
              return group.map(({ question }) => question(now, assignment));
            }),
      );
      const kept = asked.leaves.map(({ assignment }) => keep(assignment));
      for (const [index, { question }] of group.entries()) {
        const leaves = asked.leaves.map((leaf) => ({ ...leaf, result: leaf.result[index] as T }));
        found.set(
          question,
          answered({ ...asked, leaves }, (_, at) => kept[at] as Scene),
        );
      }
    }
    return questions.map((question) => found.get(question) ?? { leaves: [], complete: true });
  };
  const verdict =
    all.complete || network === undefined ? undefined : verdictsOf(network, subject.destination, stage.remember);
  const told = (oracle: Oracle): FunctionVerdict | undefined =>
    stage.play(oracle, () => {
      const fn = network?.functions.get(resource.id);
      return fn && verdict?.(fn);
    });
  const verdicts =
    verdict && answered(exploreAll(told, { order, cap: verdictCap }), ({ assignment }) => keep(assignment));
  const inWorld = <T>(assignment: Assignment, work: () => T): T => stage.play(worldOf(assignment), work);
  return { slice, analysis: { resource, exploration, ...(verdicts && { verdicts }), askAll, inWorld } };
}

/** An analysis that looks at nothing beyond what its worlds were found by. */
function analysisOf(resource: Resource | undefined, exploration: Exploration<Scene>): Analysis {
  return {
    resource,
    exploration,
    askAll: (questions) =>
      questions.map((question) => ({
        complete: exploration.complete,
        leaves: exploration.leaves.map(({ assignment, isDefault, result: scene }) => {
          return { assignment, isDefault, result: { answer: question(scene, assignment), scene } };
        }),
      })),
    inWorld: (_, work) => work(),
  };
}

function answered<T>(
  { leaves, ...rest }: Exploration<T>,
  sceneOf: (leaf: Leaf<T>, at: number) => Scene,
): Exploration<Answered<T>> {
  const all = leaves.map((leaf, at) => ({ ...leaf, result: { answer: leaf.result, scene: sceneOf(leaf, at) } }));
  return { ...rest, leaves: all };
}

function sceneIn(network: Network, id: string, destination: Destination): Scene {
  const fn = network.functions.get(id);
  if (fn !== undefined) {
    const egress = egressOf(network, fn, destination);
    return { network, fn: egress, paths: egress.subnets };
  }
  const subnet = network.subnets.get(id);
  return { network, fn: undefined, paths: subnet === undefined ? [] : [pathsFrom(network, subnet, destination)] };
}

/** Returns the scene of whatever world is on stage, of which only what is looked at is worked out. */
function onStage(stage: Stage, network: Network, id: string, destination: Destination): () => Scene {
  const seen = stage.remember(() => {
    const { fn, paths } = sceneIn(network, id, destination);
    return { fn, paths };
  });
  return () => ({
    // What is kept by network is of one world.
    network: Object.create(network) as Network,
    get fn() {
      return seen().fn;
    },
    get paths() {
      return seen().paths;
    },
  });
}
