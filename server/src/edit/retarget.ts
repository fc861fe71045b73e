/** The edits by which a route leads elsewhere, or is about another destination. */
import { type Document, type Entry, spanOf } from "../template/syntax";
import type { Resource } from "../template/template";
import type { Edit } from "./edit";
import { removeKey } from "./remove";
import { edit, replaceValue } from "./replace";
import type { Value } from "./value";

/** The properties of a route of which one names what it leads to. */
export const targetNames: ReadonlySet<string> = new Set([
  "CarrierGatewayId",
  "CoreNetworkArn",
  "EgressOnlyInternetGatewayId",
  "GatewayId",
  "InstanceId",
  "LocalGatewayId",
  "NatGatewayId",
  "NetworkInterfaceId",
  "TransitGatewayId",
  "VpcEndpointId",
  "VpcPeeringConnectionId",
]);

/** Returns the edits that let a route lead to `value` in place of its one target; undefined where it has none or several. */
export function retarget(document: Document, route: Resource, name: string, value: Value): Edit[] | undefined {
  const [only, ...others] = targetsOf(route);
  return only === undefined || others.length > 0 ? undefined : replaceEntry(document, only, name, value);
}

/** Returns the edits that leave a route the one of its targets that has this name. */
export function keepTarget(document: Document, route: Resource, name: string): Edit[] {
  const { properties } = route;
  if (properties?.kind !== "map") return [];
  return targetsOf(route)
    .filter(({ key }) => key.text !== name)
    .flatMap(({ key }) => removeKey(document, properties, key.text));
}

/** Returns what a route names as its targets. */
export function targetsOf({ properties }: Resource): Entry[] {
  return properties?.kind === "map" ? properties.entries.filter(({ key }) => targetNames.has(key.text)) : [];
}

/** Returns the edits that write another key and value in an entry's place, between the same quotes. */
export function replaceEntry(document: Document, { key, value: old }: Entry, name: string, value: Value): Edit[] {
  const { start, end } = spanOf(key);
  const written = document.text.slice(start, end);
  const renamed = key.text === name ? [] : [edit(document, { start, end }, written.replace(key.text, name))];
  return [...renamed, ...replaceValue(document, old, value)];
}
