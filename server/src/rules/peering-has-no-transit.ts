import { setProperty } from "../edit/resource";
import { retarget } from "../edit/retarget";
import { message } from "../message";
import { natGatewaysFor } from "../network/alternatives";
import { type Key, known, type Network, type Route, type RouteTable, type Target } from "../network/model";
import { get, intrinsic } from "../template/syntax";
import type { Template } from "../template/template";
import type { Fix, Rule, World } from "./rule";

export const peeringHasNoTransit: Rule = {
  id: "peering-has-no-transit",
  severity: "error",
  group: "reach",
  summary: "The default route leads to a peering connection, which carries no traffic to the internet",
  docs: `## What happens

Calls to the internet from every subnet with this route hang until they time out.

A *peering connection* joins two VPCs, and only these two: what comes in through it cannot leave the other
VPC again. A NAT gateway or internet gateway over there is of no use here. AWS puts it so: ["You cannot route
traffic to a NAT gateway through a VPC peering
connection"](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html).

## How to fix it

Give this VPC a NAT gateway of its own and send \`0.0.0.0/0\` there. Keep a route to the peering connection
for the addresses of the other VPC only, such as \`10.1.0.0/16\`. To share one way out among several VPCs,
use a transit gateway.

There is no quick fix here where the VPC has no NAT gateway yet: take *Create the NAT topology for …* at the function.

## When to silence it

When the functions behind it need the other VPC, but not the internet. A route for its addresses alone is
then the clearer way to write it.
`,
  bad: "peering-has-no-transit/default-route.yaml",
  good: "peering-has-no-transit/peer-range.yaml",

  *check(world) {
    for (const { ipv4 } of world.paths) {
      if (!ipv4.blockers.includes("no-transit")) continue;
      for (const fault of ipv4.faults) {
        if (fault.code !== "peering") continue;
        const { route, table, target } = fault;
        const [fn] = world.functions;
        yield {
          at: target.at,
          severity: fn !== undefined && world.intent(fn) === "internet" ? "error" : "warning",
          message: message(
            "{0} leads to the peering connection {1}, which carries no traffic to the internet: calls time out",
            route.key,
            (known(target.key) ?? "?").replace(/^literal:/, ""),
          ),
          notes: [{ at: table.at, message: message("subnets with the route table {0} lose their traffic", table.key) }],
          fixes: () => [...throughNat(world, route, table), ...forPeerOnly(world, route, table, target)],
          functions: world.functions.map((one) => one.fn.key),
        };
      }
    }
  },
};

function throughNat({ document, template, whole }: World, route: Route, table: RouteTable): Fix[] {
  const resource = template.resources.get(route.key);
  const vpc = known(table.vpc);
  if (resource === undefined || vpc === undefined) return [];
  return natGatewaysFor(whole(), vpc, table).map(({ key }) => ({
    title: message("Send it through {0} instead", key),
    safe: false,
    edits: retarget(document, resource, "NatGatewayId", { Ref: key }) ?? [],
  }));
}

/** The other VPC's addresses are what the connection is for; a function that means the internet is not helped by that. */
function forPeerOnly(world: World, route: Route, table: RouteTable, target: Target): Fix[] {
  const { document, template, functions } = world;
  const resource = template.resources.get(route.key);
  const range = rangeBehind(template, world.whole(), known(target.key), known(table.vpc));
  const isTaken = table.routes.some(({ destination }) => known(destination) === range);
  if (resource === undefined || range === undefined || isTaken || route.family !== "ipv4") return [];
  if (functions.some((fn) => world.intent(fn) === "internet")) return [];
  const title = message("Send only {0}, the addresses of the other VPC, to the peering connection", range);
  return [{ title, safe: false, edits: setProperty(document, resource, ["DestinationCidrBlock"], range) }];
}

/** Returns the one range of addresses of the VPC at the other end, where the template makes that VPC. */
function rangeBehind(template: Template, whole: Network, peering: Key | undefined, own: Key | undefined) {
  const { properties } = template.resources.get(peering ?? "") ?? {};
  const ends = ["VpcId", "PeerVpcId"].map((name) => {
    const call = intrinsic(get(properties, name));
    return call?.name === "Ref" && call.argument.kind === "scalar" ? call.argument.text : undefined;
  });
  const other = ends.find((end) => end !== own);
  if (own === undefined || !ends.includes(own) || other === undefined) return undefined;
  const [range, ...others] = whole.vpcs.get(other)?.cidrs ?? [];
  return range === undefined || others.length > 0 ? undefined : known(range);
}
