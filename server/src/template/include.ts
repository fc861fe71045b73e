/**
 * What `AWS::Include` puts into a template: the content of another file, in the place of the call. Where that file is
 * not at hand, the call stays, and with it what nobody knows.
 */
import { textOf } from "./read";
import { type Document, type Entry, get, intrinsic, type Node } from "./syntax";

/** Finds what a file holds that a local path names. */
export type Fragments = (location: string) => Node | undefined;

/** Returns the document with the files that it includes; the document itself where it includes none. */
export function withIncludes(document: Document, fragments: Fragments): Document {
  const { root } = document;
  if (root?.kind !== "map" || !document.text.includes("AWS::Include")) return document;
  const merged = merge(root, fragments);
  const transform = get(root, "Transform");
  const includes = transform?.kind === "list" ? transform.items : transform === undefined ? [] : [transform];
  const sections = includes.flatMap((one) => contentOf(one, fragments) ?? []);
  if (merged.kind !== "map" || (merged === root && sections.length === 0)) return document;
  const own = new Set(merged.entries.map(({ key }) => key.text));
  const added = sections.filter(({ key }) => !own.has(key.text));
  return { ...document, root: { ...merged, entries: [...merged.entries, ...added] } };
}

function merge(node: Node, fragments: Fragments): Node {
  switch (node.kind) {
    case "scalar":
      return node;
    case "list": {
      const items = node.items.map((item) => merge(item, fragments));
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    case "map": {
      const entries = node.entries.flatMap((one) => mergedEntry(one, fragments));
      const isSame = entries.length === node.entries.length && entries.every((one, at) => one === node.entries[at]);
      return isSame ? node : { ...node, entries };
    }
  }
}

function mergedEntry(entry: Entry, fragments: Fragments): readonly Entry[] {
  if (entry.key.text === "Fn::Transform") return contentOf(entry.value, fragments) ?? [entry];
  const value = merge(entry.value, fragments);
  return [value === entry.value ? entry : { ...entry, value }];
}

/** The entries of the file that a call includes; undefined for another call, and for a file that is no map. */
function contentOf(call: Node, fragments: Fragments): readonly Entry[] | undefined {
  const macro = intrinsic(call)?.name === "Fn::Transform" ? intrinsic(call)?.argument : call;
  if (textOf(get(macro, "Name")) !== "AWS::Include") return undefined;
  const location = textOf(get(get(macro, "Parameters"), "Location"));
  const content = location === undefined ? undefined : fragments(location);
  return content?.kind === "map" ? content.entries : undefined;
}
