/** Taking items and keys away, with their commas or whole lines. */
import type { Document, ListNode, MapNode, Node } from "../template/syntax";
import type { Edit } from "./edit";
import {
  type Extent,
  entryExtent,
  followingLine,
  itemExtents,
  lineEnd,
  lineStart,
  ownEntries,
  ownIndent,
} from "./extent";
import { edit, replaceAt } from "./replace";
import { isFlow, isInFlow, isTagged, type Site, siteOf } from "./site";

/** Returns the edits that remove an item of a list; the last one leaves `[]`. None for an item that is not written there. */
export function removeItem(document: Document, list: ListNode, item: Node): Edit[] {
  return removeItems(document, list, [item]);
}

/** Returns the edits that remove several items of a list. */
export function removeItems(document: Document, list: ListNode, items: readonly Node[]): Edit[] {
  const site = siteOf(document, list);
  if (site === undefined) return [];
  const written = site.node.items;
  const gone = new Set(items.map((item) => written.indexOf(item)).filter((index) => index >= 0));
  if (gone.size === 0) return [];
  if (gone.size === written.length) return replaceAt(document, site, []);
  return removePieces(document, site, itemExtents(document.text, site.node), gone);
}

/** Returns the edits that remove a key of a map with its value; the last one leaves `{}`. */
export function removeKey(document: Document, map: MapNode, key: string): Edit[] {
  const site = siteOf(document, map);
  if (site === undefined || isTagged(site.node)) return [];
  const { node } = site;
  const own = ownEntries(node);
  const gone = new Set(own.flatMap((one, index) => (one.key.text === key ? [index] : [])));
  if (gone.size === 0) return [];
  // What a merge key brings cannot stay without a key of the map's own beside it.
  if (gone.size === own.length) return own.length < node.entries.length ? [] : replaceAt(document, site, {});
  const extents = own.map((one) => entryExtent(document.text, one, node));
  return removePieces(document, site, extents, gone);
}

/** Removes some pieces of a list or map, never all. Leading ones go with what parts them from the first that stays. */
function removePieces(document: Document, site: Site, pieces: readonly Extent[], gone: ReadonlySet<number>): Edit[] {
  const inFlow = isFlow(site.node) || isInFlow(document, site);
  const firstKept = pieces.findIndex((_, index) => !gone.has(index));
  return [...gone]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const piece = pieces[index];
      if (piece === undefined) return [];
      const next = index < firstKept ? pieces[index + 1] : undefined;
      const extent = inFlow
        ? fromFlow(document.text, piece, pieces[index - 1], next)
        : fromBlock(document.text, piece, pieces, index, firstKept);
      return extent === undefined ? [] : [edit(document, extent, "")];
    });
}

/** A piece goes with the comma before it, or the one behind it when nothing before it stays. */
function fromFlow(text: string, piece: Extent, previous: Extent | undefined, next: Extent | undefined): Extent {
  const gap = text.slice(previous?.end ?? piece.start, piece.start);
  const line = { start: lineStart(text, piece.start), end: lineEnd(text, piece.end) };
  const rest = text.slice(piece.end, line.end);
  // Comments stay with their own line: `a, # one` keeps its comment when the line below goes.
  if (/#/.test(gap + rest) && ownIndent(text, piece.start) !== undefined && /^\s*,\s*(?:#.*)?$/.test(rest)) {
    return wholeLines(text, piece);
  }
  if (next !== undefined) return { start: piece.start, end: next.start };
  return { start: previous?.end ?? piece.start, end: piece.end };
}

function fromBlock(
  text: string,
  piece: Extent,
  pieces: readonly Extent[],
  index: number,
  firstKept: number,
): Extent | undefined {
  const [first] = pieces;
  // A first piece behind a dash, as in `- a: 1`, leaves its place to the first one that stays.
  if (first !== undefined && index < firstKept && ownIndent(text, first.start) === undefined) {
    return index === 0 ? { start: first.start, end: pieces[firstKept]?.start ?? piece.end } : undefined;
  }
  return wholeLines(text, piece);
}

/** Lines go with the line break before them, so that a text added behind them is not torn. */
function wholeLines(text: string, { start, end }: Extent): Extent {
  const first = lineStart(text, start);
  const last = lineEnd(text, end);
  if (text[first - 1] !== "\n") return { start: first, end: followingLine(text, last) ?? last };
  return { start: first - (text[first - 2] === "\r" ? 2 : 1), end: last };
}
