/**
 * From the tokens of the package `yaml` straight to the nodes of a template, where nothing unusual stands in the text.
 *
 * The package's composer makes a second tree, with comments, ranges and warnings that nobody reads here, and takes as
 * long as its parser. Most blocks of a template are maps, lists, texts and short tags without a fault. What is not
 * surely so, an anchor, a tab, an explicit key, anything that might be a fault, is left to the composer.
 */
import { CST } from "yaml";
import type { Block, Entry, ListNode, MapNode, Node, ScalarNode } from "./syntax";
import { longForm } from "./yaml-nodes";

/** Returns the nodes of a text's tokens, the same that the composer and `convert` give; undefined where they must. */
export function plainNodes(tokens: readonly CST.Token[], text: string, block: Block): Node | undefined {
  let root: Node | undefined;
  for (const token of tokens) {
    if (token.type === "newline" || token.type === "comment" || token.type === "space") continue;
    if (token.type !== "document") return undefined;
    if (token.value?.type !== "block-map" || !isBlank(token.start) || !isBlank(token.end)) return undefined;
    root = toMap(token.value, text, block);
    if (root === undefined) return undefined;
  }
  return root;
}

function toNode(token: CST.Token, text: string, block: Block): Node | undefined {
  switch (token.type) {
    case "scalar":
    case "single-quoted-scalar":
    case "double-quoted-scalar":
    case "block-scalar":
      return toScalar(token, text, block);
    case "block-map":
      return toMap(token, text, block);
    case "block-seq":
      return toList(token, text, block);
    case "flow-collection":
      return toFlow(token, text, block);
    default:
      return undefined;
  }
}

function toMap({ offset, indent, items }: CST.BlockMap, text: string, block: Block): MapNode | undefined {
  const entries: Entry[] = [];
  for (const { start, key: name, sep, value: content } of items) {
    if (!isBlank(start)) return undefined;
    if (sep === undefined) continue;
    const key = toKey(name, text, block);
    if (key === undefined || (name as CST.FlowScalar).indent !== indent || text.slice(key.from, key.to).includes("\n"))
      return undefined;
    const ahead = propertiesOf(sep, "map-value-ind");
    if (ahead === undefined || (isBlockCollection(content) && !ahead.isBelow)) return undefined;
    const value = toValue(content, ahead, text, block);
    if (value === undefined) return undefined;
    entries.push({ key, value });
  }
  const to = entries.at(-1)?.value.to ?? offset;
  return isRepeated(entries)
    ? undefined
    : { kind: "map", block, from: offset, to, entries: entries.slice(), flow: false };
}

function toList({ offset, items }: CST.BlockSequence, text: string, block: Block): ListNode | undefined {
  const nodes: Node[] = [];
  let to = offset;
  for (const { start, value } of items) {
    if (value === undefined && isBlank(start)) continue;
    const ahead = propertiesOf(start, "seq-item-ind");
    if (ahead === undefined || (ahead.tag !== undefined && isBlockCollection(value) && !ahead.isBelow))
      return undefined;
    const node = toValue(value, ahead, text, block);
    if (node === undefined) return undefined;
    nodes.push(node);
    to = node.to;
  }
  return { kind: "list", block, from: offset, to, items: nodes.slice(), flow: false };
}

function toFlow(token: CST.FlowCollection, text: string, block: Block): MapNode | ListNode | undefined {
  const isMap = token.start.source === "{";
  const [close, ...behind] = token.end;
  if (close?.source !== (isMap ? "}" : "]") || !isBlank(behind)) return undefined;
  const entries: Entry[] = [];
  const nodes: Node[] = [];
  for (const [index, { start, key: name, sep, value: content }] of token.items.entries()) {
    const before = propertiesOf(start, "comma", index > 0);
    if (before === undefined) return undefined;
    // Behind a last comma, or in empty brackets.
    if (before.tag === undefined && name === undefined && sep === undefined && content === undefined) continue;
    if (isMap) {
      const key = toKey(name, text, block);
      const ahead = propertiesOf(sep ?? [], "map-value-ind");
      if (key === undefined || before.tag !== undefined || ahead === undefined) return undefined;
      const value = isBlockCollection(content) ? undefined : toValue(content, ahead, text, block);
      if (value === undefined) return undefined;
      entries.push({ key, value });
    } else {
      const isItem = sep === undefined && content !== undefined && !isBlockCollection(content);
      const node = isItem ? toValue(content, before, text, block) : undefined;
      if (node === undefined) return undefined;
      nodes.push(node);
    }
  }
  const place = { block, from: token.offset, to: close.offset + 1 };
  if (!isMap) return { kind: "list", ...place, items: nodes.slice(), flow: true };
  return isRepeated(entries) ? undefined : { kind: "map", ...place, entries: entries.slice(), flow: true };
}

