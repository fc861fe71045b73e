import { isSaidElsewhere } from "../edit/association";
import { removeKey } from "../edit/remove";
import { addResources, freshId } from "../edit/resource";
import { type Message, message } from "../message";
import { known, type RouteTable, type VpcConfig } from "../network/model";
import { tableOf } from "../network/routes";
import type { Hop, SubnetEgress } from "../network/verdict";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const ipv6FlagWithoutPath: Rule = {
  id: "ipv6-flag-without-path",
  severity: "warning",
  group: "reach",
  summary: "The function may use IPv6, but its subnets have no way out for it",
  docs: `## What happens

Calls to hosts with an IPv6 address may hang until they time out, or are slow because the function tries
IPv6 in vain before it turns to IPv4.

\`Ipv6AllowedForDualStack: true\` lets the function send IPv6. For that to reach the internet, every one of
its subnets needs an IPv6 range of its own and a route for \`::/0\` (every IPv6 address) to an egress-only
internet gateway. A route for \`0.0.0.0/0\` is about IPv4 alone, a NAT gateway carries no IPv6, and a subnet
that has IPv6 only cannot be used by Lambda at all
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6)).

## How to fix it

Give each subnet an \`Ipv6CidrBlock\` (the VPC needs one first, by \`AWS::EC2::VPCCidrBlock\`), and add to its
route table a route with \`DestinationIpv6CidrBlock: "::/0"\` and \`EgressOnlyInternetGatewayId\`. Or remove the
flag, and the function uses IPv4 alone.

## When to silence it

When the function speaks IPv6 inside the VPC only.
`,
  bad: "ipv6-flag-without-path/no-route.yaml",
  good: "ipv6-flag-without-path/egress-only-gateway.yaml",

  *check(world) {
    for (const { fn, subnets } of world.functions) {
      const config = known(fn.vpcConfig);
      if (config?.ipv6Allowed.is !== "known" || !config.ipv6Allowed.value) continue;
      const bad = subnets.filter(({ ipv6 }) => ["off", "isolated", "broken"].includes(ipv6.verdict));
      const [first] = bad;
      if (first === undefined) continue;
      yield {
        at: config.ipv6Allowed.at,
        message: message(
          "{0} may use IPv6, but from {1} it does not reach the internet: {2}",
          fn.key,
          bad.map(({ reference }) => reference.ref).join(", "),
          why(first) ?? message("nothing leads there"),
        ),
        notes: bad.flatMap(notes),
        fixes: () => [...routes(world, bad), ...withoutFlag(world, config)],
        functions: [fn.key],
      };
    }
  },
};

function why(one: SubnetEgress): Message | undefined {
  const hop = one.ipv6.hops.find(({ status }) => status === "failed");
  return hop === undefined ? undefined : words(one, hop);
}

function notes(one: SubnetEgress): DraftNote[] {
  return one.ipv6.hops.flatMap((hop): DraftNote[] =>
    hop.status === "failed" && hop.at !== undefined ? [{ at: hop.at, message: words(one, hop) }] : [],
  );
}

/** A table that routes IPv4 is not said to have no route. */
function words({ subnet }: SubnetEgress, { kind, id, why }: Hop): Message {
  return kind === "route-table" && id !== subnet?.key ? message("{0} has no route for IPv6 (::/0)", id) : why;
}

/** Only where the subnets lack nothing but the route, and an egress-only gateway of their VPC is there. */
function routes(world: World, bad: readonly SubnetEgress[]): Fix[] {
  const whole = world.whole();
  const tables = new Set<RouteTable>();
  for (const { subnet, ipv6 } of bad) {
    const choice = subnet === undefined ? undefined : tableOf(whole, subnet);
    if (ipv6.verdict !== "isolated" || choice?.kind !== "explicit" || choice.table.external) return [];
    if (isSaidElsewhere(world.template, whole, "AWS::EC2::Route", "RouteTableId", choice.table.key)) return [];
    tables.add(choice.table);
  }
  const vpcs = new Set([...tables].map(({ vpc }) => known(vpc)));
  const gateway = [...whole.egressOnlyGateways.values()].find(({ vpc }) => vpcs.has(known(vpc)));
  if (gateway === undefined || vpcs.size !== 1) return [];
  const taken = new Set<string>();
  const edits = [...tables].flatMap((table) => {
    const id = freshId(world.template, `${table.key}Ipv6Route`, taken);
    taken.add(id);
    const route = {
      Type: "AWS::EC2::Route",
      Properties: {
        RouteTableId: { Ref: table.key },
        DestinationIpv6CidrBlock: "::/0",
        EgressOnlyInternetGatewayId: { Ref: gateway.key },
      },
    };
    return addResources(world.document, world.template, { [id]: route }, table.key);
  });
  const names = [...tables].map(({ key }) => key).join(", ");
  return [{ title: message("Route IPv6 of {0} to the internet through {1}", names, gateway.key), safe: false, edits }];
}

function withoutFlag({ document }: World, { at, ipv6Allowed }: VpcConfig): Fix[] {
  if (at.kind !== "text" || at.node.kind !== "map" || ipv6Allowed.is !== "known") return [];
  const edits = removeKey(document, at.node, "Ipv6AllowedForDualStack");
  return [{ title: message("Use IPv4 alone"), safe: false, edits }];
}
