/** Adding keys to maps and items to lists. */
import type { Document, Entry, ListNode, MapNode } from "../template/syntax";
import type { Edit } from "./edit";
import {
  columnOf,
  type Extent,
  entryExtent,
  itemExtents,
  lineAfter,
  lineEnd,
  ownEntries,
  ownEntry,
  ownIndent,
} from "./extent";
import { indented, printEntry, printFlow, printFlowEntry, printItem } from "./print";
import { edit, replaceAt } from "./replace";
import { isFlow, isInFlow, isTagged, siteOf } from "./site";
import { type Style, styleNear } from "./style";
import type { Value, ValueMap } from "./value";

/**
 * Returns the edits that set a key of a map: its value replaced, or the key added behind the others.
 *
 * Edits that add to one map, or to one list, may be applied together. There are none where the map is an
 * intrinsic call in its short form, or not in the text.
 */
export function setKey(document: Document, map: MapNode, key: string, value: Value): Edit[] {
  const site = siteOf(document, map);
  if (site === undefined || isTagged(site.node)) return [];
  const existing = ownEntry(site.node, key);
  if (existing === undefined) return insertEntries(document, site.node, { [key]: value });
  return replaceAt(document, { node: existing.value, entry: existing, parent: site }, value);
}

/** Returns the edits that add an item behind the others, in the list's own style. */
export function appendItem(document: Document, list: ListNode, value: Value): Edit[] {
  return appendItems(document, list, [value]);
}

/** Returns the edits that add items behind the others, in the list's own style. */
export function appendItems(document: Document, list: ListNode, values: readonly Value[]): Edit[] {
  const site = siteOf(document, list);
  if (site === undefined || values.length === 0) return [];
  const { node } = site;
  const style = styleNear(document, site.parent?.node ?? node);
  const extents = itemExtents(document.text, node);
  const last = extents.at(-1);
  if (last === undefined) return replaceAt(document, site, values);
  if (isFlow(node) || isInFlow(document, site)) {
    return insertInFlow(document, last, true, style, (indent) =>
      values.map((value) => printFlow(value, style, indent)),
    );
  }
  const column = columnOf(document.text, extents[0]?.start ?? last.start);
  const lines = values.flatMap((value) => indented(printItem(value, column, style), column));
  return [insertLines(document, lineAfter(document.text, last.end, column), lines)];
}

/** Returns the edits that add entries to a map that is in the text: behind `after`, or behind all others. */
export function insertEntries(document: Document, map: MapNode, entries: ValueMap, after?: Entry): Edit[] {
  const { text } = document;
  const site = siteOf(document, map);
  const own = ownEntries(map);
  const previous = after ?? own.at(-1);
  if (site === undefined || Object.keys(entries).length === 0) return [];
  if (previous === undefined) return map.entries.length > 0 ? [] : replaceAt(document, site, entries);
  const style = styleNear(document, map);
  const extent = entryExtent(text, previous, map);
  if (isFlow(map) || isInFlow(document, site)) {
    const isLast = previous === own.at(-1);
    return insertInFlow(document, extent, isLast, style, (indent) =>
      Object.entries(entries).map(([key, value]) => printFlowEntry(key, value, style, indent)),
    );
  }
  const column = columnOf(text, extent.start);
  const lines = Object.entries(entries).flatMap(([key, value]) =>
    indented(printEntry(key, value, column, style), column),
  );
  return [insertLines(document, lineAfter(text, extent.end, column), lines)];
}

/** Returns the edit that adds a key to a map that is in the text, before all others. */
export function insertFirst(document: Document, map: MapNode, key: string, value: string): Edit[] {
  const site = siteOf(document, map);
  const [first] = ownEntries(map);
  if (site === undefined || first === undefined) return [];
  const { start } = entryExtent(document.text, first, map);
  const style = styleNear(document, map);
  if (isFlow(map) || isInFlow(document, site)) {
    const indent = ownIndent(document.text, start);
    const separator = indent === undefined ? style.comma : `,\n${indent}`;
    return [edit(document, { start, end: start }, printFlowEntry(key, value, style, indent) + separator)];
  }
  const column = columnOf(document.text, start);
  const lines = printEntry(key, value, column, style).join("\n");
  return [edit(document, { start, end: start }, `${lines}\n${" ".repeat(column)}`)];
}

function insertLines(document: Document, at: number, lines: readonly string[]): Edit {
  return edit(document, { start: at, end: at }, lines.map((line) => `\n${line}`).join(""));
}

/** What follows `previous` among brackets: on the same line, or on lines of its own where `previous` has its own. */
function insertInFlow(
  document: Document,
  previous: Extent,
  isLast: boolean,
  style: Style,
  print: (indent: string | undefined) => readonly string[],
): Edit[] {
  const { text } = document;
  const indent = ownIndent(text, previous.start);
  const separator = indent === undefined ? style.comma : `,\n${indent}`;
  const printed = print(indent).join(separator);
  const at = (offset: number): Extent => ({ start: offset, end: offset });
  const comma = isLast ? commaAfter(text, previous.end) : undefined;
  const begin = comma ?? previous.end;
  const end = lineEnd(text, begin);
  const isBeforeComment = indent !== undefined && isLast && /^\s*#/.test(text.slice(begin, end));
  if (comma !== undefined) {
    const lead = indent === undefined ? " " : `\n${indent}`;
    return [edit(document, at(isBeforeComment ? end : begin), `${lead}${printed},`)];
  }
  if (!isBeforeComment) return [edit(document, at(begin), separator + printed)];
  return [edit(document, at(begin), ","), edit(document, at(end), `\n${indent}${printed}`)];
}

/** Returns the offset behind a comma that YAML allows after the last item. */
function commaAfter(text: string, offset: number): number | undefined {
  const comma = /(?:\s|#[^\n]*)*,/y;
  comma.lastIndex = offset;
  return comma.test(text) ? comma.lastIndex : undefined;
}
