/**
 * Where worlds are looked at, one at a time. What is worked out on a stage remembers which answers of the world it has
 * used; in another world that gives the same answers it is taken from there.
 */
import type { Oracle } from "./worlds";

export interface Stage {
  /** Speaks for the world that is on stage. */
  readonly oracle: Oracle;
  /** Does some work, and returns with its result what it has asked of the world on stage, each question once. */
  listen<T>(work: () => T): { readonly result: T; readonly asked: readonly string[] };
  /** Puts a world on stage while something is worked out. */
  play<T>(world: Oracle, work: () => T): T;
  /**
   * Returns what gives the result of `work` in the world on stage. The result must depend on nothing but the oracle's
   * answers, and is one object in all worlds that give the same ones.
   */
  readonly remember: Remember;
}

export type Remember = <T>(work: () => T) => () => T;

/** Remembers for a single world, where what was worked out once holds for ever. */
export const onlyOnce: Remember = (work) => {
  let done: { readonly result: ReturnType<typeof work> } | undefined;
  return () => {
    done ??= { result: work() };
    return done.result;
  };
};

type Answer = string | boolean | undefined;

/** A question that can be put to another world. */
interface Question {
  readonly key: string;
  readonly ask: (world: Oracle) => Answer;
}

interface Performance {
  readonly world: Oracle;
  /** What was asked so far; a list where something remembered was used. */
  readonly asked: (Question | readonly Question[])[];
}

/** A decision tree: the questions in the order in which they are asked, a result at the end of each branch. */
interface Tree<T> {
  question?: Question;
  branches?: Map<Answer, Tree<T>>;
  result?: { readonly of: T; readonly asked: readonly Question[] };
}

/** Returns a stage; while no world is on it, `usual` is. */
export function createStage(usual: Oracle): Stage {
  let current: Performance = { world: usual, asked: [] };

  const ask = <T extends Answer>(key: string, question: (world: Oracle) => T): T => {
    current.asked.push({ key, ask: question });
    return question(current.world);
  };

  const oracle: Oracle = {
    ask: (...args) => ask(`ask ${args[0]}\n${args[2] ?? ""}\n${args[1].join("\n")}`, (world) => world.ask(...args)),
    text: (name) => ask(`text ${name}`, (world) => world.text(name)),
    fixed: (name) => ask(`fixed ${name}`, (world) => world.fixed(name)),
    holds: (...args) => ask(`holds ${args[1]} ${args[0]}`, (world) => world.holds(...args)),
    // What is bound is bound in all worlds.
    given: usual.given,
  };

  function play<T>(world: Oracle, work: () => T): T {
    const before = current;
    current = { world, asked: [] };
    try {
      return work();
    } finally {
      current = before;
    }
  }

  function listen<T>(work: () => T): ReturnType<Stage["listen"]> & { readonly result: T } {
    const { asked } = current;
    const start = asked.length;
    const result = work();
    return { result, asked: [...once(asked, start).keys()] };
  }

  function remember<T>(work: () => T): () => T {
    const root: Tree<T> = {};
    let last: { readonly by: Performance; readonly found: NonNullable<Tree<T>["result"]> } | undefined;
    return () => {
      const by = current;
      const known = last?.by === by ? last.found : follow(root, by.world);
      const found = known ?? watch(root, by, work);
      if (found.asked.length > 0 && known !== undefined) by.asked.push(found.asked);
      last = { by, found };
      return found.of;
    };
  }

  return { oracle, listen, play, remember };
}

/** Returns what the tree holds for a world, as far as it has grown. */
function follow<T>(root: Tree<T>, world: Oracle): Tree<T>["result"] {
  let tree: Tree<T> | undefined = root;
  while (tree?.question !== undefined) tree = tree.branches?.get(tree.question.ask(world));
  return tree?.result;
}

/** Each question since `start` by its key, in the order in which they were asked first. */
function once(asked: Performance["asked"], start: number): ReadonlyMap<string, Question> {
  if (asked.length === start) return none;
  const questions = new Map<string, Question>();
  // What is remembered is often used several times, each time with the same list.
  for (const entry of new Set(asked.slice(start))) {
    for (const one of "key" in entry ? [entry] : entry) questions.set(one.key, one);
  }
  return questions;
}

const none: ReadonlyMap<string, Question> = new Map();

/** Works something out, and has the tree grow by the branch that leads there. */
function watch<T>(root: Tree<T>, by: Performance, work: () => T): NonNullable<Tree<T>["result"]> {
  const start = by.asked.length;
  const of = work();
  const result = { of, asked: [...once(by.asked, start).values()] };
  let tree = root;
  for (const question of result.asked) {
    tree.question ??= question;
    tree.branches ??= new Map();
    const answer = question.ask(by.world);
    const next: Tree<T> = tree.branches.get(answer) ?? {};
    tree.branches.set(answer, next);
    tree = next;
  }
  tree.result = result;
  return result;
}
