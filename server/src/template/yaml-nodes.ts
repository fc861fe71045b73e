/** From the nodes of the package `yaml` to those of a template: tags become maps, aliases their targets. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
  type Node as YamlNode,
} from "yaml";
import { message } from "../message";
import type { Block, Entry, ListNode, MapNode, Node, ScalarNode } from "./syntax";
import { DUPLICATE_KEY, type Fault, KEY_NO_TEXT } from "./yaml-problems";

/** A node that aliases may stand for. */
export interface Anchor {
  readonly node: Node;
  /** How many nodes a walk over it meets, every alias in it followed. */
  readonly size: number;
  /** How many levels of nesting it has. */
  readonly height: number;
}

/** What lies around a text that is converted on its own. */
export interface Surroundings {
  /** The anchors above the text. */
  readonly anchors: ReadonlyMap<string, Anchor>;
  /** How many nodes its aliases may still stand for. */
  readonly budget: number;
}

export interface Tag {
  readonly offset: number;
  readonly source: string;
}

export interface Conversion {
  readonly root: Node | undefined;
  /** Where the root stands in the block; an alias stands elsewhere than its node. */
  readonly from: number;
  readonly to: number;
  readonly faults: readonly Fault[];
  /** The anchors in the text. */
  readonly anchors: ReadonlyMap<string, Anchor>;
  /** The anchors it takes from its surroundings, undefined where there is none of that name. */
  readonly borrowed: ReadonlyMap<string, Anchor | undefined>;
  /** How many nodes its aliases stand for. */
  readonly spent: number;
}

/** Nesting beyond this is taken for an attack on the stack. */
export const MAX_DEPTH = 500;
export const TOO_DEEP = message("This is nested more than {0} levels deep, too deep to be read.", MAX_DEPTH);

/**
 * Converts one `yaml` node tree. Aliases share the node they stand for, so the cost is that of the
 * text; as whoever walks the result still meets every copy, `budget` bounds them.
 * @param tags every tag in the text, in order: `yaml` keeps a tag's name but not its place.
 */
export function convert(
  contents: YamlNode | null,
  text: string,
  block: Block,
  tags: readonly Tag[],
  around: Surroundings,
): Conversion {
  const faults: Fault[] = [];
  const anchors = new Map<string, Anchor>();
  const borrowed = new Map<string, Anchor | undefined>();
  let size = 0;
  let spent = 0;
  let deepest = 0;

  /** Converts a node; `to` is where it ends in this text, which for an alias is not where its node ends. */
  function toNode(source: YamlNode, depth: number): { node: Node; to: number } {
    if (isAlias(source)) {
      const [from, to] = rangeOf(source);
      return { node: follow(source.source, from, to, depth), to };
    }
    const sizeBefore = size;
    const deepestBefore = deepest;
    deepest = depth;
    const bare = isMap(source) ? toMap(source, depth) : isSeq(source) ? toList(source, depth) : toScalar(source);
    const node = tagged(source, bare);
    if ("anchor" in source && typeof source.anchor === "string") {
      anchors.set(source.anchor, { node, size: size - sizeBefore, height: deepest - depth });
    }
    deepest = Math.max(deepest, deepestBefore);
    return { node, to: node.to };
  }

  function follow(name: string, from: number, to: number, depth: number): Node {
    const anchor = anchors.get(name) ?? around.anchors.get(name);
    if (!anchors.has(name)) borrowed.set(name, anchor);
    if (anchor === undefined) {
      // Without a name, `yaml` has complained already.
      if (name !== "") faults.push({ message: message("No anchor of this name stands above this alias."), from, to });
      return scalar("", to, to);
    }
    size += anchor.size;
    spent += anchor.size;
    if (spent > around.budget || depth + anchor.height > MAX_DEPTH) {
      // Nothing further is followed, here or below, so that the outcome does not hang on the order of edits.
      spent = Number.POSITIVE_INFINITY;
      faults.push({ message: message("The aliases of this template stand for too much text to be read."), from, to });
      return scalar("", to, to);
    }
    deepest = Math.max(deepest, depth + anchor.height);
    return anchor.node;
  }

  /** Returns the map that a short tag stands for, `{ Ref: … }`; the node itself where it has none. */
  function tagged(source: YamlNode, node: Node): Node {
    const tag = source.tag === undefined ? undefined : tagOf(source, tags);
    if (tag === undefined) return node;
    size++;
    const key: ScalarNode = {
      kind: "scalar",
      block,
      from: tag.offset,
      to: tag.offset + tag.source.length,
      text: longForm(tag.source),
      quoted: false,
    };
    return {
      kind: "map",
      block,
      from: key.from,
      to: Math.max(node.to, key.to),
      entries: [{ key, value: node }],
      flow: false,
      tag: tag.source,
    };
  }

  function toMap(source: YAMLMap, depth: number): MapNode {
    size++;
    const entries: (Entry | { merged: readonly MapNode[] })[] = [];
    const explicit = new Set<string>();
    let [from, to] = rangeOf(source);
    if (!source.flow) to = from;
    for (const pair of source.items as Pair<YamlNode, YamlNode | null>[]) {
      const key = toKey(pair.key);
      const value =
        pair.value === null ? { node: scalar("", key.to, key.to), to: key.to } : toNode(pair.value, depth + 1);
      from = Math.min(from, key.from);
      to = Math.max(to, value.to, key.to);
      const merged = key.text === "<<" && !key.quoted ? mapsIn(value.node) : undefined;
      if (merged !== undefined) {
        entries.push({ merged });
        continue;
      }
      if (explicit.has(key.text)) faults.push({ message: DUPLICATE_KEY, from: key.from, to: key.to });
      explicit.add(key.text);
      entries.push({ key, value: value.node });
    }
    return { kind: "map", block, from, to, entries: merge(entries, explicit), flow: source.flow === true };
  }

  function toKey(source: YamlNode): ScalarNode {
    const [from, to] = rangeOf(source);
    if (isScalar(source)) {
      const key = toScalar(source);
      if (source.anchor !== undefined) anchors.set(source.anchor, { node: key, size: 1, height: 0 });
      return key;
    }
    const target = isAlias(source) ? follow(source.source, from, to, 0) : undefined;
    if (target?.kind === "scalar") return { ...target, block, from, to };
    if (target === undefined) faults.push({ message: KEY_NO_TEXT, from, to });
    return scalar(text.slice(from, to), from, to);
  }

  function toList(source: YAMLSeq, depth: number): ListNode {
    size++;
    let [from, to] = rangeOf(source);
    if (!source.flow) to = from;
    const items = (source.items as YamlNode[]).map((item) => {
      const { node, to: end } = toNode(item, depth + 1);
      to = Math.max(to, end);
      return node;
    });
    return { kind: "list", block, from, to, items, flow: source.flow === true };
  }

  function toScalar(source: YamlNode): ScalarNode {
    let [from, to] = rangeOf(source);
    const { source: content, type } = source as Scalar & { source?: string };
    // `yaml` puts an omitted value behind the spaces after its colon, and ends a text block after its last blank line.
    if (from === to) while (isBlank(text[from - 1])) to = --from;
    while (to > from && isWhite(text[to - 1])) to--;
    return scalar(content ?? "", from, to, type !== undefined && type !== "PLAIN");
  }

  function scalar(content: string, from: number, to: number, quoted = false): ScalarNode {
    size++;
    return { kind: "scalar", block, from, to, text: content, quoted };
  }

  const root = contents === null || isEmpty(contents) ? undefined : toNode(contents, 0);
  return {
    ...plainConversion(root?.node),
    from: contents !== null && isAlias(contents) ? rangeOf(contents)[0] : (root?.node.from ?? 0),
    to: root?.to ?? 0,
    ...(faults.length > 0 && { faults }),
    ...(anchors.size > 0 && { anchors }),
    ...(borrowed.size > 0 && { borrowed }),
    spent,
  };
}

