/**
 * Work done once for each thing that never changes.
 *
 * Nodes and resources are never changed after they are read, and an edit keeps those of the blocks that it
 * leaves alone. So what was worked out for one of them still holds in the next version of the document, and
 * goes away together with it.
 */

/** Returns `work`, which then runs once for each key; it must depend on nothing but the key. */
export function once<Key extends object, Result>(work: (key: Key) => Result): (key: Key) => Result {
  const done = new WeakMap<Key, { readonly result: Result }>();
  return (key) => {
    const before = done.get(key);
    if (before !== undefined) return before.result;
    const result = work(key);
    done.set(key, { result });
    return result;
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
