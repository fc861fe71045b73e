/**
 * What `yaml` says about broken text, in words for the person who wrote it.
 *
 * The package's codes are coarse and its messages speak of its own grammar, so a sentence is chosen
 * by both. The sentences take no arguments: each can be looked up whole in a translation.
 */
import type { YAMLParseError } from "yaml";
import { type Message, message } from "../message";

/** A problem in a block's text; offsets count from the start of the block. */
export interface Fault {
  readonly message: Message;
  readonly from: number;
  readonly to: number;
}

/** Returns the faults of a text, one a line at most: the second on a line nearly always follows from the first. */
export function toFaults(errors: readonly YAMLParseError[], text: string): Fault[] {
  const faults: Fault[] = [];
  let lineEnd = -1;
  for (const error of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    if (error.pos[0] < lineEnd) continue;
    const sentence = SENTENCES.find(([code, pattern]) => error.code === code && (pattern?.test(error.message) ?? true));
    const words = sentence === undefined ? UNKNOWN : sentence[2];
    if (words === ACCEPTED) continue;
    const fault = { message: words, ...narrow(error, text) };
    if (fault.from < lineEnd) continue;
    faults.push(fault);
    lineEnd = endOfLine(text, fault.from);
  }
  return faults;
}

export const DUPLICATE_KEY = message("This key is given twice in the same map; only the last one counts.");
export const KEY_NO_TEXT = message("A key must be plain text.");
export const NO_COLON = message("A colon is missing: every line of a map must read as a key, a colon and a value.");
export const NO_KEY = message("A key and a colon are expected here.");
export const UNEVEN_KEYS = message("This line is not indented like the other keys of its map.");

/** Stands for what AWS's own readers accept. */
const ACCEPTED = undefined;
const UNKNOWN = message("YAML does not allow this here.");
const BRACKET = message("A closing bracket is missing: the list or map in brackets does not end.");

type Sentence = readonly [code: YAMLParseError["code"], pattern: RegExp | undefined, sentence: Message | undefined];

const SENTENCES: readonly Sentence[] = [
  ["ALIAS_PROPS", undefined, message("An alias cannot have a tag or an anchor of its own.")],
  [
    "BAD_ALIAS",
    /^Alias/,
    message("An asterisk begins an alias here; put the value in quotes if the asterisk is meant as text."),
  ],
  [
    "BAD_ALIAS",
    undefined,
    message("An ampersand begins an anchor here; put the value in quotes if it is meant as text."),
  ],
  ["BAD_DIRECTIVE", undefined, message("A line that begins with % is a directive, and YAML does not know this one.")],
  [
    "BAD_DQ_ESCAPE",
    undefined,
    message("YAML does not know this backslash sequence; write \\\\ for a backslash, or use single quotes."),
  ],
  ["BAD_INDENT", /^All mapping items/, UNEVEN_KEYS],
  ["BAD_INDENT", /^All sequence items/, message("This line is not indented like the other items of its list.")],
  ["BAD_INDENT", /^Flow/, BRACKET],
  ["BAD_INDENT", undefined, message("This line of the text block is not indented far enough.")],
  ["BAD_PROP_ORDER", undefined, message("A tag or an anchor must stand behind the dash or question mark.")],
  ["BAD_SCALAR_START", undefined, message("A value cannot begin with this character; put the value in quotes.")],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    /^Nested/,
    message("A value cannot have a key of its own on the same line; put it in quotes, or on a line below."),
  ],
  ["BLOCK_AS_IMPLICIT_KEY", undefined, message("A list cannot be a key; is the line indented wrongly?")],
  ["BLOCK_IN_FLOW", undefined, message("Between brackets, lists and maps must be written with brackets as well.")],
  ["IMPOSSIBLE", undefined, ACCEPTED],
  ["MISSING_CHAR", /^Missing closing/, message("The closing quote is missing.")],
  ["MISSING_CHAR", /^Flow/, BRACKET],
  ["MISSING_CHAR", /^Implicit map keys/, NO_COLON],
  ["MISSING_CHAR", /^Missing , /, message("A comma is missing between these items.")],
  ["MISSING_CHAR", /^Missing space after :/, message("A space is missing after the colon.")],
  ["MISSING_CHAR", /^Comments/, ACCEPTED],
  ["MISSING_CHAR", /^Tags and anchors/, message("A space is missing between the tag or anchor and its value.")],
  ["MISSING_CHAR", /^Missing newline/, message("The list must begin on the line below its tag or anchor.")],
  ["MISSING_CHAR", /^Block collection/, message("The document must begin on the line below the three dashes.")],
  ["MISSING_CHAR", /^Sequence item/, message("A dash is missing: every item of this list must begin with one.")],
  [
    "MISSING_CHAR",
    /^Block scalars/,
    message("The blank lines that begin this text block are indented further than its text."),
  ],
  [
    "MISSING_CHAR",
    /directives-end/,
    message("A line of three dashes is missing between the directives and the document."),
  ],
  ["MULTILINE_IMPLICIT_KEY", undefined, message("A key must stand on one line; is a colon missing above?")],
  ["MULTIPLE_ANCHORS", undefined, message("A value can have only one anchor.")],
  ["MULTIPLE_TAGS", undefined, message("A value can have only one tag.")],
  ["TAB_AS_INDENT", undefined, message("A tab cannot indent a line in YAML; use spaces.")],
  ["TAG_RESOLVE_FAILED", undefined, message("YAML cannot read this tag.")],
  ["UNEXPECTED_TOKEN", /block-seq-ind|seq-item-ind/, message("A list cannot begin on the same line as its key.")],
  ["UNEXPECTED_TOKEN", /flow-(?:map|seq)-end/, message("This closing bracket has no opening one.")],
  ["UNEXPECTED_TOKEN", /^Unexpected (?:,|comma|empty item)/, message("There is a comma too many here.")],
  ["UNEXPECTED_TOKEN", /[Bb]lock scalar header/, message("Text cannot follow the | or > of a text block on its line.")],
  ["UNEXPECTED_TOKEN", /at node end/, message("This follows a value that has already ended.")],
];

/** Returns the visible text nearest to an error, within one line: `yaml` often points at the white space around it. */
function narrow({ code, pos, message }: YAMLParseError, text: string): { from: number; to: number } {
  let from = Math.min(pos[0], text.length);
  // The offset is where the item before ended; the line meant is the next one with content.
  if (message.startsWith("All ")) from += /^(?:[ \t\r\n]+|#.*)*/.exec(text.slice(from))?.[0].length ?? 0;
  if (code !== "TAB_AS_INDENT") while (text[from] === " " || text[from] === "\t") from++;
  if (from >= endOfLine(text, from)) {
    while (from > 0 && isWhite(text[from - 1])) from--;
    return { from: Math.max(0, from - 1), to: from };
  }
  const word = /^[\w.:-]*/.exec(text.slice(from, from + 200))?.[0].length ?? 0;
  const to = Math.min(Math.max(pos[1], from + word, from + 1), endOfLine(text, from));
  return { from, to };
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  if (newline < 0) return text.length;
  return newline > from && text[newline - 1] === "\r" ? newline - 1 : newline;
}

function isWhite(char: string | undefined): boolean {
  return char === " " || char === "\t" || char === "\n" || char === "\r";
}
