/** What a report is made of: one file each, with what linting it gave, and where offsets stand in its lines. */
import type { LintResult } from "../lint";
import type { Message } from "../message";
import type { Destination } from "../network/egress";
import type { Span } from "../template/syntax";

export interface CheckedFile {
  /** The path as it is printed: as given or relative, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly result: LintResult;
  /** What functions are to reach, where it is not the internet. */
  readonly destination?: Destination;
  /** Other files that spans lead into, by `Span.file`. */
  readonly others?: ReadonlyMap<string, OtherFile>;
}

export interface OtherFile {
  /** As it is printed. */
  readonly path: string;
  readonly text: string;
}

export interface UnreadableFile {
  readonly path: string;
  /** Why nothing could be read. */
  readonly unreadable: Message;
}

export type FileReport = CheckedFile | UnreadableFile;

/** A place in a text, both counted from zero, characters in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A text cut into lines, so that many offsets are looked up at the price of one pass. */
export interface Lines {
  readonly text: string;
  readonly starts: readonly number[];
}

/** Returns the lines of a text; a line ends at `\n`, `\r\n` or a lone `\r`, as in editors. */
export function toLines(text: string): Lines {
  const starts = [0];
  for (const { 0: end, index } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  return { text, starts };
}

/** Returns where an offset stands; one outside the text is moved to its nearest end. */
export function positionAt({ text, starts }: Lines, offset: number): Position {
  const inside = Math.max(0, Math.min(offset, text.length));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= inside) low = middle;
    else high = middle - 1;
  }
  return { line: low, character: inside - (starts[low] ?? 0) };
}

/** Returns a line without its line break; empty where there is no such line. */
export function lineAt({ text, starts }: Lines, line: number): string {
  return text.slice(starts[line] ?? text.length, starts[line + 1]).replace(/[\r\n]+$/, "");
}

/** Returns the path of the file that a span lies in, as it is printed. */
export function pathOf(file: CheckedFile, { file: name }: Span): string {
  return name === undefined ? file.path : (file.others?.get(name)?.path ?? name);
}

/** Returns a function that gives the lines a span of this file stands in; undefined for a file whose text is not at hand. */
export function linesOf(file: CheckedFile): (span: Span) => Lines | undefined {
  const cache = new Map<string | undefined, Lines>();
  return ({ file: name }) => {
    const text = name === undefined ? file.text : file.others?.get(name)?.text;
    if (text === undefined) return undefined;
    const lines = cache.get(name) ?? toLines(text);
    cache.set(name, lines);
    return lines;
  };
}
