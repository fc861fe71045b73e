/** What worlds show of the resource under analysis, and how they are asked. */
import { pathsFrom } from "./network/alternatives";
import { egressOf } from "./network/egress";
import type { Network } from "./network/model";
import { type Readings, readingsOf } from "./network/readings";
import type { FunctionEgress, FunctionVerdict, SubnetEgress } from "./network/verdict";
import { identifying } from "./network/with-account";
import type { Subject } from "./subject";
import { assertionsHold } from "./template/assertions";
import { once } from "./template/once";
import { createResolver } from "./template/resolve";
import { createStage, type Stage } from "./template/stage";
import type { Resource } from "./template/template";
import { type Assignment, type Exploration, explore, type Limits, type Oracle, oracleOf } from "./template/worlds";

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

/** Puts one question to every world that it can tell apart. */
export function ask<T>({ askAll }: Analysis, question: Question<T>): Exploration<Answered<T>> {
  const [exploration] = askAll([question]);
  return exploration ?? { leaves: [], complete: true };
}

/** Returns an analysis that looks at nothing beyond what its worlds were found by. */
export function seenAtOnce(resource: Resource | undefined, exploration: Exploration<Scene>): Analysis {
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

/** Returns the resource in a network: a function with all that is known of it, or a subnet with its way out. */
export function sceneIn(network: Network, { id }: Resource, { destination }: Subject): Scene {
  const fn = network.functions.get(id);
  if (fn !== undefined) {
    const egress = egressOf(network, fn, destination);
    return { network, fn: egress, paths: egress.subnets };
  }
  const subnet = network.subnets.get(id);
  return { network, fn: undefined, paths: subnet === undefined ? [] : [pathsFrom(network, subnet, destination)] };
}

/** Explores the worlds of a template with its parameters as they are bound. */
export function exploreIn<T>(
  { template, parameters }: Subject,
  evaluate: (oracle: Oracle, assignment: Assignment) => T,
  limits: Limits,
): Exploration<T> {
  const isAllowed = (oracle: Oracle, assignment: Assignment): boolean => assertionsHold(template, oracle, assignment);
  return explore(template.parameters, parameters, evaluate, isAllowed, limits);
}

/** Where all worlds of a template are looked at, one at a time, and what its resources declare there. */
export interface Ground {
  readonly stage: Stage;
  readonly readings: Readings;
}

/** Returns the ground of a template: what one function's worlds have found out there need not be found out for another. */
export const groundOf = once(({ template, parameters, constants, account }: Subject): Ground => {
  const stage = createStage(oracleOf(template.parameters, parameters, new Map()));
  const plain = createResolver(template, stage.oracle, stage.remember);
  // An account's things are known by their ids.
  const resolver = account === undefined ? plain : identifying(plain, template, account);
  return { stage, readings: readingsOf(template, resolver, constants, stage.remember) };
});
