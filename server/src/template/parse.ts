/** Template text to syntax tree. */
import { message } from "../message";
import { parseYaml, parseYamlWhole } from "./blocks";
import { parseJson } from "./json-blocks";
import type { Document, Node } from "./syntax";

/**
 * Returns the syntax tree of a YAML or JSON text and what is wrong with it; never throws, and reads
 * as much of a broken text as it can. Only the first of several YAML documents counts.
 *
 * @param previous the document this text was edited from. Its unchanged blocks are re-used and
 * moved, so it is consumed: its nodes' spans mean the new text from now on.
 */
export function parse(text: string, previous?: Document): Document {
  if (previous?.text === text) return previous;
  if (text.length > LONGEST_TEMPLATE) {
    return { text, language: "yaml", root: undefined, problems: [{ message: TOO_LONG, span: { start: 0, end: 1 } }] };
  }
  if (!/^\uFEFF?\s*[{[]/.test(text)) return parseYaml(text, previous);
  const { document, bareWords } = parseJson(text, previous);
  const yaml = bareWords ? parseYamlWhole(text, previous) : undefined;
  return yaml?.problems.length === 0 ? yaml : document;
}

/** Returns the syntax tree of another file than the document under analysis; the spans of its nodes name the file. */
export function parseFile(text: string, file: string): Document {
  const document = parse(text);
  if (document.root !== undefined) belongTo(document.root, file);
  return document;
}

function belongTo(node: Node, file: string): void {
  node.block.file = file;
  if (node.kind === "list") for (const item of node.items) belongTo(item, file);
  if (node.kind !== "map") return;
  for (const { key, value } of node.entries) {
    key.block.file = file;
    belongTo(value, file);
  }
}

/** Characters. Twice what CloudFormation reads: 1 MB from S3 (its quota "Template body size in an S3 object"). */
const LONGEST_TEMPLATE = 2 * 1024 * 1024;
const TOO_LONG = message("This text is too long to be a template: CloudFormation reads at most 1 MB.");

/**
 * Tells whether a text means to be a CloudFormation or SAM template, judging by its top level: a
 * format version, an AWS transform, or resources of AWS types. A scan without a parse, linear in
 * the length of the text; half-typed templates count, other YAML and JSON does not.
 */
export function looksLikeTemplate(text: string): boolean {
  const value = /^\uFEFF?\s*\{/.test(text) ? valueInBraces : valueInColumn;
  if (value(text, "AWSTemplateFormatVersion") !== undefined) return true;
  if (/^["'\s[\-{]*AWS::/.test(value(text, "Transform") ?? "")) return true;
  return AWS_TYPE.test(value(text, "Resources") ?? "");
}

const AWS_TYPE = /(?:^|[\s{,])["']?Type["']?[ \t]*:\s*["']?(?:AWS|Alexa|Custom)::/;

/** Returns the text of a top-level value in block style: from its key in column 0 to the next line with content there. */
function valueInColumn(text: string, key: string): string | undefined {
  const colon = /["']?[ \t]*:/y;
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const before = text[at - 1] === '"' || text[at - 1] === "'" ? at - 2 : at - 1;
    if (before >= 0 && text[before] !== "\n" && text[before] !== "\uFEFF") continue;
    colon.lastIndex = at + key.length;
    if (!colon.test(text)) continue;
    const ending = /\n(?=[^\s#\-\]}]|---)/g;
    ending.lastIndex = colon.lastIndex;
    return text.slice(colon.lastIndex, ending.exec(text)?.index);
  }
  return undefined;
}

/** Returns the text of a value of the outermost object, its key quoted or bare. */
function valueInBraces(text: string, key: string): string | undefined {
  if (!text.includes(key)) return undefined;
  const colon = /["']?\s*:/y;
  let depth = 0;
  let start: number | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    const quoted = char === QUOTE;
    if (depth === 1 && start === undefined && text.startsWith(key, quoted ? at + 1 : at)) {
      colon.lastIndex = at + key.length + (quoted ? 1 : 0);
      if (colon.test(text)) start = colon.lastIndex;
    }
    if (quoted) at = endOfString(text, at);
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) depth++;
    else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
    if (start !== undefined && at > start && (depth < 1 || (depth === 1 && char === COMMA)))
      return text.slice(start, at);
  }
  return start === undefined ? undefined : text.slice(start);
}

/** Returns the offset of the quote that ends the JSON string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === QUOTE) return at;
  }
  return text.length;
}

const QUOTE = 34;
const COMMA = 44;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
