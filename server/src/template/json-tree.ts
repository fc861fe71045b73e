/** Reads one JSON text, a member of an object or a whole document, to the same nodes as YAML. */
import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Message, message } from "../message";
import type { Block, Entry, Node, ScalarNode } from "./syntax";
import { MAX_DEPTH, TOO_DEEP } from "./yaml-nodes";
import { DUPLICATE_KEY, type Fault } from "./yaml-problems";

export interface JsonReading {
  readonly text: string;
  readonly block: Block;
  /** How many objects it is in. */
  readonly depth: number;
  readonly root: Node | undefined;
  readonly faults: readonly Fault[];
  /** Whether there are words that JSON does not know: seldom in broken JSON, always in YAML with braces. */
  readonly bareWords: boolean;
}

/** Reads a JSON text; never throws, and reads as much of broken JSON as it can. */
export function readJson(text: string): JsonReading {
  const block: Block = { start: 0 };
  const reading = read(text, block, 0, 0);
  // Nesting without end, found below or by the parser's stack.
  const faults = [{ message: TOO_DEEP, from: 0, to: 1 }];
  return reading ?? { text, block, depth: 0, root: undefined, faults, bareWords: false };
}

/**
 * Reads a member of an object that is so deep in the document, as a map of its own; `end` is what its text needs to be
 * closed. Undefined where it is nested without end.
 */
export function readMember(text: string, end: string, depth: number): JsonReading | undefined {
  const braced = `{${text}${end}}`;
  const reading = read(braced, { start: 0 }, 1, depth);
  // A slice of the braced text keeps that alive, and not all of the document.
  return reading && { ...reading, text: braced.slice(1, 1 + text.length) };
}

/** Reads a text of which the first characters, so many, are not the document's. */
function read(text: string, block: Block, ahead: number, depth: number): JsonReading | undefined {
  const faults: Fault[] = [];
  const fault = (words: Message, from: number, to: number) =>
    faults.push({ message: words, from: from - ahead, to: to - ahead });

  function toNode(json: JsonNode, depth: number): Node {
    if (depth > MAX_DEPTH) throw new RangeError(TOO_DEEP.template);
    const from = json.offset - ahead;
    if (json.type === "object") {
      return { kind: "map", block, from, to: endOf(json), entries: toEntries(json, depth), flow: true };
    }
    if (json.type === "array") {
      const items = (json.children ?? []).map((item) => toNode(item, depth + 1));
      return { kind: "list", block, from, to: endOf(json), items, flow: true };
    }
    return toScalar(json);
  }

  function toEntries(json: JsonNode, depth: number): Entry[] {
    const keys = new Set<string>();
    return (json.children ?? []).flatMap((property) => {
      const [name, content] = property.children ?? [];
      if (name === undefined) return [];
      const key = toScalar(name);
      if (keys.has(key.text)) faults.push({ message: DUPLICATE_KEY, from: key.from, to: key.to });
      keys.add(key.text);
      const omitted = property.colonOffset === undefined ? key.to : property.colonOffset + 1 - ahead;
      return [{ key, value: content ? toNode(content, depth + 1) : toEmpty(omitted) }];
    });
  }

  function toScalar(json: JsonNode): ScalarNode {
    const quoted = json.type === "string";
    const to = endOf(json);
    const own = quoted ? json.value : text.slice(json.offset, to + ahead);
    return { kind: "scalar", block, from: json.offset - ahead, to, text: own, quoted };
  }

  function toEmpty(at: number): ScalarNode {
    return { kind: "scalar", block, from: at, to: at, text: "", quoted: false };
  }

  /** A list or map that is never closed has no length; it ends with the text. */
  function endOf({ offset, length }: JsonNode): number {
    return (length < 0 ? text.length : offset + length) - ahead;
  }

  const errors: ParseError[] = [];
  try {
    const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
    let last = -1;
    let bareWord = false;
    for (const error of errors.slice(0, MOST_PROBLEMS)) {
      const [from, to] = narrow(text, error);
      // The parser resumes where it failed, and fails there again in other words; a word it does not know is no value to it.
      const again = from <= last || (bareWord && isCode(error, "ValueExpected"));
      if (!again) fault(sentence(text, error), from, to);
      last = from;
      bareWord = isCode(error, "InvalidSymbol");
    }
    const root = tree && toNode(tree, depth);
    return { text, block, depth, root, faults, bareWords: errors.some((error) => isCode(error, "InvalidSymbol")) };
  } catch {
    // Nothing but nesting without end is known to be thrown.
    return undefined;
  }
}

const MOST_PROBLEMS = 100;

const SENTENCES: Record<ReturnType<typeof printParseErrorCode>, Message> = {
  InvalidSymbol: message("JSON does not know this word; text must stand in double quotes."),
  InvalidNumberFormat: message("This is not a number that JSON allows."),
  PropertyNameExpected: message("A key in double quotes is expected here; is there a comma too many?"),
  ValueExpected: message("A value is expected here; is there a comma too many?"),
  ColonExpected: message("A colon is missing after this key."),
  CommaExpected: message("A comma is missing before this."),
  CloseBraceExpected: message("A closing } is missing."),
  CloseBracketExpected: message("A closing ] is missing."),
  EndOfFileExpected: message("Nothing may follow the end of the template."),
  InvalidCommentToken: message("JSON has no comments."),
  UnexpectedEndOfComment: message("This comment does not end, and JSON has no comments."),
  UnexpectedEndOfString: message("The closing quote is missing."),
  UnexpectedEndOfNumber: message("This number is not complete."),
  InvalidUnicode: message("A \\u must be followed by four hexadecimal digits."),
  InvalidEscapeCharacter: message("JSON does not know this backslash sequence; write \\\\ for a backslash."),
  InvalidCharacter: message("This character must be escaped in JSON."),
  "<unknown ParseErrorCode>": message("JSON does not allow this here."),
};

function isCode({ error }: ParseError, code: ReturnType<typeof printParseErrorCode>): boolean {
  return printParseErrorCode(error) === code;
}

function sentence(text: string, { error, offset }: ParseError): Message {
  const code = printParseErrorCode(error);
  // A bracket of the other kind: the list or object within it has not ended.
  if (code === "CommaExpected" && text[offset] === "}") return SENTENCES.CloseBracketExpected;
  if (code === "CommaExpected" && text[offset] === "]") return SENTENCES.CloseBraceExpected;
  return SENTENCES[code];
}

/** Returns an error's place within one line, and never empty: at the end, the last character stands for it. */
function narrow(text: string, { offset, length }: ParseError): [from: number, to: number] {
  if (length === 0 && offset >= text.length) {
    const last = text.trimEnd().length;
    return [Math.max(0, last - 1), last];
  }
  const newline = text.indexOf("\n", offset);
  const lineEnd = newline < 0 ? text.length : newline;
  return [offset, Math.min(offset + Math.max(1, length), Math.max(lineEnd, offset + 1))];
}
