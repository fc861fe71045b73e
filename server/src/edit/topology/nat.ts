/** The ways out through NAT: one gateway, one in each zone, one for the whole VPC, or a machine. */
import { publicSubnets } from "../../network/alternatives";
import { known, knownOr, type NatGateway } from "../../network/model";
import { get } from "../../template/syntax";
import { setProperty } from "../resource";
import type { Value } from "../value";
import * as body from "./bodies";
import { add, type Plan, rangeOf, waitFor } from "./plan";
import { ensureRoute, ensureTable, ownTable, type Place, type PlannedTable } from "./routing";
import { ensureGateway, ensurePublic, idleTable } from "./subnets";

export type NatKind = "nat" | "nat-per-zone" | "nat-regional" | "nat-instance";

/** Gives each place a default route through NAT of this kind. */
export function throughNat(plan: Plan, places: readonly Place[], kind: NatKind): void {
  switch (kind) {
    case "nat":
      throughOne(plan, places);
      break;
    case "nat-per-zone":
      throughEach(plan, places);
      break;
    case "nat-regional":
      throughRegional(plan, places);
      break;
    case "nat-instance":
      throughInstance(plan, places);
      break;
  }
}

function throughOne(plan: Plan, places: readonly Place[]): void {
  let nat: string | undefined;
  let table: PlannedTable | undefined;
  for (const one of places) {
    if (natBehind(plan, one, "zonal") !== undefined) continue;
    table = ensureTable(plan, one, "PrivateRouteTable", table ?? idleTable(plan));
    nat ??= natGateway(plan, places, zoneOf(one, 0));
    ensureRoute(plan, table, "ipv4", { NatGatewayId: body.ref(nat) }, routeName(table));
  }
}

/** Each place has a table of its own, and leaves through a gateway of its own zone. */
function throughEach(plan: Plan, places: readonly Place[]): void {
  if (places.length < 2) plan.impossible = true;
  const nats = new Set<string>();
  const tables = new Set<string>();
  const publics = new Set<string>();
  for (const [index, one] of places.entries()) {
    const behind = natBehind(plan, one, "zonal");
    const table = ensureTable(plan, one, `PrivateRouteTable${index + 1}`, undefined, ({ key }) => tables.has(key));
    tables.add(table.id);
    if (behind !== undefined && table.existing !== undefined && !nats.has(behind.key)) {
      nats.add(behind.key);
      publics.add(known(behind.subnet) ?? "");
      continue;
    }
    const nat = natGateway(plan, places, zoneOf(one, index), index + 1, publics, nats);
    nats.add(nat);
    ensureRoute(plan, table, "ipv4", { NatGatewayId: body.ref(nat) }, routeName(table));
  }
}

function throughRegional(plan: Plan, places: readonly Place[]): void {
  let nat: string | undefined;
  let table: PlannedTable | undefined;
  for (const one of places) {
    if (natBehind(plan, one, "regional") !== undefined) continue;
    const gateway = ensureGateway(plan);
    const existing = natGateways(plan).find(
      ({ availability, vpc }) => known(availability) === "regional" && known(vpc) === plan.vpc.key,
    );
    if (existing !== undefined) waitFor(plan, existing.key, gateway.attachment);
    nat ??= existing?.key ?? add(plan, "NatGateway", body.regionalNatGateway(plan.vpc.id, gateway.attachment));
    table = ensureTable(plan, one, "PrivateRouteTable", table ?? idleTable(plan));
    ensureRoute(plan, table, "ipv4", { NatGatewayId: body.ref(nat) }, routeName(table));
  }
}

