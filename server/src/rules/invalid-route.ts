import { offerRemovedResource } from "../edit/remove-resource";
import { setProperty } from "../edit/resource";
import { keepTarget, replaceEntry, retarget, targetsOf } from "../edit/retarget";
import { type Message, message } from "../message";
import { parseCidr } from "../network/address-space";
import { natGatewaysFor } from "../network/alternatives";
import { gatewayKind } from "../network/gateway";
import { known, type Network, type Route, type RouteTable } from "../network/model";
import { type RefusedRoute, refusedRoutes } from "../network/routes";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const invalidRoute: Rule = {
  id: "invalid-route",
  severity: "error",
  group: "deploy",
  everywhere: true,
  summary: "AWS refuses a route or a route table association as it is written",
  docs: `## What happens

The stack fails to deploy.

A *route* says where packets for certain addresses go. It must name its route table, exactly one destination
and exactly one target, and a table can hold only one route for the same destination
([source](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html)). A subnet, in turn,
can be associated with only one route table
([source](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html)).

Targets have a kind of address, too: an egress-only internet gateway takes IPv6 alone. A NAT gateway takes
IPv4 alone, but for \`64:ff9b::/96\`, the range in which IPv4 addresses are written as IPv6.

## How to fix it

Of two routes for the same addresses, keep the one that is meant, or give each a condition so that only one
is created. For a NAT gateway beside an internet gateway, use two route tables: one for the public subnets,
one for the private ones.

## When to silence it

Never: the deployment fails.
`,
  bad: "invalid-route/duplicate.yaml",
  good: "invalid-route/conditional.yaml",

  *check(world) {
    const { network } = world;
    const functions = world.functions.map(({ fn }) => fn.key);
    for (const table of network.routeTables.values()) {
      for (const refused of refusedRoutes(table)) {
        yield {
          at: refused.route.at,
          message: words(table, refused),
          notes: notes(refused),
          fixes: () => fixes(world, table, refused),
          functions,
        };
      }
      for (const route of table.routes.filter((one) => sendsIpv6ToNat(network, one))) {
        yield {
          at: route.at,
          message: message("{0} sends IPv6 to a NAT gateway, which takes IPv4 alone", route.key),
          fixes: () => natFixes(world, table, route),
          functions,
        };
      }
    }
    for (const { key, tables } of network.subnets.values()) {
      const [first, ...others] = tables;
      if (first === undefined) continue;
      for (const { at, target } of others) {
        yield {
          at,
          message: message(
            "{0} is associated with a route table already, so AWS refuses {1} and the stack fails to deploy",
            key,
            known(target) ?? "?",
          ),
          notes: [{ at: first.at, message: message("this associates it with {0}", known(first.target) ?? "?") }],
          fixes: () => (at.kind === "text" && at.node.kind === "scalar" ? removal(world, at.node.text) : []),
          functions,
        };
      }
    }
  },
};

function words(table: RouteTable, { route, reason, earlier }: RefusedRoute): Message {
  switch (reason) {
    case "no-target":
      return message("{0} has no target, so the stack fails to deploy", route.key);
    case "two-targets":
      return message("{0} has more than one target, so the stack fails to deploy", route.key);
    case "no-destination":
      return message("{0} has no destination, so the stack fails to deploy", route.key);
    case "wrong-family":
      return message(
        "{0} sends IPv4 to an egress-only internet gateway, which takes IPv6 alone: the stack fails to deploy",
        route.key,
      );
    case "duplicate-route":
      return message(
        "{0} has the same destination in {1} as {2}, so the stack fails to deploy",
        route.key,
        table.key,
        earlier?.key ?? "?",
      );
  }
}

function notes({ route, reason, earlier }: RefusedRoute): DraftNote[] {
  if (reason === "two-targets") {
    return route.targets.map(({ at }) => ({ at, message: message("one target") }));
  }
  if (earlier === undefined) return [];
  return [{ at: earlier.at, message: message("this route has the destination already") }];
}

function fixes(world: World, table: RouteTable, { route, reason }: RefusedRoute): Fix[] {
  switch (reason) {
    case "duplicate-route":
      return removal(world, route.key);
    case "two-targets":
      return targetsToKeep(world, route);
    case "no-target":
      return targetsToAdd(world, table, route);
    case "no-destination":
      return destination(world, table, route);
    case "wrong-family":
      return otherFamily(world, table, route, "DestinationIpv6CidrBlock");
  }
}

function removal({ document, template }: World, id: string): Fix[] {
  return offerRemovedResource(document, template, id);
}

