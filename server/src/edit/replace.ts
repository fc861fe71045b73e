/** Replacing a value in place, comments around it untouched. */
import { type Document, type Node, spanOf } from "../template/syntax";
import type { Edit } from "./edit";
import {
  columnOf,
  contentEnd,
  type Extent,
  isAlias,
  isEmpty,
  itemExtents,
  lineEnd,
  ownIndent,
  valueEnd,
  valueStart,
} from "./extent";
import { printBehindKey, printFlow, printLines } from "./print";
import { isFlow, isInFlow, isTagged, type Site, siteOf } from "./site";
import { type Style, styleNear, styleOf } from "./style";
import { callOf, isList, isMap, type Value } from "./value";

/** Returns the edits that write `value` where `node` stands, its tag included; none for a node that is not in the text. */
export function replaceValue(document: Document, node: Node, value: Value): Edit[] {
  const site = siteOf(document, node);
  return site === undefined ? [] : replaceAt(document, site, value);
}

/** Returns the edits that write `value` at a place in the text, which may hold an alias for a node further up. */
export function replaceAt(document: Document, site: Site, value: Value): Edit[] {
  const style = styleLike(site, value, styleNear(document, site.parent?.node ?? site.node));
  if (style.json || isInFlow(document, site) || keepsBrackets(site.node, value)) {
    return inFlow(document, site, value, style);
  }
  return site.entry === undefined ? behindDash(document, site, value, style) : behindKey(document, site, value, style);
}

/** Returns the edit that puts a text in place of an extent, with the document's line breaks. */
export function edit(document: Document, { start, end }: Extent, text: string): Edit {
  const file = document.root?.block.file;
  const span = file === undefined ? { start, end } : { start, end, file };
  return { span, text: text.replaceAll("\n", styleOf(document).newline) };
}

/** A list takes the brackets, or the dashes, of the list it replaces. */
function styleLike({ node }: Site, value: Value, style: Style): Style {
  return !style.json && isList(value) && node.kind === "list" ? { ...style, compact: node.flow } : style;
}

function keepsBrackets(node: Node, value: Value): boolean {
  return isFlow(node) && node.kind === "map" && node.entries.length > 0 && isMap(value) && callOf(value) === undefined;
}

function inFlow(document: Document, site: Site, value: Value, style: Style): Edit[] {
  const { text } = document;
  const { node, entry, parent } = site;
  const extent = extentOf(document, site);
  const lineBegin = entry === undefined ? extent.start : spanOf(entry.key).start;
  const indent = style.pretty ? ownIndent(text, lineBegin) : undefined;
  const printed = printFlow(value, style, indent);
  if (!isEmpty(node) || entry === undefined || parent === undefined) return [edit(document, extent, printed)];
  const colon = text.slice(spanOf(entry.key).end, extent.start).includes(":") || isTagged(parent.node) ? "" : ":";
  return [edit(document, extent, `${colon} ${printed}`)];
}

/** Also the root, which hangs on nothing and begins at its own column. */
function behindDash(document: Document, site: Site, value: Value, style: Style): Edit[] {
  const { text } = document;
  const extent = extentOf(document, site);
  const isBare = isEmpty(site.node) && site.parent !== undefined;
  const [first = "", ...others] = printLines(value, columnOf(text, extent.start) + (isBare ? 1 : 0), style);
  return put(document, extent, isBare ? ` ${first}` : first, others);
}

function behindKey(document: Document, site: Site, value: Value, style: Style): Edit[] {
  const { text } = document;
  const { entry, parent } = site;
  if (entry === undefined || parent === undefined) return [];
  const { head, tail } = printBehindKey(value, hostColumn(document, site), style);
  const begin = valueStart(text, entry, parent.node);
  const extent = extentOf(document, site);
  const gap = text.slice(begin, extent.start);
  const spaced = head === "" ? "" : ` ${head}`;
  if (!gap.includes("\n")) return put(document, { start: begin + gap.trimEnd().length, end: extent.end }, spaced, tail);
  // The old value begins on a line of its own; an anchor on the key's line stays, and so do comments above the value.
  const inline = begin + (/^(?:[ \t]+[&!]\S*)*/.exec(gap)?.[0].length ?? 0);
  const above = begin + gap.lastIndexOf("\n");
  const start = text[above - 1] === "\r" ? above - 1 : above;
  const rest = { start: Math.max(inline, start), end: lineEnd(text, extent.end) };
  const below = edit(document, rest, tail.map((line) => `\n${line}`).join(""));
  return head === "" ? [below] : [edit(document, { start: inline, end: inline }, spaced), below];
}

/** Puts the first line in place and the others below its line, so that a comment stays where it is. */
function put(document: Document, extent: Extent, head: string, tail: readonly string[]): Edit[] {
  const below = lineEnd(document.text, extent.end);
  const lines = tail.map((line) => `\n${line}`).join("");
  if (lines === "" || below === extent.end) return [edit(document, extent, head + lines)];
  return [edit(document, extent, head), edit(document, { start: below, end: below }, lines)];
}

/** An empty value stands right behind its colon or dash, wherever the parser put it. */
function extentOf({ text }: Document, { node, entry, index, parent }: Site): Extent {
  if (entry !== undefined && parent !== undefined) {
    const begin = valueStart(text, entry, parent.node);
    const end = valueEnd(text, node, begin);
    if (isEmpty(node)) return { start: begin, end: begin };
    return { start: isAlias(node, begin) ? text.indexOf("*", begin) : spanOf(node).start, end };
  }
  const item = parent?.node.kind === "list" && index !== undefined ? itemExtents(text, parent.node)[index] : undefined;
  if (item !== undefined && isEmpty(node)) return { start: item.end, end: item.end };
  return { start: spanOf(node).start, end: contentEnd(text, node) };
}

/** Returns the column of the key or dash that a value in block style hangs on. */
function hostColumn(document: Document, { entry, index, parent }: Site): number {
  const { text } = document;
  if (parent === undefined) return 0;
  if (isTagged(parent.node)) return hostColumn(document, parent);
  if (entry !== undefined) return columnOf(text, spanOf(entry.key).start);
  const item = parent.node.kind === "list" && index !== undefined ? itemExtents(text, parent.node)[index] : undefined;
  return item === undefined ? 0 : columnOf(text, item.start);
}
