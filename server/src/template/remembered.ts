/** What an edit leaves of a text, and what was read of it. */

/** Returns how many characters two texts have in common at their beginning, and how many at their end behind those. */
export function sameEnds(one: string, other: string): { readonly front: number; readonly back: number } {
  const shorter = Math.min(one.length, other.length);
  const front = longest(shorter, (from, to) => one.slice(from, to) === other.slice(from, to));
  const behind = (text: string, from: number, to: number) => text.slice(text.length - to, text.length - from);
  const back = longest(shorter - front, (from, to) => behind(one, from, to) === behind(other, from, to));
  return { front, back };
}

/** Returns up to where things are the same. V8 compares slices many bytes at a time, so this takes one look at each half. */
function longest(most: number, isSame: (from: number, to: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isSame(low, middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What was read of blocks that are gone or have moved, found again by their text. */
export class Remembered<Reading extends { readonly text: string }> {
  readonly #readings = new Map<string, Reading[]>();

  constructor(blocks: readonly { readonly reading?: Reading | undefined }[]) {
    for (const { reading } of blocks) {
      if (reading === undefined) continue;
      const same = this.#readings.get(reading.text);
      if (same === undefined) this.#readings.set(reading.text, [reading]);
      else same.push(reading);
    }
  }

  /** Returns what was read of a text and is good for its new place, so that no other one gets it. */
  take(text: string, isGood: (reading: Reading) => boolean): Reading | undefined {
    const same = this.#readings.get(text);
    const last = same?.at(-1);
    return last !== undefined && isGood(last) ? same?.pop() : undefined;
  }
}
