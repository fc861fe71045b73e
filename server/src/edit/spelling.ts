/** Words that were meant for others. */

/**
 * Tells whether one name was likely meant for the other: a letter or two differ, but not the one at the end, by which
 * names such as `SubnetA` and `SubnetB` are told apart.
 */
export function isNear(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  const endsAlike = a.at(-1) === b.at(-1) || a.startsWith(b) || b.startsWith(a);
  return a === b || (endsAlike && Math.min(a.length, b.length) > 4 && distance(a, b) <= 2);
}

/** Returns how many letters must be added, removed or replaced to make one word of the other (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
