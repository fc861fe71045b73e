/**
 * The one syntax tree that YAML and JSON templates share.
 *
 * A tagged YAML node such as `!Ref Nat` stands here as the map `{ Ref: Nat }`, exactly like its
 * long form; its span includes the tag, so replacing the span replaces the whole expression.
 * Offsets count UTF-16 units from the start of the node's block, and only the block knows where it
 * begins: an edit above moves a block without touching the nodes in it.
 */
import type { Message } from "../message";

/** A run of text that was parsed on its own. */
export interface Block {
  /** Offset of the block's first character in its document. */
  start: number;
  /** The file the block belongs to, absent in the document under analysis. */
  file?: string;
}

/** A stretch of a document, in UTF-16 offsets; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Present only when the span lies in another file than the document under analysis. */
  readonly file?: string;
}

interface Place {
  readonly block: Block;
  readonly from: number;
  readonly to: number;
}

export interface ScalarNode extends Place {
  readonly kind: "scalar";
  /** The scalar's content, unquoted and unescaped, never converted: `012345678901` keeps its zero. */
  readonly text: string;
  /** False for plain YAML scalars and for JSON numbers, booleans and null. */
  readonly quoted: boolean;
}

export interface ListNode extends Place {
  readonly kind: "list";
  readonly items: readonly Node[];
  /** Written as `[a, b]`. */
  readonly flow: boolean;
}

export interface MapNode extends Place {
  readonly kind: "map";
  readonly entries: readonly Entry[];
  /** Written as `{ a: b }`. */
  readonly flow: boolean;
  /** The short tag this map was written with, such as `!GetAtt`. */
  readonly tag?: string;
}

export interface Entry {
  readonly key: ScalarNode;
  readonly value: Node;
}

export type Node = ScalarNode | ListNode | MapNode;

/** A place where the text is not what YAML or JSON allows, or not what a template allows. */
export interface SyntaxProblem {
  readonly message: Message;
  readonly span: Span;
  /** The run of text that it is in, where it is in one. */
  readonly block?: Block;
}

/** A parsed document; `root` is absent when nothing could be read. */
export interface Document {
  readonly text: string;
  readonly language: "yaml" | "json";
  readonly root: Node | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** For each file whose content was put in, where it is named; absent where none was. */
  readonly includes?: ReadonlyMap<string, ScalarNode>;
}

/** Returns where a node stands in its document now. */
export function spanOf(node: Place): Span {
  const { start, file } = node.block;
  const span = { start: start + node.from, end: start + node.to };
  return file === undefined ? span : { ...span, file };
}

/** Returns the value under `key`, the last one where a key is given twice (as CloudFormation reads it). */
export function get(node: Node | undefined, key: string): Node | undefined {
  return entry(node, key)?.value;
}

/** Returns the entry under `key`, the last one where a key is given twice. */
export function entry(node: Node | undefined, key: string): Entry | undefined {
  if (node?.kind !== "map") return undefined;
  for (let index = node.entries.length - 1; index >= 0; index--) {
    if (node.entries[index]?.key.text === key) return node.entries[index];
  }
  return undefined;
}

/** Tells whether the node is an empty value: `Key:` with nothing behind it, `~` or `null`. */
export function isNull(node: Node | undefined): boolean {
  return node?.kind === "scalar" && !node.quoted && /^(?:|~|null|Null|NULL)$/.test(node.text);
}

/** Returns the name and argument of an intrinsic function call, short or long form; undefined for anything else. */
export function intrinsic(node: Node | undefined): { name: string; argument: Node } | undefined {
  if (node?.kind !== "map" || node.entries.length !== 1) return undefined;
  const [only] = node.entries;
  if (only === undefined) return undefined;
  const name = only.key.text;
  if (name !== "Ref" && name !== "Condition" && !name.startsWith("Fn::")) return undefined;
  return { name, argument: only.value };
}