/** Returns the conversion of a text with neither faults nor anchors to a node that stands in it. */
export function plainConversion(root: Node | undefined): Conversion {
  const [from, to] = [root?.from ?? 0, root?.to ?? 0];
  return { root, from, to, faults: NO_FAULTS, anchors: NO_ANCHORS, borrowed: NO_ANCHORS, spent: 0 };
}

// Most blocks have none of these; sharing the empty ones spares memory that every edit would walk through.
const NO_FAULTS: readonly Fault[] = [];
const NO_ANCHORS: ReadonlyMap<string, never> = new Map<string, never>();

/** Returns the maps that a merge key takes its entries from; undefined where the value is none. */
function mapsIn(value: Node): readonly MapNode[] | undefined {
  const maps = value.kind === "list" ? value.items : [value];
  return maps.every((each) => each.kind === "map" && each.tag === undefined) ? (maps as readonly MapNode[]) : undefined;
}

/** Puts merged entries in the place of their merge key; the map's own keys win, then the first map merged. */
function merge(entries: readonly (Entry | { merged: readonly MapNode[] })[], taken: Set<string>): Entry[] {
  return entries.flatMap((each) => {
    if (!("merged" in each)) return [each];
    return each.merged.flatMap((map) => {
      const fresh = map.entries.filter(({ key }) => !taken.has(key.text));
      for (const { key } of fresh) taken.add(key.text);
      return fresh;
    });
  });
}

/** Returns the short tag of a node that has one; standard tags such as `!!str` are no functions. */
function tagOf(source: YamlNode, tags: readonly Tag[]): Tag | undefined {
  const [from] = rangeOf(source);
  let low = 0;
  let high = tags.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tags[middle]?.offset ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  // A tag on a map's first key stands behind the map's own.
  const tag = [tags[low - 1], tags[low - 2]].find((each) => each?.source === source.tag);
  return tag !== undefined && /^![^!<]/.test(tag.source) ? tag : undefined;
}

/** Returns the name of the function that a short tag stands for. */
export function longForm(tag: string): string {
  const name = tag.slice(1);
  return name === "Ref" || name === "Condition" ? name : `Fn::${name}`;
}

/** Tells whether a document has no content at all. */
function isEmpty(contents: YamlNode): boolean {
  const [from, to] = rangeOf(contents);
  return isScalar(contents) && from === to && contents.tag === undefined;
}

function rangeOf(node: YamlNode): [from: number, to: number] {
  return node.range ? [node.range[0], node.range[1]] : [0, 0];
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t";
}

function isWhite(char: string | undefined): boolean {
  return isBlank(char) || char === "\n" || char === "\r";
}
