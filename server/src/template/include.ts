/**
 * What `AWS::Include` puts into a template: the content of another file, in the place of the call. Where that file is
 * not at hand, the call stays, and with it what nobody knows.
 *
 * An included file is no template, so what is in it is told of here. A function from there stands where the call names
 * the file; all else stands where it is written, and `Document.includes` tells which call brought it along.
 */
import { hidden, once } from "./once";
import { textOf } from "./read";
import { type Document, type Entry, get, intrinsic, type MapNode, type Node, type ScalarNode } from "./syntax";

/** Finds what a file holds that a local path names. */
export type Fragments = (location: string) => Node | undefined;

/** Returns the document with the files that it includes; the document itself where it includes none. */
export function withIncludes(document: Document, fragments: Fragments): Document {
  const { root } = document;
  if (root?.kind !== "map" || !document.text.includes("AWS::Include")) return document;
  const includes = new Map<string, ScalarNode>();
  const read: Read = (location) => {
    const content = fragments(location.text);
    if (content?.kind !== "map") return undefined;
    if (content.block.file !== undefined) includes.set(content.block.file, location);
    return placedAt(content, location);
  };
  const merged = merge(root, read);
  const transform = get(root, "Transform");
  const transforms = transform?.kind === "list" ? transform.items : transform === undefined ? [] : [transform];
  const sections = transforms.flatMap((one) => contentOf(one, read) ?? []);
  if (merged.kind !== "map" || (merged === root && sections.length === 0)) return document;
  const own = new Set(merged.entries.map(({ key }) => key.text));
  const added = sections.filter(({ key }) => !own.has(key.text));
  return { ...document, root: { ...merged, entries: [...merged.entries, ...added] }, includes };
}

function merge(node: Node, read: Read): Node {
  switch (node.kind) {
    case "scalar":
      return node;
    case "list": {
      const items = node.items.map((item) => merge(item, read));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    case "map": {
      const entries = node.entries.flatMap((one) => mergedEntry(one, read));
      const isSame = entries.length === node.entries.length && entries.every((one, at) => one === node.entries[at]);
      return isSame ? node : { ...node, entries };
    }
  }
}

function mergedEntry(entry: Entry, read: Read): readonly Entry[] {
  if (entry.key.text === "Fn::Transform") return contentOf(entry.value, read) ?? [entry];
  const value = merge(entry.value, read);
  return [value === entry.value ? entry : { ...entry, value }];
}

/** Returns what the file holds that a call names. */
type Read = (location: ScalarNode) => readonly Entry[] | undefined;

/** The entries of the file that a call includes; undefined for another call, and for a file that is no map. */
function contentOf(call: Node, read: Read): readonly Entry[] | undefined {
  const macro = intrinsic(call)?.name === "Fn::Transform" ? intrinsic(call)?.argument : call;
  if (textOf(get(macro, "Name")) !== "AWS::Include") return undefined;
  const location = get(get(macro, "Parameters"), "Location");
  return location?.kind === "scalar" ? read(location) : undefined;
}

/** The same file and the same call make the same nodes, so that an edit elsewhere changes nothing here. */
const placed = once((_content: MapNode) => hidden<ScalarNode, readonly Entry[]>());

/** Returns what a file holds, with the keys of its functions where a call names the file. */
function placedAt(content: MapNode, location: ScalarNode): readonly Entry[] {
  const places = placed(content);
  const entries = places.get(location) ?? content.entries.map((one) => moved(one, location));
  places.set(location, entries);
  return entries;
}

function moved({ key, value }: Entry, location: ScalarNode): Entry {
  if (value.kind === "map" && key.text === "Resources") {
    return { key, value: { ...value, entries: value.entries.map((one) => moved(one, location)) } };
  }
  const isFunction = functionTypes.test(textOf(get(value, "Type")) ?? "");
  return isFunction ? { key: { ...location, text: key.text }, value } : { key, value };
}

const functionTypes = /^AWS::(?:(?:Lambda|Serverless)::Function|Synthetics::Canary)$/;
