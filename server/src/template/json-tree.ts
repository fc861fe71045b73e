/** JSON templates, parsed to the same nodes as YAML. */
import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Message, message } from "../message";
import {
  type Block,
  type Document,
  type Entry,
  type Node,
  type ScalarNode,
  type SyntaxProblem,
  spanOf,
} from "./syntax";
import { MAX_DEPTH, TOO_DEEP } from "./yaml-nodes";
import { DUPLICATE_KEY } from "./yaml-problems";

/**
 * Parses a JSON text; never throws, and reads as much of broken JSON as it can. `bareWords` tells
 * whether it met words that JSON does not know: seldom in broken JSON, always in YAML with braces.
 */
export function parseJson(text: string): { document: Document; bareWords: boolean } {
  // A byte order mark is no part of JSON.
  const block: Block = { start: text.charCodeAt(0) === 0xfeff ? 1 : 0 };
  const body = text.slice(block.start);
  const problems: SyntaxProblem[] = [];
  const problem = (words: Message, from: number, to: number) =>
    problems.push({ message: words, span: spanOf({ block, from, to }), block });

  function toNode(json: JsonNode, depth: number): Node {
    if (depth > MAX_DEPTH) throw new RangeError(TOO_DEEP.template);
    if (json.type === "object") return { ...toPlace(json), kind: "map", entries: toEntries(json, depth), flow: true };
    if (json.type === "array") {
      const items = (json.children ?? []).map((item) => toNode(item, depth + 1));
      return { ...toPlace(json), kind: "list", items, flow: true };
    }
    return toScalar(json);
  }

  function toEntries(json: JsonNode, depth: number): Entry[] {
    const keys = new Set<string>();
    return (json.children ?? []).flatMap((property) => {
      const [name, content] = property.children ?? [];
      if (name === undefined) return [];
      const key = toScalar(name);
      if (keys.has(key.text)) problem(DUPLICATE_KEY, key.from, key.to);
      keys.add(key.text);
      const omitted = property.colonOffset === undefined ? key.to : property.colonOffset + 1;
      return [{ key, value: content ? toNode(content, depth + 1) : toEmpty(omitted) }];
    });
  }

  function toScalar(json: JsonNode): ScalarNode {
    const quoted = json.type === "string";
    const place = toPlace(json);
    return { ...place, kind: "scalar", text: quoted ? json.value : body.slice(place.from, place.to), quoted };
  }

  function toEmpty(at: number): ScalarNode {
    return { kind: "scalar", block, from: at, to: at, text: "", quoted: false };
  }

  /** A list or map that is never closed has no length; it ends with the text. */
  function toPlace({ offset, length }: JsonNode): { block: Block; from: number; to: number } {
    return { block, from: offset, to: length < 0 ? body.length : offset + length };
  }

  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    const tree = parseTree(body, errors, { disallowComments: true, allowTrailingComma: false });
    let last = -1;
    let bareWord = false;
    for (const error of errors.slice(0, MOST_PROBLEMS)) {
      const [from, to] = narrow(body, error);
      // The parser resumes where it failed, and fails there again in other words; a word it does not know is no value to it.
      const again = from <= last || (bareWord && isCode(error, "ValueExpected"));
      if (!again) problem(sentence(body, error), from, to);
      last = from;
      bareWord = isCode(error, "InvalidSymbol");
    }
    root = tree && toNode(tree, 0);
  } catch {
    // Nesting without end, found above or by the parser's stack; nothing else is known to be thrown.
    root = undefined;
    problem(TOO_DEEP, 0, 1);
  }
  problems.sort((a, b) => a.span.start - b.span.start);
  const bareWords = errors.some((error) => isCode(error, "InvalidSymbol"));
  return { document: { text, language: "json", root, problems }, bareWords };
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
