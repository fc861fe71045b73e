/** The edit that keeps SAM's Globals from a function. */
import { message } from "../message";
import { type Document, entry, get, intrinsic, type ListNode, type MapNode, type Node } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Edit } from "./edit";
import { setKey } from "./insert";
import { toValue } from "./resource";
import type { Offer } from "./subnets";
import type { Value } from "./value";

/**
 * Returns the fix after which a function has its own VpcConfig alone. It takes over what only Globals say; there is no
 * fix where that cannot be written again.
 */
export function offerIgnoreGlobals(document: Document, resource: Resource, global: MapNode, local: MapNode): Offer[] {
  const own = ownConfig(document, global, local);
  const given = get(resource.node, "IgnoreGlobals");
  const keys = given?.kind === "list" ? given.items.flatMap((item) => (item.kind === "scalar" ? item.text : [])) : [];
  if (own === undefined) return [];
  const edits = [...own, ...setKey(document, resource.node, "IgnoreGlobals", [...keys, "VpcConfig"])];
  return [{ title: message("Ignore the VpcConfig of Globals in {0}", resource.id), safe: false, edits }];
}

/** Tells whether a VpcConfig by itself means no VPC. */
export function isEmptyConfig(config: MapNode): boolean {
  return ["SubnetIds", "SecurityGroupIds"].every((name) => (plainList(get(config, name))?.items.length ?? 0) === 0);
}

export function plainMap(node: Node | undefined): MapNode | undefined {
  return node?.kind === "map" && intrinsic(node) === undefined ? node : undefined;
}

export function plainList(node: Node | undefined): ListNode | undefined {
  return node?.kind === "list" ? node : undefined;
}

function ownConfig(document: Document, global: MapNode, local: MapNode): Edit[] | undefined {
  const missing = isEmptyConfig(local) ? [] : global.entries.filter(({ key }) => entry(local, key.text) === undefined);
  const edits: Edit[] = [];
  for (const { key, value } of missing) {
    const values = value.kind === "list" ? value.items.map(toValue) : toValue(value);
    if (values === undefined || (Array.isArray(values) && values.includes(undefined))) return undefined;
    edits.push(...setKey(document, local, key.text, values as Value));
  }
  return edits;
}
