/** What was read of the blocks of an earlier text, found again in a later one. */

interface Read {
  readonly text: string;
}

export class Remembered<Reading extends Read> {
  /** Readings of the blocks before and behind an edit, by the index of their place. */
  readonly #expected: Reading[] = [];
  /** The other readings by their text: where the edit was, or a block has moved. */
  readonly #others = new Map<string, Reading[]>();
  readonly #text: string;
  readonly #places: readonly { readonly start: number; readonly end: number }[];

  /** Finds those of `readings`, in their order, that stand in the places of a text. */
  constructor(
    text: string,
    places: readonly { readonly start: number; readonly end: number }[],
    readings: readonly Reading[],
  ) {
    this.#text = text;
    this.#places = places;
    const matches = (index: number, reading: Reading | undefined): boolean => {
      const at = places[index];
      if (at === undefined || reading?.text.length !== at.end - at.start) return false;
      // V8 compares a slice with a string many bytes at a time, and `startsWith` a character at a time.
      if (text.slice(at.start, at.end) !== reading.text) return false;
      this.#expected[index] = reading;
      return true;
    };
    let front = 0;
    while (matches(front, readings[front])) front++;
    let back = readings.length;
    const shift = places.length - readings.length;
    while (back > front && back + shift > front && matches(back - 1 + shift, readings[back - 1])) back--;
    for (const reading of readings.slice(front, back)) {
      const same = this.#others.get(reading.text);
      if (same === undefined) this.#others.set(reading.text, [reading]);
      else same.push(reading);
    }
  }

  /** Returns what was read of the text in a place, and is good for it. */
  find(index: number, isGood: (reading: Reading) => boolean): Reading | undefined {
    const expected = this.#expected[index];
    if (expected !== undefined && isGood(expected)) return expected;
    const { start, end } = this.#places[index] ?? { start: 0, end: 0 };
    return this.moved(start, end, isGood);
  }

  /** Returns what was read elsewhere of the same text as stands here, and is good for it. */
  moved(start: number, end: number, isGood: (reading: Reading) => boolean): Reading | undefined {
    if (this.#others.size === 0) return undefined;
    const other = this.#others.get(this.#text.slice(start, end))?.at(-1);
    return other !== undefined && isGood(other) ? other : undefined;
  }

  /** Hears that a reading has found its place, so that no other one gets it. */
  take(reading: Reading): void {
    const same = this.#others.size > 0 ? this.#others.get(reading.text) : undefined;
    if (same?.at(-1) === reading) same.pop();
  }
}
