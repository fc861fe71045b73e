/** The same within brackets, which is all of a JSON template and every `[a, b]` of a YAML one. */
import type { Path, Place } from "./place";

interface Frame {
  readonly list: boolean;
  readonly tag: string | undefined;
  index: number;
  /** The key whose value comes next, or is written. */
  key: string | undefined;
  /** A value is written, so that only a comma can follow. */
  full: boolean;
}

export class Brackets {
  readonly #text: string;
  readonly #offset: number;
  readonly #base: Path;
  /** In YAML, the column of the key that the brackets belong to: no line in it, or before it, is part of them. */
  readonly #column: number | undefined;
  readonly #frames: Frame[] = [];

  constructor(text: string, offset: number, base: Path, column?: number) {
    this.#text = text;
    this.#offset = offset;
    this.#base = base;
    this.#column = column;
  }

  /** Reads from an opening bracket; returns the offset behind its end, or the cursor's place. */
  read(start: number, tag: string | undefined): number | Place | undefined {
    const text = this.#text;
    let at = start;
    let open: string | undefined = tag;
    let pending: string | undefined;
    while (at < text.length) {
      if (at >= this.#offset) return this.#empty();
      const frame = this.#frames.at(-1);
      const char = text.charAt(at);
      if (char === "[" || char === "{") {
        this.#frames.push({ list: char === "[", tag: open, index: 0, key: undefined, full: false });
        open = undefined;
        pending = undefined;
        at++;
      } else if (char === "]" || char === "}") {
        this.#frames.pop();
        at++;
        const outer = this.#frames.at(-1);
        if (outer === undefined) return at;
        outer.full = true;
      } else if (char === ",") {
        if (frame !== undefined) {
          frame.index++;
          frame.key = undefined;
          frame.full = false;
        }
        pending = undefined;
        at++;
      } else if (char === ":" && pending !== undefined && frame?.key === undefined) {
        if (frame !== undefined) frame.key = pending;
        at++;
      } else if (char === "\n" && this.#isOver(at)) {
        return at;
      } else if (/\s/.test(char)) {
        at++;
      } else if (char === "#" && this.#column !== undefined) {
        const newline = text.indexOf("\n", at);
        if (newline < 0 || newline >= this.#offset) return undefined;
        at = newline;
      } else {
        const end = this.#token(at);
        const isKey = frame?.list === false && frame.key === undefined;
        const name = /^!(\w+)\s*$/.exec(text.slice(at, end))?.[1];
        if (name !== undefined && /^[ \t]*[[{]/.test(text.slice(end, end + 20)) && this.#offset > end) open = name;
        else if (this.#offset <= end) return isKey ? undefined : this.#place(at, end);
        else if (isKey) pending = unquoted(text.slice(at, end));
        else if (frame !== undefined) frame.full = true;
        at = Math.max(end, at + 1);
      }
    }
    return at >= this.#offset ? this.#empty() : at;
  }

  /** The cursor's place where it touches no value's end: before a value on its line, it means that one. */
  #empty(): Place | undefined {
    const behind = /[ \t]*/y;
    behind.lastIndex = this.#offset;
    behind.test(this.#text);
    const next = this.#text.charAt(behind.lastIndex);
    if (/^[,\]}\r\n]?$/.test(next) || (next === "#" && this.#column !== undefined)) {
      const place = this.#place(this.#offset, this.#offset);
      return place && { ...place, trail: this.#isFollowed() ? "," : "" };
    }
    const isAtValue = behind.lastIndex === this.#offset && next !== "{" && next !== "[";
    return isAtValue ? this.#place(this.#offset, this.#token(this.#offset)) : undefined;
  }

  /** What stands on the next lines is parted by a comma: an item of the same list, or the next key of the same map. */
  #isFollowed(): boolean {
    const newline = this.#text.indexOf("\n", this.#offset);
    const next = /\s*(?:(,|\]|\}|#|$)|("(?:[^"\\\n]|\\.)*"\s*:))?/y;
    next.lastIndex = this.#offset;
    const [, end, key] = next.exec(this.#text) ?? [];
    if (end !== undefined || (newline >= 0 && this.#isOver(newline))) return false;
    return (this.#frames.at(-1)?.list === true) === (key === undefined);
  }

  /** Returns the end of a scalar; a quote that nobody closed ends with its line, or before the bracket that closes it. */
  #token(start: number): number {
    const text = this.#text;
    const tagged = /!\w+[ \t]+(?=["'])/y;
    tagged.lastIndex = start;
    if (tagged.test(text)) return this.#token(tagged.lastIndex);
    const quote = text.charAt(start);
    if (quote === '"' || quote === "'") {
      const closed = quote === '"' ? /"(?:[^"\\\n]|\\.)*"/y : /'(?:[^'\n]|'')*'/y;
      closed.lastIndex = start;
      const isClosed = closed.test(text);
      // A quote that closes only behind the next comma or bracket belongs to what follows.
      const opened = /["'](?:[^\s,\]}:"']|:(?=\S|\r?\n|$))*/y;
      opened.lastIndex = start;
      opened.test(text);
      const far = isClosed && /[,:][ \t]*$/.test(text.slice(start + 1, closed.lastIndex - 1));
      return isClosed && !far ? closed.lastIndex : opened.lastIndex;
    }
    const plain = /(?:!\w+[ \t]*)?(?:[^\s,[\]{}:#]|:(?=[^\s,[\]{}])|[ \t]+(?=[^\s,[\]{}#]))*/y;
    plain.lastIndex = start;
    plain.test(text);
    return plain.lastIndex;
  }

  /** A line that stands as deep as the key is the next key: nobody closed the brackets. */
  #isOver(newline: number): boolean {
    if (this.#column === undefined) return false;
    const next = /\n( *)(?=[^\s\]}#])/y;
    next.lastIndex = newline;
    const [, indent] = next.exec(this.#text) ?? [];
    return indent !== undefined && indent.length <= this.#column;
  }

  /** Undefined where a key is due. */
  #place(start: number, end: number): Place | undefined {
    const top = this.#frames.at(-1);
    if (top?.full === true || (top?.list === false && top.key === undefined)) return undefined;
    const path = this.#frames.flatMap(({ list, tag, index, key }): (string | number)[] => {
      const step = list ? index : (key ?? "");
      return tag === undefined ? [step] : [tag === "Ref" ? tag : `Fn::${tag}`, step];
    });
    const typed = this.#text.slice(start, this.#offset);
    return { path: [...this.#base, ...path], start, end, typed, lead: "", trail: "", flow: true, column: 0 };
  }
}

function unquoted(text: string): string {
  return text.replace(/^["']|["']$/g, "");
}
