/**
 * Writes out the loops of AWS::LanguageExtensions, so that everything behind sees plain resources. What a
 * loop makes keeps the place of its body, so a finding about any of its rounds stands in the loop.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
 */
import { type Entry, intrinsic, type MapNode, type Node, type ScalarNode } from "./syntax";

/** Returns the items of a loop's collection, undefined where only deployment knows them. */
export type Collection = (node: Node) => readonly string[] | undefined;

/** At most this many rounds are written out for one document: CloudFormation's own limit on resources. */
const roundCap = 500;

const prefix = "Fn::ForEach::";

/** Returns the tree with its loops written out; a loop whose collection is not known stays as it is. */
export function expandLoops(root: MapNode, collection: Collection): MapNode {
  let rounds = 0;

  const expand = (node: Node): Node => {
    if (node.kind === "scalar") return node;
    if (node.kind === "list") {
      const items = node.items.map(expand);
      return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
    }
    const entries = node.entries.flatMap(expandEntry);
    const same =
      entries.length === node.entries.length && entries.every((entry, index) => entry === node.entries[index]);
    return same ? node : { ...node, entries };
  };

  const expandEntry = (entry: Entry): readonly Entry[] => {
    const loop = entry.key.text.startsWith(prefix) ? entry.value : undefined;
    const [identifier, list, body] = loop?.kind === "list" ? loop.items : [];
    if (identifier?.kind === "scalar" && list !== undefined && body?.kind === "map") {
      const items = collection(list);
      if (items !== undefined && rounds + items.length <= roundCap) {
        rounds += items.length;
        return items.flatMap((item) => {
          const round = substitute(body, identifier.text, item);
          return round.kind === "map" ? round.entries.flatMap(expandEntry) : [];
        });
      }
    }
    const value = expand(entry.value);
    return [value === entry.value ? entry : { key: entry.key, value }];
  };

  const expanded = expand(root);
  return expanded.kind === "map" ? expanded : root;
}

/** Puts a round's item in place of the loop's identifier, in keys, texts and references. */
function substitute(node: Node, identifier: string, item: string): Node {
  if (node.kind === "scalar") return inText(node, identifier, item);
  if (node.kind === "list") return { ...node, items: node.items.map((one) => substitute(one, identifier, item)) };
  const call = intrinsic(node);
  if (call?.name === "Ref" && call.argument.kind === "scalar" && call.argument.text === identifier) {
    return { kind: "scalar", text: item, quoted: true, block: node.block, from: node.from, to: node.to };
  }
  const entries = node.entries.map(({ key, value }) => ({
    key: inText(key, identifier, item),
    value: substitute(value, identifier, item),
  }));
  return { ...node, entries };
}

/** `&{Id}` leaves out what a logical id may not hold. */
function inText(node: ScalarNode, identifier: string, item: string): ScalarNode {
  const text = node.text
    .replaceAll(`\${${identifier}}`, item)
    .replaceAll(`&{${identifier}}`, item.replace(/[^A-Za-z0-9]/g, ""));
  return text === node.text ? node : { ...node, text };
}
