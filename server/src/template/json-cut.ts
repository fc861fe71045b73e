/**
 * Where a JSON template may be cut into runs that parse alone: the members of its object, and of the objects in it.
 *
 * One look at quotes and brackets finds the commas between them. A text whose brackets or quotes do not match is left
 * to the whole parse, which knows how to go on behind a fault.
 */

/** A member of an object, from its key to the comma or brace behind it. */
export interface Run {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The object that is its value, where that has members; then the run ends behind its opening brace. */
  readonly section?: Braces;
}

/** An object's members and the places of its braces. */
export interface Braces {
  readonly open: number;
  readonly close: number;
  readonly runs: readonly Run[];
}

/** Returns the members of the object that a text is; undefined where the text must be parsed whole. */
export function cutJson(text: string): Braces | undefined {
  const first = text.charCodeAt(0) === BOM ? 1 : 0;
  const open = skipBlank(text, first);
  const brackets: number[] = [];
  const runs: Run[] = [];
  let section: { readonly open: number; readonly start: number; readonly runs: Run[] } | undefined;
  let begun: Braces | undefined;
  let start = -1;
  let count = 0;

  /** Ends a run; false where there is none. */
  const end = (into: Run[], at: number): boolean => {
    if (text.charCodeAt(start) !== QUOTE || ++count > MOST_RUNS) return false;
    into.push({ start, end: at });
    return true;
  };
  /** Ends a member of the outermost object. */
  const endMember = (at: number): boolean => {
    if (begun === undefined) return end(runs, at);
    if (skipBlank(text, begun.close + 1) !== at) return false;
    runs.push({ start, end: begun.open + 1, section: begun });
    begun = undefined;
    return true;
  };

  for (let at = open; at < text.length; at++) {
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
          section = { open: at, start, runs: [] };
          start = inside;
        }
        break;
      }
      case CLOSE_BRACE:
      case CLOSE_BRACKET: {
        if (brackets.pop() !== char) return undefined;
        if (brackets.length === 1 && section !== undefined) {
          if (!end(section.runs, at)) return undefined;
          begun = { open: section.open, close: at, runs: section.runs };
          start = section.start;
          section = undefined;
        } else if (brackets.length === 0) {
          if (!endMember(at) || skipBlank(text, at + 1) < text.length) return undefined;
          return { open, close: at, runs };
        }
        break;
      }
      case COMMA: {
        if (brackets.length === 1 && !endMember(at)) return undefined;
        if (brackets.length === 2 && section !== undefined && !end(section.runs, at)) return undefined;
        if (brackets.length === 1 || (brackets.length === 2 && section !== undefined)) start = skipBlank(text, at + 1);
        break;
      }
      default:
        if (brackets.length === 0) return undefined;
    }
  }
  return undefined;
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
