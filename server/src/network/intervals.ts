/**
 * Sets of numbers as sorted, disjoint intervals that never touch.
 *
 * Intervals are half-open, so that every operation only compares bounds and never adds one: the same
 * code serves IPv6 addresses as bigints and ports as numbers. Arguments of type `Intervals` must be
 * in this normal form, which `merge` gives and every other function keeps.
 */
export interface Interval<N extends number | bigint> {
  readonly from: N;
  /** The first number that is no longer inside. */
  readonly end: N;
}

export type Intervals<N extends number | bigint> = readonly Interval<N>[];

/** Returns the union of any intervals, in any order, as a set; empty ones vanish. */
export function merge<N extends number | bigint>(intervals: Iterable<Interval<N>>): Intervals<N> {
  const merged: { from: N; end: N }[] = [];
  for (const { from, end } of [...intervals].sort(byStart)) {
    if (from >= end) continue;
    const last = merged.at(-1);
    if (!last || last.end < from) merged.push({ from, end });
    else if (last.end < end) last.end = end;
  }
  return merged;
}

/** Returns what both sets hold. */
export function common<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): Intervals<N> {
  const result: Interval<N>[] = [];
  for (let i = 0, j = 0; ; ) {
    const left = a[i];
    const right = b[j];
    if (!left || !right) return result;
    const starting = left.from < right.from ? right : left;
    const ending = left.end < right.end ? left : right;
    if (starting.from < ending.end) result.push({ from: starting.from, end: ending.end });
    if (ending === left) i++;
    else j++;
  }
}

/** Returns what `a` holds and `b` does not. */
export function without<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): Intervals<N> {
  const result: Interval<N>[] = [];
  let j = 0;
  for (const { from, end } of a) {
    let cursor = from;
    for (let hole = b[j]; hole && hole.from < end; hole = b[++j]) {
      if (cursor < hole.from) result.push({ from: cursor, end: hole.from });
      if (cursor < hole.end) cursor = hole.end;
      // A hole that reaches beyond this interval may cut the next one too.
      if (hole.end > end) break;
    }
    if (cursor < end) result.push({ from: cursor, end });
  }
  return result;
}

function byStart<N extends number | bigint>(a: Interval<N>, b: Interval<N>): number {
  return a.from < b.from ? -1 : a.from > b.from ? 1 : 0;
}
