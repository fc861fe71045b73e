/** Tables and routes of a topology: each subnet gets the table it needs, and a table the route it lacks. */
import { known, type Network, type RouteTable, type Subnet } from "../../network/model";
import { tableOf } from "../../network/routes";
import { setProperty } from "../resource";
import { retarget } from "../retarget";
import type { ValueMap } from "../value";
import * as body from "./bodies";
import { add, type Plan, waitFor } from "./plan";

/** A subnet that is there, or that the plan adds. */
export interface Place {
  readonly id: string;
  readonly subnet: Subnet | undefined;
}

/** What a default route leads to: the property that names it, and the reference. */
export type Target = ValueMap;

export const everywhere = { ipv4: "0.0.0.0/0", ipv6: "::/0" } as const;

/** The table of a place: one of the template, or the id of a new one. */
export interface PlannedTable {
  readonly id: string;
  readonly existing: RouteTable | undefined;
}

/** Returns the table that a place is associated with in the template. */
export function ownTable({ network }: Plan, { subnet }: Place): RouteTable | undefined {
  if (subnet === undefined) return undefined;
  const choice = tableOf(network, subnet);
  return choice.kind === "explicit" ? choice.table : undefined;
}

/**
 * Gives a place a table of its own or a shared one: its own where it has one, else `shared`, else a new one
 * called `name`. A place whose table others must not share gets a new one.
 */
export function ensureTable(
  plan: Plan,
  place: Place,
  name: string,
  shared: PlannedTable | undefined,
  isTaken: (table: RouteTable) => boolean = () => false,
): PlannedTable {
  const own = ownTable(plan, place);
  if (own?.external === true || hasForeignTable(plan, place)) plan.impossible = true;
  if (own !== undefined && !isTaken(own)) return { id: own.key, existing: own };
  if (own !== undefined && isUsedFor(plan.network, own)) plan.impossible = true;
  const table = shared ?? { id: add(plan, name, body.routeTable(plan.vpc.id)), existing: undefined };
  if (own === undefined) add(plan, `${place.id}Routes`, body.association(place.id, table.id));
  else reassociate(plan, place, table.id);
  return table;
}

/** An association with a table that is not in sight is somebody's decision. */
function hasForeignTable({ network }: Plan, { subnet }: Place): boolean {
  return subnet !== undefined && subnet.tables.length > 0 && tableOf(network, subnet).kind !== "explicit";
}

/** What else a table is for would be lost to the subnet that leaves it. */
function isUsedFor(network: Network, table: RouteTable): boolean {
  const others = table.routes.filter(({ destination }) => known(destination) !== everywhere.ipv4);
  const endpoints = [...network.endpoints.values()].some(({ tables }) =>
    tables.some((key) => known(key) === table.key),
  );
  return others.length > 0 || endpoints || table.propagations.length > 0;
}

function reassociate(plan: Plan, { subnet }: Place, table: string): void {
  const at = subnet?.tables[0]?.at;
  const id = at?.kind === "text" && at.node.kind === "scalar" ? at.node.text : "";
  const resource = plan.template.resources.get(id);
  if (resource?.type !== "AWS::EC2::SubnetRouteTableAssociation") {
    plan.impossible = true;
    return;
  }
  plan.edits.push(...setProperty(plan.document, resource, ["RouteTableId"], body.ref(table)));
}

/**
 * Sends a table's traffic for everywhere to a target: by a new route, or by the route that is there, which then
 * leads to the target in place of what it led to.
 */
export function ensureRoute(
  plan: Plan,
  table: PlannedTable,
  family: "ipv4" | "ipv6",
  target: Target,
  name: string,
  dependsOn?: string,
): string {
  const destination = everywhere[family];
  const existing = table.existing?.routes.find((route) => known(route.destination) === destination);
  if (existing === undefined) {
    const property = family === "ipv4" ? "DestinationCidrBlock" : "DestinationIpv6CidrBlock";
    // Several subnets may share the new table.
    for (const [id, { Properties }] of plan.added) {
      const { RouteTableId, [property]: to } = (Properties ?? {}) as ValueMap;
      if (to === destination && JSON.stringify(RouteTableId) === JSON.stringify(body.ref(table.id))) return id;
    }
    return add(plan, name, body.route(table.id, { [property]: destination }, target, dependsOn));
  }
  waitFor(plan, existing.key, dependsOn);
  const [[wanted = "", value] = []] = Object.entries(target);
  const before = existing.targets[0];
  const goal = JSON.stringify(value).match(/"Ref":"(\w+)"/)?.[1];
  if ((before !== undefined && known(before.key) === goal) || plan.changed.has(existing.key)) return existing.key;
  plan.changed.add(existing.key);
  const resource = plan.template.resources.get(existing.key);
  const edits =
    resource === undefined || value === undefined ? undefined : retarget(plan.document, resource, wanted, value);
  if (edits === undefined) plan.impossible = true;
  else plan.edits.push(...edits);
  return existing.key;
}