/** A function needs NAT, so no internet gateway is left where one stands behind the table. */
function targetsToKeep({ document, template, network, functions }: World, route: Route): Fix[] {
  const resource = template.resources.get(route.key);
  if (resource === undefined) return [];
  const isOpen = (name: string): boolean =>
    name === "GatewayId" && route.targets.some((target) => gatewayKind(network, target) === "internet");
  return targetsOf(resource)
    .filter(({ key }) => functions.length === 0 || !isOpen(key.text))
    .map(({ key }) => ({
      title: message("Let {0} lead by its {1} only", route.key, key.text),
      safe: false,
      edits: keepTarget(document, resource, key.text),
    }));
}

/** What else leads out of the table's VPC. */
function targetsToAdd({ document, template, whole }: World, table: RouteTable, route: Route): Fix[] {
  const resource = template.resources.get(route.key);
  const vpc = known(table.vpc);
  if (resource === undefined || vpc === undefined) return [];
  const network = whole();
  const gateways = [...network.egressOnlyGateways.values()].filter((one) => known(one.vpc) === vpc);
  const [name, ids] =
    route.family === "ipv6"
      ? ["EgressOnlyInternetGatewayId", gateways.map(({ key }) => key)]
      : ["NatGatewayId", natGatewaysFor(network, vpc, table).map(({ key }) => key)];
  const additions = ids.map((id) => ({
    title: message("Let {0} lead to {1}", route.key, id),
    safe: false,
    edits: setProperty(document, resource, [name], { Ref: id }),
  }));
  return [...additions, ...offerRemovedResource(document, template, route.key)];
}

/** A route without a destination was meant for everything, unless the table has such a route. */
function destination({ document, template }: World, { routes }: RouteTable, route: Route): Fix[] {
  const resource = template.resources.get(route.key);
  const isIpv6 = route.targets.some(({ kind }) => kind === "egress-only-gateway");
  const block = isIpv6 ? "::/0" : "0.0.0.0/0";
  if (resource === undefined || routes.some((one) => known(one.destination) === block)) return [];
  const name = isIpv6 ? "DestinationIpv6CidrBlock" : "DestinationCidrBlock";
  const edits = setProperty(document, resource, [name], block);
  return [{ title: message("Let {0} lead to {1}", route.key, block), safe: false, edits }];
}

/** A default route of the wrong family was meant to be that of the other. */
function otherFamily({ document, template }: World, table: RouteTable, route: Route, name: string): Fix[] {
  const properties = template.resources.get(route.key)?.properties;
  const [from, to] = route.family === "ipv4" ? ["0.0.0.0/0", "::/0"] : ["::/0", "0.0.0.0/0"];
  const written =
    properties?.kind === "map" ? properties.entries.find(({ key }) => /^Destination/.test(key.text)) : undefined;
  const isTaken = table.routes.some((one) => known(one.destination) === to);
  if (written === undefined || known(route.destination) !== from || isTaken) return [];
  const title =
    route.family === "ipv4"
      ? message("Make {0} the default route of IPv6", route.key)
      : message("Make {0} the default route of IPv4", route.key);
  return [{ title, safe: false, edits: replaceEntry(document, written, name, to) }];
}

/** IPv6 leaves through an egress-only gateway; without one the route is of no use, or was meant for IPv4. */
function natFixes(world: World, table: RouteTable, route: Route): Fix[] {
  const { document, template, whole } = world;
  const resource = template.resources.get(route.key);
  const gateways = [...whole().egressOnlyGateways.values()].filter((one) => known(one.vpc) === known(table.vpc));
  const moves = gateways.map(({ key }) => ({
    title: message("Send it through {0} instead", key),
    safe: false,
    edits: (resource && retarget(document, resource, "EgressOnlyInternetGatewayId", { Ref: key })) ?? [],
  }));
  return [...moves, ...otherFamily(world, table, route, "DestinationCidrBlock"), ...removal(world, route.key)];
}

/** Only 64:ff9b::/96 may lead to a NAT gateway (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html). */
function sendsIpv6ToNat(network: Network, { family, destination, targets }: Route): boolean {
  if (family !== "ipv6" || network.source !== "template") return false;
  const range = parseCidr(known(destination) ?? "")?.range;
  const nat64 = parseCidr("64:ff9b::/96")?.range;
  if (range === undefined || nat64 === undefined) return false;
  const isWithin = nat64.from <= range.from && range.end <= nat64.end;
  return !isWithin && targets.some(({ kind, key }) => kind === "nat-gateway" && key.is === "known");
}
