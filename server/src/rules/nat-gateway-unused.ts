import { offerNatRoutes } from "../edit/nat-route";
import { offerRemovedResource } from "../edit/remove-resource";
import { message } from "../message";
import { natGatewaysFor } from "../network/alternatives";
import { absent, known, type NatGateway, type Network, type RouteTable } from "../network/model";
import { vpcOfNat } from "../network/nat";
import { referencesIn } from "../template/dependency";
import type { Template } from "../template/template";
import type { Fix, Rule, World } from "./rule";

export const natGatewayUnused: Rule = {
  id: "nat-gateway-unused",
  severity: "warning",
  group: "reach",
  everywhere: true,
  summary: "No route leads to the NAT gateway",
  docs: `## What happens

The NAT gateway costs money by the hour, and nothing uses it. Subnets that it was meant for have no way to
the internet, so calls from functions in them time out.

A NAT gateway does nothing by itself. Traffic finds it only by a *route*: an entry in the route table of the
private subnets that says that packets for \`0.0.0.0/0\`, every address not named more closely, go to the NAT
gateway ([source](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html)).

## How to fix it

Add an \`AWS::EC2::Route\` with \`DestinationCidrBlock: 0.0.0.0/0\` and \`NatGatewayId\` to the route table of
the private subnets. Never add it to the table of the subnet in which the NAT gateway itself stands. If
nothing needs it, remove the NAT gateway and its Elastic IP address.

There is no quick fix where no table is free for the route and something still names the NAT gateway, such as an alarm.

## When to silence it

When routes are added outside the template, by a script that looks the NAT gateway up. If its id leaves the
stack in an output, nothing is said.
`,
  bad: "nat-gateway-unused/no-route.yaml",
  good: "nat-gateway-unused/route.yaml",

  *check(world) {
    const { network } = world;
    // What bears on a function or a subnet is used; only the template as a whole shows the rest.
    if (world.functions.length > 0 || world.paths.length > 0) return;
    if (network.gaps.length > 0 || network.natGateways.size === 0) return;
    for (const nat of network.natGateways.values()) {
      if (nat.external || isUsed(world.template, nat.key)) continue;
      yield {
        at: nat.at,
        message: message("no route leads to {0}: it costs money, and nothing reaches the internet through it", nat.key),
        fixes: () => fixes(world, nat),
      };
    }
  },
};

/** Tells whether a property or output refers to a name; metrics and alarms, which only watch, do not count. */
function isUsed({ resources, outputs }: Template, name: string): boolean {
  for (const { type, properties } of resources.values()) {
    if (referencesIn(properties).has(name) && !type.startsWith("AWS::CloudWatch::")) return true;
  }
  return [...outputs.values()].some((output) => referencesIn(output).has(name));
}

/** Tables that lead nowhere yet may lead there: those of functions together, so that all their subnets get out. */
function fixes(world: World, nat: NatGateway): Fix[] {
  const { document, template } = world;
  const whole = world.whole();
  const vpc = vpcOfNat(whole, nat);
  if (vpc === undefined) return [];
  const free = (table: RouteTable): boolean =>
    !table.external &&
    known(table.vpc) === vpc &&
    !table.routes.some(({ destination }) => known(destination) === "0.0.0.0/0") &&
    natGatewaysFor(whole, vpc, table).some(({ key }) => key === nat.key);
  const tables = [...whole.routeTables.values()].filter(free);
  const ofFunctions = tables.filter((table) => servesFunction(whole, table));
  const others = tables.filter((table) => !ofFunctions.includes(table));
  return [
    ...(ofFunctions.length > 0 ? [offerNatRoutes(document, template, ofFunctions, nat)] : []),
    ...others.map((table) => offerNatRoutes(document, template, [table], nat)),
    ...offerRemovedResource(document, template, nat.key),
  ];
}

function servesFunction(whole: Network, { key }: RouteTable): boolean {
  const subnets = [...whole.functions.values()].flatMap(({ vpcConfig }) => {
    const references = known(vpcConfig)?.subnets ?? absent;
    return (known(references) ?? []).flatMap((one) => whole.subnets.get(known(one.key) ?? "") ?? []);
  });
  return subnets.some(({ tables }) => tables.some(({ target }) => known(target) === key));
}