function toKey(token: CST.Token | null | undefined, text: string, block: Block): ScalarNode | undefined {
  const key = token && isFlowScalar(token) ? toScalar(token, text, block) : undefined;
  // A merge key.
  return key?.text === "<<" && !key.quoted ? undefined : key;
}

function toValue(token: CST.Token | undefined, ahead: Properties, text: string, block: Block): Node | undefined {
  const { tag, to } = ahead;
  if (token !== undefined && ahead.isTight) return undefined;
  const node = token === undefined ? scalar(block, to, to, "", false) : toNode(token, text, block);
  if (tag === undefined || node === undefined) return node;
  const key = scalar(block, tag.offset, tag.offset + tag.source.length, longForm(tag.source), false);
  const entries = [{ key, value: node }];
  return { kind: "map", block, from: key.from, to: node.to, entries, flow: false, tag: tag.source };
}

function toScalar(token: CST.FlowScalar | CST.BlockScalar, text: string, block: Block): ScalarNode | undefined {
  let isFaulty = false;
  const content = CST.resolveAsScalar(token, false, () => {
    isFaulty = true;
  });
  if (isFaulty) return undefined;
  const from = token.offset;
  let to = content.range[1];
  // A text block ends after its last blank line.
  while (to > from && isWhite(text.charCodeAt(to - 1))) to--;
  return to === from ? undefined : scalar(block, from, to, content.value, token.type !== "scalar");
}

function scalar(block: Block, from: number, to: number, text: string, quoted: boolean): ScalarNode {
  return { kind: "scalar", block, from, to, text, quoted };
}

/** What stands before a value. */
interface Properties {
  readonly tag: CST.SourceToken | undefined;
  /** Where the indicator ends, or the tag behind it. */
  readonly to: number;
  /** Whether a line ends behind them. */
  readonly isBelow: boolean;
  /** Whether the tag stands right before the value, without a space. */
  readonly isTight: boolean;
}

/** Reads what stands before a value: its indicator, once, then perhaps a short tag; undefined where there is more. */
function propertiesOf(
  tokens: readonly CST.SourceToken[],
  indicator: "map-value-ind" | "seq-item-ind" | "comma",
  isNeeded = true,
): Properties | undefined {
  let found = !isNeeded;
  let tag: CST.SourceToken | undefined;
  let to = 0;
  let isBelow = false;
  let isTight = false;
  for (const token of tokens) {
    switch (token.type) {
      case "space":
        if (token.source.includes("\t")) return undefined;
        break;
      case "comment":
        break;
      case "newline":
        isBelow = true;
        break;
      case "tag":
        if (!found || tag !== undefined || !SHORT_TAG.test(token.source)) return undefined;
        tag = token;
        to = token.offset + token.source.length;
        isBelow = false;
        isTight = true;
        continue;
      case indicator:
        if (found) return undefined;
        found = true;
        to = token.offset + 1;
        isBelow = false;
        break;
      default:
        return undefined;
    }
    isTight = false;
  }
  return found ? { tag, to, isBelow, isTight } : undefined;
}

const SHORT_TAG = /^!\w[\w:.-]*$/;

function isBlank(tokens: readonly CST.Token[] | undefined): boolean {
  if (tokens === undefined) return true;
  for (const token of tokens) {
    if (token.type === "space" ? token.source.includes("\t") : token.type !== "newline" && token.type !== "comment")
      return false;
  }
  return true;
}

function isRepeated(entries: readonly Entry[]): boolean {
  return entries.length > 1 && new Set(entries.map(({ key }) => key.text)).size < entries.length;
}

function isFlowScalar(token: CST.Token): token is CST.FlowScalar {
  return token.type === "scalar" || token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar";
}

function isBlockCollection(token: CST.Token | undefined): boolean {
  return token?.type === "block-map" || token?.type === "block-seq";
}

function isWhite(char: number): boolean {
  return char === 32 || char === 9 || char === 10 || char === 13;
}
