/**
 * The edits by which traffic leads on from the endpoint of a firewall, and its answers come back through it: a firewall
 * that sees one direction only drops the other.
 *
 * Both chains are AWS's: https://docs.aws.amazon.com/vpc/latest/userguide/middlebox-routing-examples.html.
 */
import { message } from "../message";
import { natGatewaysFor, publicSubnets } from "../network/alternatives";
import { type Key, known, type Network, type Route, type RouteTable, type Subnet } from "../network/model";
import { tableOf } from "../network/routes";
import type { Document } from "../template/syntax";
import type { Template } from "../template/template";
import type { Edit } from "./edit";
import { addResources, copyOf, freshId } from "./resource";
import { retarget } from "./retarget";
import type { Offer } from "./subnets";
import type { Value, ValueMap } from "./value";

/** A route to an endpoint, and the endpoint's subnet, from where nothing leads on. */
export interface Chain {
  readonly route: Route;
  readonly subnet: Subnet;
}

/** What the traffic is to leave by, and the table and subnets between which its answers must pass the endpoint. */
interface Exit {
  readonly key: Key;
  readonly target: ValueMap;
  readonly dependsOn?: string;
  readonly returns: ValueMap | undefined;
}

/** Returns a fix for each gateway of the VPC to which the endpoint's subnet may send the traffic on. */
export function offerExits(document: Document, template: Template, network: Network, chain: Chain): Offer[] {
  const vpc = known(chain.subnet.vpc);
  const choice = tableOf(network, chain.subnet);
  if (vpc === undefined || choice.kind === "unknown" || chain.subnet.external) return [];
  const table = choice.kind === "explicit" ? choice.table : undefined;
  const exits = isBehindNat(network, chain.route)
    ? gateways(template, network, chain, vpc)
    : nats(template, network, chain, vpc, table);
  return exits.flatMap(({ key, target, dependsOn, returns }) => {
    const onward = table === undefined ? newTable(template, chain.subnet, vpc) : { id: table.key, resources: {} };
    const led = leadTo(document, template, table, onward.id, target, dependsOn);
    if (led === undefined || returns === undefined) return [];
    const resources = { ...onward.resources, ...led.resources, ...returns };
    const added = addResources(document, template, resources, table?.key ?? chain.subnet.key);
    const title = message("Route {0} to the internet through {1}", onward.id, key);
    return [{ title, safe: false, edits: [...led.edits, ...added] }];
  });
}

function isBehindNat(network: Network, route: Route): boolean {
  return [...network.natGateways.values()].some((nat) => {
    const home = network.subnets.get(known(nat.subnet) ?? "");
    return home !== undefined && usesRoute(network, home, route);
  });
}

function usesRoute(network: Network, subnet: Subnet, route: Route): boolean {
  const choice = tableOf(network, subnet);
  return choice.kind === "explicit" && choice.table.routes.some(({ key }) => key === route.key);
}

/** What comes straight from the function needs NAT behind the endpoint, in a subnet that is public itself. */
function nats(template: Template, network: Network, chain: Chain, vpc: Key, table: RouteTable | undefined): Exit[] {
  const homes = new Set(publicSubnets(network, vpc).map(({ key }) => key));
  const loop = table ?? [...network.routeTables.values()].find(({ routes }) => routes.includes(chain.route));
  const choices = loop === undefined ? [] : natGatewaysFor(network, vpc, loop);
  return choices.flatMap((nat): Exit[] => {
    const home = network.subnets.get(known(nat.subnet) ?? "");
    const back = home === undefined ? undefined : tableOf(network, home);
    if (home === undefined || !homes.has(home.key) || back?.kind !== "explicit") return [];
    const before = [...network.subnets.values()].filter((one) => usesRoute(network, one, chain.route));
    const returns = routesBack(template, chain.route, { Ref: back.table.key }, back.table, before);
    return [{ key: nat.key, target: { NatGatewayId: { Ref: nat.key } }, returns }];
  });
}