function throughInstance(plan: Plan, places: readonly Place[]): void {
  let instance: string | undefined;
  let table: PlannedTable | undefined;
  for (const one of places) {
    if (plan.egress.subnets.some(({ subnet, ipv4 }) => subnet === one.subnet && ipv4.verdict === "nat-instance"))
      continue;
    if (instance === undefined) {
      const out = ensurePublic(plan, places, zoneOf(one, 0));
      const group = add(plan, "NatInstanceSecurityGroup", body.natInstanceGroup(plan.vpc.id, rangeOf(plan)));
      instance = add(plan, "NatInstance", body.natInstance(out.id, group, out.route));
    }
    table = ensureTable(plan, one, "PrivateRouteTable", table ?? idleTable(plan));
    ensureRoute(plan, table, "ipv4", { InstanceId: body.ref(instance) }, routeName(table));
  }
}

/** Returns the NAT gateway of this kind through which a place reaches the internet already. */
function natBehind(plan: Plan, place: Place, kind: "zonal" | "regional"): NatGateway | undefined {
  const path = plan.egress.subnets.find(({ subnet }) => subnet !== undefined && subnet === place.subnet);
  const table = ownTable(plan, place);
  const isBad =
    path !== undefined && path.ipv4.verdict !== "nat" && !path.ipv4.blockers.every((one) => /^blocked/.test(one));
  if (table === undefined || isBad) return undefined;
  const route = table.routes.find(({ destination }) => known(destination) === "0.0.0.0/0");
  return natGateways(plan).find(
    ({ key, availability }) =>
      (known(availability) === "regional") === (kind === "regional") &&
      route?.targets.some((target) => known(target.key) === key) === true,
  );
}

function natGateways({ network }: Plan): NatGateway[] {
  return [...network.natGateways.values()].filter(({ external }) => !external);
}

/** Returns a zonal NAT gateway in a public subnet: one of the template, moved where it stands wrong, or a new one. */
function natGateway(
  plan: Plan,
  places: readonly Place[],
  availabilityZone: Value,
  number?: number,
  publics: Set<string> = new Set(),
  taken: ReadonlySet<string> = new Set(),
): string {
  const { network, vpc, document, template } = plan;
  const suffix = number ?? "";
  const ready = vpc.existing === undefined ? [] : publicSubnets(network, vpc.key).map(({ key }) => key);
  const usable = natGateways(plan).filter((nat) => {
    const subnet = network.subnets.get(known(nat.subnet) ?? "");
    const isOwn = subnet !== undefined && known(subnet.vpc) === vpc.key;
    const isZonal = knownOr(nat.availability, "zonal") === "zonal" && knownOr(nat.connectivity, "public") === "public";
    return isOwn && isZonal && !taken.has(nat.key);
  });
  const good = usable.find((nat) => ready.includes(known(nat.subnet) ?? "") && nat.allocation.is !== "absent");
  if (good !== undefined) {
    publics.add(known(good.subnet) ?? "");
    return good.key;
  }
  const [existing] = usable;
  const out = ensurePublic(plan, places, availabilityZone, `PublicSubnet${suffix}`, publics);
  publics.add(out.id);
  const { attachment } = ensureGateway(plan);
  if (existing === undefined) {
    const address = add(plan, `NatAddress${suffix}`, body.address(attachment));
    return add(plan, `NatGateway${suffix}`, body.natGateway(out.id, address, attachment));
  }
  const resource = template.resources.get(existing.key);
  if (resource !== undefined && known(existing.subnet) !== out.id) {
    plan.edits.push(...setProperty(document, resource, ["SubnetId"], body.ref(out.id)));
  }
  if (resource !== undefined && get(resource.properties, "AllocationId") === undefined) {
    const address = add(plan, `NatAddress${suffix}`, body.address(attachment));
    plan.edits.push(...setProperty(document, resource, ["AllocationId"], body.attribute(address, "AllocationId")));
  }
  return existing.key;
}

/** A public subnet stands in the zone of the subnet that leaves through it. */
function zoneOf({ id, subnet }: Place, index: number): Value {
  return subnet === undefined ? body.zone(index) : body.attribute(id, "AvailabilityZone");
}

function routeName({ id }: PlannedTable): string {
  const name = /^(.*?)(?:Route)?Table(\d*)$/.exec(id);
  return name === null ? `${id}DefaultRoute` : `${name[1]}DefaultRoute${name[2]}`;
}
