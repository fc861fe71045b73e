/**
 * A template stands for several networks, one a combination of parameter values. Worlds are found by
 * need: evaluation runs with defaults and asks about a parameter only when something it looks at depends
 * on it; every question with more than one possible answer opens the other answers as further worlds.
 * Conditions that nothing looks at cost nothing.
 */
import type { Parameter } from "./template";

/** What a world says of one parameter: its value, or the values it does not have. */
export type Choice = { readonly is: string } | { readonly not: readonly string[] };

/** Parameter name (or the text of an undecidable comparison) to what this world says of it. */
export type Assignment = ReadonlyMap<string, Choice>;

export interface Oracle {
  /**
   * Returns which of `options` the parameter equals in this world, undefined for none; may open worlds.
   * What is asked about may also be a value made of parameters, by its text; `usual` then is its default.
   */
  ask(parameter: string, options: readonly string[], usual?: string): string | undefined;
  /** Returns the parameter's text in this world without opening worlds unless its AllowedValues are finite. */
  text(parameter: string): string | undefined;
  /** Returns the parameter's text where it is given or decided in this world, or has few AllowedValues; never a mere default. */
  fixed(parameter: string): string | undefined;
  /** Returns the parameter's text where the caller has bound it. */
  given(parameter: string): string | undefined;
  /** Returns whether a comparison that no parameter value decides holds; `likely` is tried first. */
  holds(comparison: string, likely: boolean): boolean;
}

export interface Leaf<T> {
  readonly assignment: Assignment;
  /**
   * Given values and defaults all agree with this world. Where the template's Rules refuse the defaults,
   * the worlds that differ least from them stand in their place.
   */
  readonly isDefault: boolean;
  readonly result: T;
}

export interface Exploration<T> {
  /** The first leaf is the world of the given values and defaults. */
  readonly leaves: readonly Leaf<T>[];
  /** False when the cap was reached; the leaves then are the default world and its nearest neighbours. */
  readonly complete: boolean;
}

/** At most this many worlds are looked at for one function. */
export const worldCap = 256;

/** More allowed values than this are not tried one by one when a parameter's text is read. */
const textCap = 8;

export interface Limits {
  /** At most this many worlds are looked at. */
  readonly cap?: number;
  /** Names in the order in which reports tell of them, and in which the worlds next to the default one follow it. */
  readonly order?: readonly string[];
}

/**
 * Returns the results of `evaluate` in every world that it can tell apart, the default world first. Worlds
 * that `isAllowed` refuses are left out, unless it refuses all of them.
 */
export function explore<T>(
  parameters: ReadonlyMap<string, Parameter>,
  given: Readonly<Record<string, string>>,
  evaluate: (oracle: Oracle, assignment: Assignment) => T,
  isAllowed: (oracle: Oracle, assignment: Assignment) => boolean = () => true,
  { cap = worldCap, order = [] }: Limits = {},
): Exploration<T> {
  const places = new Map(order.map((name, at) => [name, at]));
  const placeOf = (name: string): number => places.get(name) ?? order.length;
  const worlds: World<T>[] = [];
  const queue: (readonly number[])[] = [[]];
  for (let next = 0; next < queue.length && worlds.length < cap; next++) {
    const prefix = queue[next] ?? [];
    const run = createRun(parameters, given, prefix);
    const result = evaluate(run.oracle, run.assignment);
    const allowed = isAllowed(run.oracle, run.assignment);
    const assignment = new Map([...run.assignment].sort(([one], [other]) => placeOf(one) - placeOf(other)));
    const turns = run.taken
      .flatMap(({ name, branch }) => (branch > 0 ? [{ at: placeOf(name), branch }] : []))
      .sort((one, other) => one.at - other.at);
    worlds.push({ assignment, deviations: run.deviations(), result, allowed, turns });
    for (let at = prefix.length; at < run.taken.length; at++) {
      const branches = run.taken[at]?.branches ?? 1;
      for (let branch = 1; branch < branches; branch++) {
        queue.push([...run.taken.slice(0, at).map(({ branch }) => branch), branch]);
      }
    }
  }
  const allowed = worlds.some((world) => world.allowed) ? worlds.filter((world) => world.allowed) : worlds;
  const fewest = Math.min(...allowed.map(({ deviations }) => deviations));
  const leaves = allowed
    .sort(byNearness)
    .map(({ assignment, result, deviations }) => ({ assignment, result, isDefault: deviations === fewest }));
  return { leaves, complete: queue.length === worlds.length };
}

interface World<T> extends Omit<Leaf<T>, "isDefault"> {
  readonly deviations: number;
  readonly allowed: boolean;
  /** Where another than the likeliest answer was given, which one. */
  readonly turns: readonly { readonly at: number; readonly branch: number }[];
}

/** Worlds with fewer deviations come first, then those with fewer turns, then those that turn earlier. */
function byNearness(left: World<unknown>, right: World<unknown>): number {
  const difference = left.deviations - right.deviations || left.turns.length - right.turns.length;
  if (difference !== 0) return difference;
  for (const [index, { at, branch }] of left.turns.entries()) {
    const other = right.turns[index];
    if (other !== undefined && (at !== other.at || branch !== other.branch))
      return at - other.at || branch - other.branch;
  }
  return 0;
}

