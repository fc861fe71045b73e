/**
 * Where a cursor stands in a template that is being typed.
 *
 * A syntax tree says little about a dash with nothing behind it or a list that nobody has closed, and that is
 * where people ask for completions. So this reads the text itself, from its start to the cursor, and takes
 * what it cannot understand for what it most likely will be.
 */
import { Brackets } from "./brackets";

/** Keys and numbers of items from the top of the document to a value; tags stand as the functions they are short for. */
export type Path = readonly (string | number)[];

export interface Place {
  readonly path: Path;
  /** What stands there: from here to `end` it is replaced. */
  readonly start: number;
  readonly end: number;
  /** The part of it before the cursor. */
  readonly typed: string;
  /** What must be written before a value: a space behind a bare dash or colon, or the dash of a new item. */
  readonly lead: "" | " " | "- ";
  /** The comma before what follows. */
  readonly trail: "" | ",";
  /** Within brackets, where a value keeps to one line. */
  readonly flow: boolean;
  /** The column of the key or dash that the value belongs to; 0 within brackets. */
  readonly column: number;
}

/** Returns the place of a value around an offset; undefined on keys, in comments and in block scalars. */
export function placeAt(text: string, offset: number): Place | undefined {
  const json = /^\uFEFF?\s*(?=[{[])/.exec(text);
  if (json !== null) {
    const found = new Brackets(text, offset, []).read(json[0].length, undefined);
    return typeof found === "number" ? undefined : found;
  }
  return new Lines(text, offset).find();
}

/** A key or dash under which the lines that follow stand deeper. */
interface Level {
  readonly column: number;
  readonly step: string | number;
  tag?: string | undefined;
  /** How many dashes were met below it, and in which column. */
  items: number;
  dash?: number;
  /** Its value is written already. */
  done: boolean;
}

class Lines {
  readonly #text: string;
  readonly #offset: number;
  #levels: Level[] = [];

  constructor(text: string, offset: number) {
    this.#text = text;
    this.#offset = offset;
  }

  find(): Place | undefined {
    const text = this.#text;
    let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    while (start <= this.#offset) {
      const found = this.#line(start);
      if (typeof found !== "number") return found;
      start = found;
    }
    return undefined;
  }

  /** Reads a line; returns where the next one to read begins, or the cursor's place. */
  #line(start: number): number | Place | undefined {
    const text = this.#text;
    const end = endOfLine(text, start);
    const next = end + 1;
    const isLast = this.#offset <= end;
    let at = skipBlanks(text, start, isLast ? this.#offset : end);
    if (isLast && at >= this.#offset) {
      return text.slice(at, end).trim() === "" ? this.#blank(this.#offset - start) : undefined;
    }
    if (at >= end || text[at] === "\r") return next;
    if (text[at] === "#") return isLast ? undefined : next;
    if (at === start && /^(?:---|\.\.\.)/.test(text.slice(at, at + 3))) {
      this.#levels = [];
      return next;
    }
    while (true) {
      const column = at - start;
      if (text[at] === "-" && /[\s]|^$/.test(text.charAt(at + 1))) {
        this.#dash(column);
        at++;
      } else {
        key.lastIndex = at;
        const found = key.exec(text);
        if (found === null) return this.#value(at, column, end, next, "");
        if (isLast && this.#offset < key.lastIndex) return undefined;
        this.#leave(({ column: own }) => own >= column);
        const name = found[1] ?? found[2] ?? found[3] ?? "";
        this.#levels.push({ column, step: name, items: 0, done: false });
        at = key.lastIndex;
      }
      if (this.#offset === at) return this.#place(at, at, " ");
      const value = skipBlanks(text, at, isLast ? this.#offset : end);
      if (isLast && value >= this.#offset) return this.#rest(this.#offset, end, "");
      if (value >= end || text[value] === "\r" || text[value] === "#") return isLast ? undefined : next;
      at = value;
    }
  }

  /** The cursor stands on white space, deeper than some levels. */
  #blank(column: number): Place | undefined {
    this.#leave(({ column: own }) => own >= column);
    const top = this.#levels.at(-1);
    if (top === undefined || top.done || typeof top.step === "number") return undefined;
    if (top.items > 0 && top.dash !== column) return undefined;
    return this.#place(this.#offset, this.#offset, "- ");
  }

  #dash(column: number): void {
    this.#leave(({ column: own, step }) => own > column || (own === column && typeof step === "number"));
    const parent = this.#levels.at(-1);
    const step = parent === undefined ? 0 : parent.items++;
    if (parent !== undefined) parent.dash = column;
    this.#levels.push({ column, step, items: 0, done: false });
  }

  #leave(isOver: (level: Level) => boolean): void {
    while (this.#levels.length > 0 && isOver(this.#levels.at(-1) as Level)) this.#levels.pop();
  }

  /** Reads what stands behind a key or dash. */
  #value(at: number, column: number, end: number, next: number, tag: string): number | Place | undefined {
    const text = this.#text;
    const level = this.#levels.at(-1);
    const isLast = this.#offset <= end;
    const anchor = /&\S+[ \t]+/y;
    anchor.lastIndex = at;
    if (anchor.test(text)) return this.#value(anchor.lastIndex, column, end, next, tag);
    const tagged = /!(\w+)(?:[ \t]+|(?=\r?\n|$))/y;
    tagged.lastIndex = at;
    const name = tagged.exec(text)?.[1];
    if (name !== undefined && !(isLast && this.#offset < tagged.lastIndex)) {
      const behind = text.charAt(tagged.lastIndex);
      if (behind === "[" || behind === "{") return this.#value(tagged.lastIndex, column, end, next, name);
      if (/[\r\n]|^$/.test(behind) && !isLast) {
        if (level !== undefined) level.tag = name;
        return next;
      }
    }
    if (level !== undefined) level.done = true;
    const first = text.charAt(at);
    if (first === "|" || first === ">") return this.#blockScalar(next, level?.column ?? -1);
    if (first === "[" || first === "{") {
      const brackets = new Brackets(text, this.#offset, this.#path(), level?.column ?? 0);
      const found = brackets.read(at, tag === "" ? undefined : tag);
      return typeof found === "number" ? endOfLine(text, found) + 1 : found;
    }
    return isLast ? this.#rest(at, end, "") : next;
  }

  #blockScalar(start: number, column: number): number | undefined {
    let at = start;
    while (at <= this.#offset) {
      const end = endOfLine(this.#text, at);
      const content = skipBlanks(this.#text, at, end);
      if (content < end && this.#text[content] !== "\r" && content - at <= column) return at;
      if (this.#offset <= end) return undefined;
      at = end + 1;
    }
    return at;
  }

  /** The value is what stands from here to the end of the line, without a comment. */
  #rest(start: number, end: number, lead: Place["lead"]): Place | undefined {
    const line = this.#text.slice(start, end);
    const comment = line.search(/(?:^|\s)#/);
    const value = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
    if (this.#offset > start + Math.max(value.length, line.slice(0, this.#offset - start).trimEnd().length) + 1)
      return undefined;
    if (comment >= 0 && this.#offset > start + comment) return undefined;
    return this.#place(start, Math.max(start + value.length, this.#offset), lead);
  }

  #place(start: number, end: number, lead: Place["lead"]): Place {
    const column = this.#levels.at(-1)?.column ?? 0;
    return {
      path: this.#path(),
      start,
      end,
      typed: this.#text.slice(start, this.#offset),
      lead,
      trail: "",
      flow: false,
      column,
    };
  }

  #path(): Path {
    return this.#levels.flatMap(({ step, tag }) => (tag === undefined ? [step] : [step, longName(tag)]));
  }
}

/** Returns the name of the function that a tag is short for. */
export function longName(tag: string): string {
  return tag === "Ref" || tag === "Condition" ? tag : `Fn::${tag}`;
}

/** A key with its colon: quoted or plain. */
const key =
  /(?:"((?:[^"\\\n]|\\.)*)"|'((?:[^'\n]|'')*)'|((?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=\S))[^\n#]*?))[ \t]*:(?=[ \t\r\n]|$)/y;

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline;
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && (text[at] === " " || text[at] === "\t")) at++;
  return at;
}
