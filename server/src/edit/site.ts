/**
 * Where a node is written.
 *
 * Rules hold nodes that a transform may have merged or made up, so an edit first looks for the node in
 * the document itself; what is not written there cannot be edited.
 */
import type { Origin } from "../network/model";
import { once } from "../template/once";
import {
  type Document,
  type Entry,
  type ListNode,
  type MapNode,
  type Node,
  type Span,
  spanOf,
} from "../template/syntax";

/** A written node with the nodes around it. */
export interface Site<N extends Node = Node> {
  readonly node: N;
  /** The entry whose value the node is, where the parent is a map. */
  readonly entry?: Entry;
  /** The place among the parent's items, where the parent is a list. */
  readonly index?: number;
  readonly parent?: Site;
}

/** Returns where a node is written in the document, undefined for a node that a transform made. */
export function siteOf<N extends Node>(document: Document, node: N): Site<N> | undefined {
  const { root } = document;
  if (root === undefined || root.block.file !== node.block.file) return undefined;
  return find({ node: root }, node);
}

/** Returns the key whose value a node is, or the node itself where it is no such value: what a person would point at. */
export function namedPlace(document: Document, node: Node): Node {
  return siteOf(document, node)?.entry?.key ?? node;
}

/** Returns an origin that points at the key naming a value, such as a list that begins on a line of its own. */
export function namedOrigin(document: Document, at: Origin): Origin {
  return at.kind === "text" ? { kind: "text", node: namedPlace(document, at.node) } : at;
}

function find<N extends Node>(site: Site, target: N): Site<N> | undefined {
  if (isSamePlace(site, target)) return site;
  for (const child of childrenAround(site, spanOf(target))) {
    const found = find(child, target);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSamePlace<N extends Node>(site: Site, target: N): site is Site<N> {
  const here = spanOf(site.node);
  const wanted = spanOf(target);
  return site.node.kind === target.kind && here.start === wanted.start && here.end === wanted.end;
}

/** Returns the children whose text includes a place. */
function childrenAround(site: Site, place: Span): Site[] {
  const { node } = site;
  switch (node.kind) {
    case "scalar":
      return [];
    case "list":
      return around(node, place).flatMap((index): Site[] => {
        const item = node.items[index];
        return item === undefined ? [] : [{ node: item, index, parent: site }];
      });
    case "map":
      return around(node, place).flatMap((index): Site[] => {
        const entry = node.entries[index];
        return entry === undefined ? [] : [{ node: entry.value, entry, parent: site }];
      });
  }
}

/** Returns which children include a place: where they follow one another, by halving, as there may be thousands. */
function around(node: MapNode | ListNode, { start, end }: Span): number[] {
  const children = childrenOf(node);
  const includes = (index: number): boolean => {
    const child = children[index];
    const span = child === undefined ? undefined : spanOf(child);
    return span !== undefined && span.start <= start && span.end >= end;
  };
  if (!isInOrder(node)) return [...children.keys()].filter(includes);
  let [first, last] = [0, children.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    const child = children[middle];
    if (child !== undefined && spanOf(child).start <= start) first = middle + 1;
    else last = middle;
  }
  const found: number[] = [];
  for (let index = first - 1; includes(index); index--) found.unshift(index);
  return found;
}

const childrenOf = once((node: MapNode | ListNode): readonly Node[] =>
  node.kind === "list" ? node.items : node.entries.map(({ value }) => value),
);

/**
 * An alias stands for what is written elsewhere, so children need not follow one another. Edits further up move them,
 * but not one past another.
 */
const isInOrder = once((node: MapNode | ListNode) => {
  const spans = childrenOf(node).map((child) => spanOf(child));
  return spans.every(({ start }, index) => index === 0 || (spans[index - 1]?.end ?? 0) <= start);
});

/** Tells whether a node stands among brackets, where line breaks and indentation mean nothing. */
export function isInFlow(document: Document, site: Site): boolean {
  if (document.language === "json") return true;
  for (let outer = site.parent; outer !== undefined; outer = outer.parent) {
    if (isFlow(outer.node)) return true;
  }
  return false;
}

/** Tells whether a node is written with brackets of its own. */
export function isFlow(node: Node): boolean {
  return node.kind !== "scalar" && node.flow && !isTagged(node);
}

/** Tells whether a node is an intrinsic call in its short form, which has neither brackets nor a key. */
export function isTagged(node: Node): boolean {
  return node.kind === "map" && node.tag !== undefined;
}
