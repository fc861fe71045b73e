/** Values as text in a document's style: among brackets, behind a key, or as lines of their own. */
import { printLiteral, printScalar } from "./scalar";
import { type Style, shortNames } from "./style";
import { callOf, isList, isMap, type Value, type ValueMap } from "./value";

/** A value in block style: what stands behind the key or dash, and the whole lines below. */
export interface Printed {
  readonly head: string;
  readonly tail: readonly string[];
}

/**
 * Returns a value as it stands among brackets or on one line.
 *
 * With `indent`, the white space of the line it begins on, a JSON value is spread over several lines.
 */
export function printFlow(value: Value, style: Style, indent?: string): string {
  const short = printTagged(value, style);
  if (short !== undefined) return short;
  if (isList(value)) {
    const [open, close, separator, inner] = brackets("[]", style.listPadding, isSmall(value, style), style, indent);
    return value.length === 0
      ? "[]"
      : open + value.map((item) => printFlow(item, style, inner)).join(separator) + close;
  }
  if (isMap(value)) {
    const entries = Object.entries(value);
    const [open, close, separator, inner] = brackets("{}", style.mapPadding, isSmall(value, style), style, indent);
    const texts = entries.map(([key, item]) => printFlowEntry(key, item, style, inner));
    return entries.length === 0 ? "{}" : open + texts.join(separator) + close;
  }
  return printScalar(value, style, true);
}

/** Returns a key and its value as they stand among brackets. */
export function printFlowEntry(key: string, value: Value, style: Style, indent?: string): string {
  return `${printScalar(key, style, true)}${style.colon}${printFlow(value, style, indent)}`;
}

/** Returns a value as it stands behind a key of this column, in block style. */
export function printBehindKey(value: Value, column: number, style: Style): Printed {
  const step = column + style.unit.length;
  if (isOneLine(value, style)) return { head: printOneLine(value, style), tail: [] };
  const inner = isList(value) ? column + style.dash : step;
  return printBlockText(value, step, style) ?? { head: "", tail: indented(printLines(value, inner, style), inner) };
}

/** Returns a key and its value in block style as lines, the first one without its indentation. */
export function printEntry(key: string, value: Value, column: number, style: Style): string[] {
  const { head, tail } = printBehindKey(value, column, style);
  return [`${printScalar(key, style, false)}:${head === "" ? "" : ` ${head}`}`, ...tail];
}

/** Returns a value in block style as lines that begin at this column, the first one without its indentation. */
export function printLines(value: Value, column: number, style: Style): string[] {
  if (isOneLine(value, style)) return [printOneLine(value, style)];
  if (isList(value)) {
    const items = value.map((item) => printItem(item, column, style));
    return items.flatMap(([first = "", ...others], index) => [
      (index > 0 ? " ".repeat(column) : "") + first,
      ...others,
    ]);
  }
  const text = printBlockText(value, column, style);
  if (text !== undefined) return [text.head, ...text.tail];
  return Object.entries(isMap(value) ? value : {}).flatMap(([key, item], index) => {
    const [first = "", ...others] = printEntry(key, item, column, style);
    return [(index > 0 ? " ".repeat(column) : "") + first, ...others];
  });
}

/** Returns a list item with its dash as lines, the first one without its indentation. */
export function printItem(value: Value, column: number, style: Style): string[] {
  const [first = "", ...others] = printLines(value, column + 2, style);
  return [`- ${first}`, ...others];
}

/** Returns lines with the first one indented too. */
export function indented([first = "", ...others]: readonly string[], column: number): string[] {
  return [" ".repeat(column) + first, ...others];
}

/** Tells whether a value in block style stays on the line of its key or dash. */
function isOneLine(value: Value, style: Style): boolean {
  if (isList(value)) return value.length === 0 || (style.compact && value.every((item) => isOneLine(item, style)));
  if (printBlockText(value, 0, style) !== undefined) return false;
  return !isMap(value) || Object.keys(value).length === 0 || printTagged(value, style) !== undefined;
}

function printOneLine(value: Value, style: Style): string {
  return isList(value) || isMap(value) ? printFlow(value, style) : printScalar(value, style, false);
}

/** Returns an intrinsic call in its short form on one line, undefined where it has to be written long. */
function printTagged(value: Value, style: Style): string | undefined {
  const call = callOf(value);
  const tag = call === undefined || style.json || !style.shortTags ? undefined : shortNames.get(call.name);
  if (call === undefined || tag === undefined) return undefined;
  const { name, argument } = call;
  // Two tags on one value are no YAML, so the outer call is written long.
  if (printTagged(argument, style) !== undefined) return undefined;
  const attribute = name === "Fn::GetAtt" && isList(argument) ? argument : [];
  if (attribute.length > 0 && attribute.every((part) => typeof part === "string")) {
    return `${tag} ${printScalar(attribute.join("."), style, true)}`;
  }
  return `${tag} ${printFlow(argument, style)}`;
}

/** Returns a text of several lines, or a short call with one, as a literal block whose lines begin at this column. */
function printBlockText(value: Value, column: number, style: Style): Printed | undefined {
  const call = callOf(value);
  const tag = call !== undefined && style.shortTags ? shortNames.get(call.name) : undefined;
  const text = call !== undefined && tag !== undefined ? call.argument : value;
  const literal = typeof text === "string" ? printLiteral(text) : undefined;
  if (literal === undefined) return undefined;
  const tail = literal.lines.map((line) => (line === "" ? "" : " ".repeat(column) + line));
  return { head: text === value ? literal.header : `${tag} ${literal.header}`, tail };
}

/** Small values may stand on one line of a JSON text: intrinsic calls, and lists of plain values and calls. */
function isSmall(value: readonly Value[] | ValueMap, style: Style): boolean {
  if (!style.compact) return false;
  const isPlain = (item: Value) => typeof item !== "object" || callOf(item) !== undefined;
  if (isList(value)) return value.every(isPlain);
  const call = callOf(value);
  return call !== undefined && (isPlain(call.argument) || (isList(call.argument) && call.argument.every(isPlain)));
}

/** Returns how a list or map opens, closes and separates, and the indentation of what it holds. */
function brackets(
  pair: "[]" | "{}",
  padding: string,
  small: boolean,
  style: Style,
  indent: string | undefined,
): [open: string, close: string, separator: string, inner: string | undefined] {
  if (!style.json || indent === undefined || small) {
    return [pair[0] + padding, padding + pair[1], style.comma, undefined];
  }
  const inner = indent + style.unit;
  return [`${pair[0]}\n${inner}`, `\n${indent}${pair[1]}`, `,\n${inner}`, inner];
}
