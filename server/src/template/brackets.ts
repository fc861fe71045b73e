/** The same within brackets, which is all of a JSON template and every `[a, b]` of a YAML one. */
import type { Path, Place } from "./place";

interface Frame {
  readonly list: boolean;
  readonly tag: string | undefined;
  index: number;
  /** The key whose value comes next, or is written. */
  key: string | undefined;
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
      if (at >= this.#offset) return this.#place(this.#offset, this.#offset);
      const frame = this.#frames.at(-1);
      const char = text.charAt(at);
      if (char === "[" || char === "{") {
        this.#frames.push({ list: char === "[", tag: open, index: 0, key: undefined });
        open = undefined;
        pending = undefined;
        at++;
      } else if (char === "]" || char === "}") {
        this.#frames.pop();
        at++;
        if (this.#frames.length === 0) return at;
      } else if (char === ",") {
        if (frame !== undefined) {
          frame.index++;
          frame.key = undefined;
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
        at = Math.max(end, at + 1);
      }
    }
    return at >= this.#offset ? this.#place(this.#offset, this.#offset) : at;
  }

  /** Returns the end of a scalar; a quote that nobody closed ends with its line, or before the bracket that closes it. */
  #token(start: number): number {
    const text = this.#text;
    const quote = text.charAt(start);
    if (quote === '"' || quote === "'") {
      const closed = quote === '"' ? /"(?:[^"\\\n]|\\.)*"/y : /'(?:[^'\n]|'')*'/y;
      closed.lastIndex = start;
      const isClosed = closed.test(text);
      // A quote that closes only behind the next comma or bracket belongs to what follows.
      const opened = /["'][^\s,\]}:"']*/y;
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
    if (top?.list === false && top.key === undefined) return undefined;
    const path = this.#frames.flatMap(({ list, tag, index, key }): (string | number)[] => {
      const step = list ? index : (key ?? "");
      return tag === undefined ? [step] : [tag === "Ref" ? tag : `Fn::${tag}`, step];
    });
    const typed = this.#text.slice(start, this.#offset);
    return { path: [...this.#base, ...path], start, end, typed, lead: "", flow: true, column: 0 };
  }
}

function unquoted(text: string): string {
  return text.replace(/^["']|["']$/g, "");
}
