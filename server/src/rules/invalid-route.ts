import { removeKey } from "../edit/remove";
import { setProperty } from "../edit/resource";
import { type Message, message } from "../message";
import { parseCidr } from "../network/address-space";
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

/** An IPv4 default route to an egress-only gateway was meant to be the IPv6 one. */
function fixes({ document, template }: World, table: RouteTable, { route, reason }: RefusedRoute): Fix[] {
  const resource = template.resources.get(route.key);
  if (reason !== "wrong-family" || resource?.properties?.kind !== "map") return [];
  const taken = table.routes.some(({ destination }) => known(destination) === "::/0");
  if (known(route.destination) !== "0.0.0.0/0" || taken) return [];
  return [
    {
      title: message("Make {0} the default route of IPv6", route.key),
      safe: false,
      edits: [
        ...removeKey(document, resource.properties, "DestinationCidrBlock"),
        ...setProperty(document, resource, ["DestinationIpv6CidrBlock"], "::/0"),
      ],
    },
  ];
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
