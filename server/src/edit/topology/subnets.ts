/** The subnets of a topology: private ones for the function, public ones for what stands between it and the internet. */
import { publicSubnets, publicTables, subnetsWithEgress, tablesWithNat } from "../../network/alternatives";
import { known, type LambdaFunction, type RouteTable, type Subnet } from "../../network/model";
import { tableOf } from "../../network/routes";
import { get, type Node } from "../../template/syntax";
import type { Resource } from "../../template/template";
import { danglingName } from "../dangling";
import type { Value } from "../value";
import * as body from "./bodies";
import { add, ensureVpc, freeBlock, type Plan } from "./plan";
import { ensureRoute, ensureTable, everywhere, ownTable, type Place, type PlannedTable } from "./routing";

/**
 * Returns the subnets in which the function is going to stand, none of them public: its own, those that a
 * reference of it names although nobody wrote them, others of the VPC that are right or still open, or new ones.
 */
export function privatePlaces(plan: Plan, wish: "nat" | "any"): Place[] {
  ensureVpc(plan);
  const { egress, network, vpc } = plan;
  const own = egress.subnets.flatMap(({ subnet }) =>
    subnet !== undefined && !subnet.external && known(subnet.vpc) === vpc.key && !isPublic(plan, subnet)
      ? [{ id: subnet.key, subnet }]
      : [],
  );
  const promised = danglingSubnets(plan).map((id, index) => {
    plan.added.set(id, body.subnet(vpc.id, body.zone(index + own.length), freeBlock(plan)));
    return { id, subnet: undefined };
  });
  if (own.length + promised.length > 0) return [...own, ...promised];
  const right = wish === "nat" && vpc.existing !== undefined ? subnetsWithEgress(network, vpc.key) : [];
  if (right.length > 0)
    return right.flatMap(({ subnet }) => (subnet === undefined ? [] : [{ id: subnet.key, subnet }]));
  const open = [...network.subnets.values()].filter(
    (subnet) =>
      isOurs(plan, subnet) && subnet.tables.length === 0 && !seemsPublic(subnet) && !holdsMachine(plan, subnet),
  );
  if (open.length > 0) return open.map((subnet) => ({ id: subnet.key, subnet }));
  return [0, 1].map((index) => ({
    id: add(plan, `PrivateSubnet${index + 1}`, body.subnet(vpc.id, body.zone(index), freeBlock(plan))),
    subnet: undefined,
  }));
}

/**
 * Returns the names that the function's subnets have without there being anything of that name. A name in place of the
 * whole list was meant to be a parameter, which no subnet can be.
 */
function danglingSubnets({ template, egress, resource }: Plan): string[] {
  if (listOf(resource, egress.fn, "SubnetIds")?.kind !== "list") return [];
  return egress.subnets.flatMap(({ reference }) => {
    const name = danglingName(template, known(reference.key));
    return name === undefined || /public/i.test(name) ? [] : [name];
  });
}

/** Returns a list of the function's VpcConfig as it is written, Globals merged in. */
export function listOf({ properties }: Resource, { canary }: LambdaFunction, name: string): Node | undefined {
  return get(get(properties, canary ? "VPCConfig" : "VpcConfig"), name);
}

function isOurs({ vpc }: Plan, subnet: Subnet): boolean {
  return !subnet.external && known(subnet.vpc) === vpc.key;
}

/** Tells whether a subnet's default route leads to an internet gateway. */
function isPublic({ network }: Plan, subnet: Subnet): boolean {
  const choice = tableOf(network, subnet);
  return (
    choice.kind === "explicit" &&
    choice.table.routes.some(
      ({ destination, targets }) =>
        known(destination) === everywhere.ipv4 &&
        targets.some(({ kind, key }) => kind === "internet-gateway" || network.internetGateways.has(known(key) ?? "")),
    )
  );
}

function seemsPublic({ key, publicIpOnLaunch }: Subnet): boolean {
  return /public|dmz/i.test(key) || known(publicIpOnLaunch) === true;
}

/** What forwards traffic stands in a subnet of its own. */
function holdsMachine({ network }: Plan, { key }: Subnet): boolean {
  return [...network.natGateways.values(), ...network.instances.values()].some(({ subnet }) => known(subnet) === key);
}

export interface Gateway {
  readonly id: string;
  /** The attachment, which whatever uses the gateway has to wait for. */
  readonly attachment: string | undefined;
}

