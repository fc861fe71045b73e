/**
 * Where nodes begin and end in the text, down to lines and columns.
 *
 * A node's span says too little for an edit: what follows a block may be its own trailing lines, a comment
 * of the next entry, or nothing.
 */
import { type Entry, type ListNode, type MapNode, type Node, spanOf } from "../template/syntax";
import { isTagged } from "./site";

/** A stretch of text, in absolute offsets. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Returns where the items of a list stand, each with its dash in block style. */
export function itemExtents(text: string, list: ListNode): Extent[] {
  const extents: Extent[] = [];
  let end = spanOf(list).start + (list.flow ? 1 : 0);
  for (const item of list.items) {
    // Nothing but white space, comments and commas stands between one item and the next.
    const start = skip(list.flow ? /(?:[\s,]|#[^\n]*)*/y : /(?:\s|#[^\n]*)*/y, text, end);
    end = valueEnd(text, item, list.flow ? start : start + 1);
    extents.push({ start, end });
  }
  return extents;
}

/** Returns where an entry of a map stands, from its key to the end of its value. */
export function entryExtent(text: string, entry: Entry, map: Node): Extent {
  return { start: spanOf(entry.key).start, end: valueEnd(text, entry.value, valueStart(text, entry, map)) };
}

/** Returns the offset behind an entry's colon, or behind its tag. */
export function valueStart(text: string, entry: Entry, map: Node): number {
  const { end } = spanOf(entry.key);
  if (isTagged(map)) return end;
  return skip(/\s*:/y, text, end);
}

/** Returns the end of a value that stands, or is left out, behind `begin`: a colon, a dash or an item's start. */
export function valueEnd(text: string, value: Node, begin: number): number {
  if (isEmpty(value)) return begin;
  return isAlias(value, begin) ? skip(/\s*\*[^\s,[\]{}]+/y, text, begin) : contentEnd(text, value);
}

/** An alias shares the node it stands for, which is written further up. */
export function isAlias(value: Node, begin: number): boolean {
  return spanOf(value).start < begin;
}

/** Returns the entries that stand in a map's own text: none that a merge key took from elsewhere. */
export function ownEntries(map: MapNode): readonly Entry[] {
  const { start, end } = spanOf(map);
  return map.entries.filter(({ key }) => spanOf(key).start >= start && spanOf(key).end <= end);
}

/** Returns the entry under `key` in a map's own text, the last one where the key is given twice. */
export function ownEntry(map: MapNode, key: string): Entry | undefined {
  return ownEntries(map).findLast((entry) => entry.key.text === key);
}

/**
 * Returns where a node's content ends: behind its last character that is no comment, white space or line
 * break, unless these belong to it, as in a block scalar that keeps its trailing lines.
 */
export function contentEnd(text: string, node: Node): number {
  const { start, end } = spanOf(node);
  switch (node.kind) {
    case "list":
      return node.flow ? end : Math.max(end, itemExtents(text, node).at(-1)?.end ?? end);
    case "map": {
      const last = node.flow && !isTagged(node) ? undefined : ownEntries(node).at(-1);
      return last === undefined ? end : Math.max(end, entryExtent(text, last, node).end);
    }
    case "scalar": {
      const header = /^[|>][-+\d]*/.exec(text.slice(start, Math.min(end, start + 3)))?.[0];
      if (header === undefined || !node.quoted) return end;
      // Lines that hold only white space count in every block scalar, empty ones in those with a plus.
      const tail = header.includes("+")
        ? /[ \t]*(?:\r?\n[ \t]*(?=\r?\n))*/y
        : /(?:[ \t]*(?:\r?\n)+[ \t]+(?=\r?\n|$))*/y;
      return skip(tail, text, end);
    }
  }
}

/** Returns the end of what a sticky pattern matches at an offset; the offset where it matches nothing. */
function skip(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}

/** Tells whether nothing at all is written for a node. */
export function isEmpty(node: Node): boolean {
  return node.kind === "scalar" && node.from === node.to;
}

/** Returns the start of the line around an offset, behind a byte order mark. */
export function lineStart(text: string, offset: number): number {
  const start = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  return start === 0 && offset > 0 && text.charCodeAt(0) === 0xfeff ? 1 : start;
}

/** Returns the end of the line around an offset, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const newline = text.indexOf("\n", offset);
  if (newline < 0) return text.length;
  return newline > offset && text[newline - 1] === "\r" ? newline - 1 : newline;
}

export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Returns the white space before an offset when nothing else stands before it on its line. */
export function ownIndent(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return before.trim() === "" ? before : undefined;
}

/**
 * Returns the end of the line behind which a new line of this column may follow content that ends at
 * `end`: past the comments that hang on the content, before those that announce what comes next.
 */
export function lineAfter(text: string, end: number, column: number): number {
  let last = lineEnd(text, end);
  const comments: { readonly column: number; readonly end: number }[] = [];
  let next = -1;
  for (let at = followingLine(text, last); at !== undefined; at = followingLine(text, lineEnd(text, at))) {
    const line = text.slice(at, lineEnd(text, at));
    const indent = line.length - line.trimStart().length;
    if (indent === line.length) continue;
    if (line[indent] !== "#") {
      next = indent;
      break;
    }
    comments.push({ column: indent, end: at + line.length });
  }
  for (const comment of comments) {
    if (comment.column < column || comment.column <= next) break;
    last = comment.end;
  }
  return last;
}

/** Returns the start of the line that follows a line's end, undefined at the end of the text. */
export function followingLine(text: string, end: number): number | undefined {
  const newline = text.indexOf("\n", end);
  return newline < 0 ? undefined : newline + 1;
}
