import { isSaidElsewhere } from "../edit/association";
import { offerNatRoutes } from "../edit/nat-route";
import { offerOtherSubnets } from "../edit/subnets";
import { message } from "../message";
import { natGatewaysFor } from "../network/alternatives";
import { failingSubnets } from "../network/egress";
import { known, type NatGateway, type RouteTable } from "../network/model";
import type { FunctionEgress } from "../network/verdict";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const ipv6OnlyEgress: Rule = {
  id: "ipv6-only-egress",
  severity: "information",
  group: "reach",
  summary: "The function reaches the internet over IPv6 only",
  docs: `## What happens

Calls to hosts that have an IPv6 address work. Calls to all others hang until they time out, and those are
many: a good part of the web, and the default addresses of most AWS services, are known by IPv4 alone.

The function's subnets have a route for IPv6 (\`::/0\`) and none that works for IPv4 (\`0.0.0.0/0\`). The two
are independent: [a route for one says nothing about the
other](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).

## How to fix it

If every host that the function calls has an IPv6 address, nothing is to be done, and no NAT gateway to be
paid for. Many AWS services offer [dual-stack
endpoints](https://docs.aws.amazon.com/vpc/latest/userguide/aws-ipv6-support.html) under names of their own;
the SDKs use them when \`AWS_USE_DUALSTACK_ENDPOINT\` is \`true\`.

Otherwise send \`0.0.0.0/0\` of the function's route tables to a NAT gateway.

There is no quick fix here where the VPC has no NAT gateway yet: take *Create the NAT topology for …* at the function.

## When to silence it

Once you have made sure that all hosts it calls are reachable over IPv6.
`,
  bad: "ipv6-only-egress/egress-only-gateway.yaml",
  good: "ipv6-only-egress/both-families.yaml",

  *check(world) {
    for (const egress of world.functions) {
      const { fn, verdict, subnets } = egress;
      const list = known(fn.vpcConfig)?.subnets;
      if (verdict !== "ipv6-only" || list?.is !== "known") continue;
      const notes = subnets.flatMap(({ ipv4 }): DraftNote[] => {
        const failed = ipv4.hops.find(({ status, at }) => status === "failed" && at !== undefined);
        return failed?.at === undefined ? [] : [{ at: failed.at, message: failed.why }];
      });
      yield {
        at: list.at,
        message: message(
          "{0} reaches the internet over IPv6 only: calls to hosts without an IPv6 address time out",
          fn.key,
        ),
        notes,
        fixes: () => fixes(world, egress),
        functions: [fn.key],
      };
    }
  },
};

/** Each NAT gateway to which all tables without a way out may lead, and other subnets. */
function fixes(world: World, egress: FunctionEgress): Fix[] {
  const { document, template } = world;
  const whole = world.whole();
  const failing = failingSubnets(egress);
  const routeless = failing.map(({ ipv4 }) => ipv4.faults.flatMap((one) => (one.code === "no-route" ? one.table : [])));
  const tables = [...new Map(routeless.flat().map((table) => [table.key, table])).values()];
  const isOpen = (table: RouteTable): boolean =>
    !table.external && !isSaidElsewhere(template, whole, "AWS::EC2::Route", "RouteTableId", table.key);
  const natsOf = (table: RouteTable): readonly NatGateway[] => natGatewaysFor(whole, known(table.vpc) ?? "", table);
  const [first, ...others] = tables;
  const areAll = first !== undefined && routeless.every((one) => one.length > 0) && tables.every(isOpen);
  const nats = areAll ? natsOf(first).filter((nat) => others.every((table) => natsOf(table).includes(nat))) : [];
  return [
    ...nats.map((nat) => offerNatRoutes(document, template, tables, nat)),
    ...offerOtherSubnets(document, template, whole, egress, failing),
  ];
}
