/** Source excerpts for a terminal: a line with its number, and carets under what is meant. */
import { type Lines, lineAt, positionAt } from "./file";

/** A line of a minified template can be a megabyte long; this much of it is shown. */
const widest = 120;

/** Returns the first line of a stretch and the caret line beneath it, both without a gutter. */
export function excerpt(
  lines: Lines,
  { start, end }: { start: number; end: number },
): { source: string; carets: string } {
  const from = positionAt(lines, start);
  const whole = lineAt(lines, from.line);
  const until = Math.max(from.character, Math.min(whole.length, from.character + (end - start)));
  const [left, right] = window(whole.length, from.character, until);
  const before = whole.slice(left, from.character);
  const marked = whole.slice(from.character, Math.min(until, right));
  const source = `${left > 0 ? "…" : ""}${whole.slice(left, right)}${right < whole.length ? "…" : ""}`;
  return {
    source: printable(source).trimEnd(),
    carets: `${left > 0 ? " " : ""}${blank(before)}${"^".repeat(Math.max(1, width(marked)))}`,
  };
}

/** Returns the text without characters that steer a terminal or turn its writing direction. */
export function printable(text: string): string {
  return text.replace(steering, "\u{FFFD}");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach the terminal
const steering = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Returns the part of a long line to show, so that the marked stretch begins in sight. */
function window(length: number, start: number, end: number): [left: number, right: number] {
  if (length <= widest) return [0, length];
  const context = Math.max(20, Math.floor((widest - (end - start)) / 2));
  const left = Math.max(0, Math.min(start - context, length - widest));
  return [left, Math.min(length, left + widest)];
}

/** Returns white space as wide as the text; tabs stay tabs, as only the terminal knows their width. */
function blank(text: string): string {
  return [...text].map((character) => (character === "\t" ? "\t" : " ".repeat(width(character)))).join("");
}

function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += /\p{M}|\u200d/u.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

/** East Asian wide and full-width blocks, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
