/**
 * Work done once for each thing that never changes.
 *
 * Nodes and resources are never changed after they are read, and an edit keeps those of the blocks that it
 * leaves alone. So what was worked out for one of them still holds in the next version of the document, and
 * goes away together with it.
 */

/** Returns `work`, which then runs once for each key; it must depend on nothing but the key. */
export function once<Key extends object, Result>(work: (key: Key) => Result): (key: Key) => Result {
  const done = hidden<Key, { readonly result: Result }>();
  return (key) => {
    const before = done.get(key);
    if (before !== undefined) return before.result;
    const result = work(key);
    done.set(key, { result });
    return result;
  };
}

/** Something that is kept with each of many things, and which nobody else sees. */
export interface Hidden<Key extends object, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
}

/**
 * Returns a hidden property for things of one kind. A `WeakMap` that has grown old would keep all that it holds until
 * V8 collects the whole heap, although the keys are long gone; and at every such collection V8 throws away the
 * optimised code of functions within functions.
 */
export function hidden<Key extends object, Value>(): Hidden<Key, Value> {
  const name = Symbol();
  return {
    get: (key) => (key as { readonly [name]?: Value })[name],
    // What is not enumerable, no copy takes along.
    set: (key, value) => {
      Object.defineProperty(key, name, { value, configurable: true });
    },
  };
}

/** Returns `work`, which then runs when it is first called, and not again. */
export function onceAsked<Result>(work: () => Result): () => Result {
  let done: { readonly result: Result } | undefined;
  return () => {
    done ??= { result: work() };
    return done.result;
  };
}

/**
 * Returns what makes things of which some properties are worked out whenever they are read. A copy has what they came
 * to. A getter in an object's own braces would do, but V8 keeps each such function, with all that it knows of, until it
 * collects the whole heap; these are the same for all things.
 */
export function whenRead<Whole extends object, Name extends keyof Whole & string>(...names: readonly Name[]) {
  type Work = { readonly [Key in Name]: () => Whole[Key] };
  const works = hidden<object, Work>();
  const accessors: PropertyDescriptorMap = {};
  for (const name of names) {
    accessors[name] = {
      enumerable: true,
      get(this: object) {
        return works.get(this)?.[name]();
      },
    };
  }
  return (known: Omit<Whole, Name>, work: Work): Whole => {
    const made = Object.defineProperties({ ...known }, accessors);
    works.set(made, work);
    return made as Whole;
  };
}