/** Tells whether one world may satisfy both assignments. */
export function compatible(left: Assignment, right: Assignment): boolean {
  for (const [name, one] of left) {
    const other = right.get(name);
    if (other === undefined) continue;
    if ("is" in one) {
      if ("is" in other ? one.is !== other.is : other.not.includes(one.is)) return false;
    } else if ("is" in other && one.not.includes(other.is)) return false;
  }
  return true;
}

/**
 * Returns the smallest part of a leaf's assignment under which every leaf satisfies `shows`: what a
 * person must know to see the same. Empty when the outcome does not depend on parameters.
 */
export function smallestAssignment<T>(
  exploration: Exploration<T>,
  leaf: Leaf<T>,
  shows: (leaf: Leaf<T>) => boolean,
): Assignment {
  const others = exploration.leaves.filter((other) => !shows(other));
  const smallest = new Map(leaf.assignment);
  for (const name of leaf.assignment.keys()) {
    const choice = smallest.get(name);
    if (choice === undefined) continue;
    smallest.delete(name);
    if (others.some((other) => compatible(smallest, other.assignment))) smallest.set(name, choice);
  }
  return smallest;
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

/** Returns an oracle that answers from a world and, where that is silent, by defaults; it opens no worlds. */
export function oracleOf(
  parameters: ReadonlyMap<string, Parameter>,
  given: Readonly<Record<string, string>>,
  assignment: Assignment,
): Oracle {
  return createRun(parameters, given, [], assignment).oracle;
}

interface Taken {
  /** What was asked about. */
  readonly name: string;
  readonly branch: number;
  readonly branches: number;
}

function createRun(
  parameters: ReadonlyMap<string, Parameter>,
  given: Readonly<Record<string, string>>,
  prefix: readonly number[],
  settled: Assignment = new Map(),
) {
  const taken: Taken[] = [];
  const decided = new Map<string, Choice>(settled);
  /** How many decisions are not what given values and defaults say. */
  let deviations = 0;

  /** Takes the branch that the prefix prescribes, else the first one. */
  const take = (name: string, branches: number): number => {
    const branch = prefix[taken.length] ?? 0;
    taken.push({ name, branch, branches });
    return branch;
  };

  const usual = (name: string): string | undefined => {
    if (Object.hasOwn(given, name)) return given[name];
    const parameter = parameters.get(name);
    return parameter === undefined || parameter.type.startsWith("AWS::SSM::") ? undefined : parameter.default;
  };

  const ask = (name: string, options: readonly string[], fallback?: string): string | undefined => {
    if (Object.hasOwn(given, name)) return options.find((option) => option === given[name]);
    const before = decided.get(name);
    if (before !== undefined && "is" in before) return options.find((option) => option === before.is);
    const excluded = before === undefined ? [] : before.not;
    const allowed = parameters.get(name)?.allowed?.filter((value) => !excluded.includes(value));
    const reachable = [...new Set(options)].filter(
      (option) => !excluded.includes(option) && (allowed === undefined || allowed.includes(option)),
    );
    const others = allowed?.filter((value) => !options.includes(value));
    const byDefault = usual(name) ?? fallback;
    const likely = byDefault !== undefined && reachable.includes(byDefault) ? byDefault : undefined;
    const open = others === undefined || others.length > 0 || reachable.length === 0;
    const answers: readonly (string | undefined)[] = open ? [...reachable, undefined] : reachable;
    // The default world is looked at first.
    const isLikely = (answer: string | undefined): boolean => byDefault !== undefined && answer === likely;
    const possible = [...answers.filter(isLikely), ...answers.filter((answer) => !isLikely(answer))];
    if (possible.length === 1) return possible[0];
    const answer = possible[take(name, possible.length)];
    if (answer !== undefined) decided.set(name, { is: answer });
    else if (others?.length === 1 && others[0] !== undefined) decided.set(name, { is: others[0] });
    else decided.set(name, { not: [...new Set([...excluded, ...options])] });
    if (byDefault !== undefined && (answer === undefined ? options.includes(byDefault) : answer !== byDefault)) {
      deviations++;
    }
    return answer;
  };

  const fixed = (name: string): string | undefined => {
    if (Object.hasOwn(given, name)) return given[name];
    const decision = decided.get(name);
    if (decision !== undefined && "is" in decision) return decision.is;
    const allowed = parameters.get(name)?.allowed;
    return allowed !== undefined && allowed.length <= textCap ? ask(name, allowed) : undefined;
  };

  const text = (name: string): string | undefined => {
    const certain = fixed(name);
    if (certain !== undefined) return certain;
    const decision = decided.get(name);
    const value = usual(name);
    return decision !== undefined && "not" in decision && decision.not.includes(value ?? "") ? undefined : value;
  };

  const holds = (comparison: string, likely: boolean): boolean => {
    const before = decided.get(comparison);
    if (before !== undefined) return "is" in before && before.is === "true";
    const answer = take(comparison, 2) === 0 ? likely : !likely;
    decided.set(comparison, { is: String(answer) });
    if (answer !== likely) deviations++;
    return answer;
  };

  const isGiven = (name: string): string | undefined => (Object.hasOwn(given, name) ? given[name] : undefined);

  const oracle: Oracle = { ask, text, fixed, given: isGiven, holds };
  return { oracle, taken, assignment: decided as Assignment, deviations: () => deviations };
}
