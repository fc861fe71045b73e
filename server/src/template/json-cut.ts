/**
 * Where a JSON template may be cut into runs that parse alone: the members of its object, and of the objects in it.
 *
 * One look at quotes and brackets finds the commas between them. A text whose brackets or quotes do not match is left
 * to the whole parse, which knows how to go on behind a fault.
 */
import type { JsonReading } from "./json-tree";
import { sameEnds } from "./remembered";

/** A member of an object, from its key to the comma or brace behind it. */
export interface Run {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** How many objects its own is in. */
  readonly depth: 0 | 1;
  /**
   * Where the object that is its value closes, where that has members; they are the runs that follow, and this one ends
   * behind the opening brace.
   */
  readonly close: number | undefined;
  /** What was read of it. */
  reading?: JsonReading | undefined;
}

/** A text with its runs, and the places of its outermost braces. */
export interface RunText {
  readonly text: string;
  readonly open: number;
  readonly close: number;
  readonly runs: readonly Run[];
}

/** A text cut after an edit. */
export interface RecutText extends RunText {
  /** The runs of the text before that are no more. */
  readonly gone: readonly Run[];
}

/**
 * Returns the members of the object that a text is; undefined where the text must be parsed whole.
 *
 * @param before an earlier text. Runs with unchanged text keep what was read of them: the look at brackets begins with
 * the run that the edit is in and ends where one begins as one did before with the same text behind it.
 */
export function cutJson(text: string, before?: RunText): RecutText | undefined {
  const known = before?.runs ?? [];
  const { front, back } = sameEnds(text, before?.text ?? "");
  const shift = text.length - (before?.text.length ?? 0);
  const last = known.findLastIndex((run) => run.start < front);
  const first = last > 0 ? known[last] : undefined;
  const kept = first === undefined ? 0 : last;
  const open =
    first === undefined || before === undefined ? skipBlank(text, text.charCodeAt(0) === BOM ? 1 : 0) : before.open;
  const runs = known.slice(0, kept);
  // How many of the known runs begin before the one that is looked at.
  let passed = kept;
  const brackets: number[] = first === undefined ? [] : Array(first.depth + 1).fill(CLOSE_BRACE);
  /** The run whose value the members belong to. */
  let section = first?.depth === 1 ? headOf(known, kept) : undefined;
  /** Where the last section closed, until the comma behind it. */
  let closed: number | undefined;
  let start = first?.start ?? -1;

  /** Ends a member; false where there is none. */
  const end = (at: number): boolean => {
    if (text.charCodeAt(start) !== QUOTE) return false;
    runs.push({ start, end: at, depth: section === undefined ? 0 : 1, close: undefined, reading: undefined });
    return true;
  };
  /** Ends a member of the outermost object. */
  const endMember = (at: number): boolean => {
    if (closed === undefined) return end(at);
    const isBehind = skipBlank(text, closed + 1) === at;
    closed = undefined;
    return isBehind;
  };
  const close = (head: number, at: number): void => {
    runs[head] = { ...(runs[head] as Run), close: at };
  };
  /** Tells whether a member began here before, and all text behind it means the same. */
  const isSame = (): boolean => {
    if (start < text.length - back) return false;
    for (let old = known[passed]; old !== undefined && old.start + shift < start; old = known[passed]) passed++;
    const old = known[passed];
    return old?.start === start - shift && old.depth === (section === undefined ? 0 : 1);
  };

  for (let at = first?.start ?? open; at < text.length; at++) {
    const char = text.charCodeAt(at);
    switch (char) {
      case QUOTE: {
        at = closingQuote(text, at);
        if (at < 0) return undefined;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET: {
        brackets.push(char + 2);
        if (char === OPEN_BRACKET) break;
        const inside = skipBlank(text, at + 1);
        if (brackets.length === 1) start = inside;
        else if (brackets.length === 2 && text.charCodeAt(inside) === QUOTE && isKey(text, start, at)) {
          section = runs.length;
          runs.push({ start, end: at + 1, depth: 0, close: at, reading: undefined });
          start = inside;
        }
        break;
      }
      case CLOSE_BRACE:
      case CLOSE_BRACKET: {
        if (brackets.pop() !== char) return undefined;
        if (brackets.length === 1 && section !== undefined) {
          if (!end(at)) return undefined;
          close(section, at);
          section = undefined;
          closed = at;
        } else if (brackets.length === 0) {
          if (!endMember(at) || skipBlank(text, at + 1) < text.length || runs.length > MOST_RUNS) return undefined;
          return { text, open, close: at, runs, gone: known.slice(kept) };
        }
        break;
      }
      case COMMA: {
        if (brackets.length > 2 || (brackets.length === 2 && section === undefined)) break;
        if (!(brackets.length === 1 ? endMember(at) : end(at))) return undefined;
        start = skipBlank(text, at + 1);
        if (before === undefined || !isSame()) break;
        if (section !== undefined) close(section, (known[headOf(known, passed)]?.close ?? 0) + shift);
        for (const old of known.slice(passed)) runs.push(moved(old, shift));
        if (runs.length > MOST_RUNS) return undefined;
        return { text, open, close: before.close + shift, runs, gone: known.slice(kept, passed) };
      }
      default:
        if (brackets.length === 0) return undefined;
    }
  }
  return undefined;
}

/** Returns which run has the object as its value that a run is a member of. */
function headOf(runs: readonly Run[], index: number): number {
  let head = index;
  while (runs[head]?.depth === 1) head--;
  return head;
}

function moved(run: Run, shift: number): Run {
  const close = run.close === undefined ? undefined : run.close + shift;
  return { ...run, start: run.start + shift, end: run.end + shift, close };
}

/** Tells whether nothing but a key and its colon stand between two places. */
function isKey(text: string, start: number, end: number): boolean {
  const quote = text.charCodeAt(start) === QUOTE ? closingQuote(text, start) : -1;
  const colon = quote < 0 ? -1 : skipBlank(text, quote + 1);
  return text.charCodeAt(colon) === COLON && skipBlank(text, colon + 1) === end;
}

/** Returns the quote that ends a string, -1 where the line ends first. */
function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === QUOTE) return at;
    else if (char === NEWLINE) return -1;
  }
  return -1;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  for (let char = text.charCodeAt(at); isBlank(char); char = text.charCodeAt(at)) at++;
  return at;
}

function isBlank(char: number): boolean {
  return char === SPACE || char === NEWLINE || char === TAB || char === RETURN;
}

/** CloudFormation allows 500 resources and 200 each of parameters, outputs and mappings; a block costs time of its own. */
const MOST_RUNS = 10_000;

const BOM = 0xfeff;
const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