/** What comes from a NAT gateway needs the internet gateway, whose own table sends the answers to the endpoint. */
function gateways(template: Template, network: Network, { route }: Chain, vpc: Key): Exit[] {
  const homes = [...network.natGateways.values()].flatMap((nat) => network.subnets.get(known(nat.subnet) ?? "") ?? []);
  const before = homes.filter((home) => usesRoute(network, home, route));
  return (network.vpcs.get(vpc)?.attachments ?? []).flatMap(({ at, gateway }): Exit[] => {
    const key = known(gateway);
    if (key === undefined || !network.internetGateways.has(key)) return [];
    const edge = network.edges.find((one) => known(one.gateway) === key);
    const own = edge === undefined ? undefined : network.routeTables.get(known(edge.table) ?? "");
    const dependsOn = at.kind === "text" && at.node.kind === "scalar" ? at.node.text : undefined;
    const id = freshId(template, `${key}RouteTable`);
    const fresh: ValueMap = {
      [id]: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: { Ref: vpc } } },
      [freshId(template, `${key}RouteTableAssociation`)]: {
        Type: "AWS::EC2::GatewayRouteTableAssociation",
        ...(dependsOn !== undefined && { DependsOn: dependsOn }),
        Properties: { GatewayId: { Ref: key }, RouteTableId: { Ref: id } },
      },
    };
    const back = routesBack(template, route, { Ref: own?.key ?? id }, own, before);
    const returns = back === undefined ? undefined : { ...(own === undefined && fresh), ...back };
    return edge !== undefined && own === undefined
      ? []
      : [{ key, target: { GatewayId: { Ref: key } }, ...(dependsOn !== undefined && { dependsOn }), returns }];
  });
}

/** Returns routes from a table to these subnets through the endpoint; undefined where their addresses are not known. */
function routesBack(
  template: Template,
  route: Route,
  table: Value,
  existing: RouteTable | undefined,
  subnets: readonly Subnet[],
): ValueMap | undefined {
  const [target] = route.targets;
  if (target?.at.kind !== "text") return undefined;
  const endpoint = copyOf(target.at.node);
  const routes: Record<string, Value> = {};
  for (const { key, cidr } of subnets) {
    if (cidr.is !== "known" || cidr.at.kind !== "text") return undefined;
    if (existing?.routes.some(({ destination }) => known(destination) === cidr.value) === true) continue;
    routes[freshId(template, `${key}ReturnRoute`)] = {
      Type: "AWS::EC2::Route",
      Properties: { RouteTableId: table, DestinationCidrBlock: cidr.value, VpcEndpointId: endpoint },
    };
  }
  return routes;
}

function newTable(
  template: Template,
  { key }: Subnet,
  vpc: Key,
): { readonly id: string; readonly resources: ValueMap } {
  const id = freshId(template, `${key}RouteTable`);
  const resources = {
    [id]: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: { Ref: vpc } } },
    [freshId(template, `${key}RouteTableAssociation`)]: {
      Type: "AWS::EC2::SubnetRouteTableAssociation",
      Properties: { SubnetId: { Ref: key }, RouteTableId: { Ref: id } },
    },
  };
  return { id, resources };
}

/** The one default route that a table has leads elsewhere; a table without one gets it. */
function leadTo(
  document: Document,
  template: Template,
  table: RouteTable | undefined,
  id: string,
  target: ValueMap,
  dependsOn: string | undefined,
): { readonly edits: readonly Edit[]; readonly resources: ValueMap } | undefined {
  const [first, ...others] = table?.routes.filter(({ destination }) => known(destination) === "0.0.0.0/0") ?? [];
  if (table !== undefined && (table.external || !template.resources.has(table.key))) return undefined;
  if (first === undefined) {
    const route = {
      Type: "AWS::EC2::Route",
      ...(dependsOn !== undefined && { DependsOn: dependsOn }),
      Properties: { RouteTableId: { Ref: id }, DestinationCidrBlock: "0.0.0.0/0", ...target },
    };
    return { edits: [], resources: { [freshId(template, `${id}DefaultRoute`)]: route } };
  }
  const resource = template.resources.get(first.key);
  const [[name, value] = []] = Object.entries(target);
  const isEndpoint = first.targets.some(({ kind }) => kind === "endpoint");
  if (others.length > 0 || resource === undefined || isEndpoint || name === undefined || value === undefined) {
    return undefined;
  }
  const edits = retarget(document, resource, name, value);
  return edits === undefined ? undefined : { edits, resources: {} };
}