/** Returns the VPC's internet gateway: the one attached to it, one that is attached to nothing, or a new one. */
export function ensureGateway(plan: Plan): Gateway {
  ensureVpc(plan);
  const { network, vpc, added } = plan;
  for (const { gateway, at } of vpc.existing?.attachments ?? []) {
    const id = known(gateway);
    if (id === undefined || !network.internetGateways.has(id)) continue;
    return { id, attachment: at.kind === "text" && at.node.kind === "scalar" ? at.node.text : undefined };
  }
  for (const [id, { Type, Properties }] of added) {
    if (Type !== "AWS::EC2::VPCGatewayAttachment") continue;
    const named = JSON.stringify(Properties).match(/"InternetGatewayId":\{"Ref":"(\w+)"/)?.[1];
    if (named !== undefined) return { id: named, attachment: id };
  }
  const attached = new Set(
    [...network.vpcs.values()].flatMap(({ attachments }) => attachments.map(({ gateway }) => known(gateway))),
  );
  const free = [...network.internetGateways.values()].find(({ key, external }) => !external && !attached.has(key));
  const id = free?.key ?? add(plan, "InternetGateway", body.internetGateway());
  return { id, attachment: add(plan, `${id}Attachment`, body.gatewayAttachment(vpc.id, id)) };
}

/** A public subnet with the way out that it has, or gets. */
export interface PublicPlace {
  readonly id: string;
  /** The resources that a machine in it has to wait for. */
  readonly route: string | undefined;
}

/** Returns a public subnet that is not in `used`: one of the template, one that is meant to be public, or a new one. */
export function ensurePublic(
  plan: Plan,
  privates: readonly Place[],
  availabilityZone: Value,
  name = "PublicSubnet",
  used: ReadonlySet<string> = new Set(),
): PublicPlace {
  ensureVpc(plan);
  const { network, vpc } = plan;
  const isFree = ({ key }: Subnet) => !used.has(key) && !privates.some(({ id }) => id === key);
  const ready = vpc.existing === undefined ? [] : publicSubnets(network, vpc.key);
  const [found] = ready.filter(isFree);
  if (found !== undefined)
    return { id: found.key, route: defaultRoute(ownTable(plan, { id: found.key, subnet: found })) };
  const tables = new Set(privates.map((place) => ownTable(plan, place)?.key));
  const meant = [...network.subnets.values()].find((subnet) => {
    const table = ownTable(plan, { id: subnet.key, subnet });
    const isMeant = seemsPublic(subnet) || isPublic(plan, subnet) || holdsMachine(plan, subnet);
    return isOurs(plan, subnet) && isFree(subnet) && isMeant && (table === undefined || !tables.has(table.key));
  });
  const place: Place =
    meant === undefined
      ? { id: add(plan, name, body.subnet(vpc.id, availabilityZone, freeBlock(plan))), subnet: undefined }
      : { id: meant.key, subnet: meant };
  const gateway = ensureGateway(plan);
  const table = ensureTable(plan, place, "PublicRouteTable", sharedPublicTable(plan));
  const target = { GatewayId: body.ref(gateway.id) };
  return { id: place.id, route: ensureRoute(plan, table, "ipv4", target, "PublicDefaultRoute", gateway.attachment) };
}

function sharedPublicTable({ network, vpc, added }: Plan): PlannedTable | undefined {
  const [existing] = vpc.existing === undefined ? [] : publicTables(network, vpc.key);
  if (existing !== undefined) return { id: existing.key, existing };
  const mine = [...added.keys()].find((id) => /^PublicRouteTable\d*$/.test(id));
  return mine === undefined ? undefined : { id: mine, existing: undefined };
}

function defaultRoute(table: RouteTable | undefined): string | undefined {
  return table?.routes.find(({ destination }) => known(destination) === everywhere.ipv4)?.key;
}

/** Returns a table that leads to NAT, or to nothing yet, and that no subnet uses. */
export function idleTable(plan: Plan): PlannedTable | undefined {
  const { network, vpc } = plan;
  if (vpc.existing === undefined) return undefined;
  const used = new Set(
    [...network.subnets.values()].flatMap(({ tables }) => tables.map(({ target }) => known(target))),
  );
  const edges = new Set(network.edges.map(({ table }) => known(table)));
  const idle = (table: RouteTable) =>
    !used.has(table.key) && !edges.has(table.key) && !table.external && known(table.vpc) === vpc.key;
  const table =
    tablesWithNat(network, vpc.key).find(idle) ??
    [...network.routeTables.values()].find(
      (one) => idle(one) && defaultRoute(one) === undefined && !/public|dmz/i.test(one.key),
    );
  return table === undefined ? undefined : { id: table.key, existing: table };
}
