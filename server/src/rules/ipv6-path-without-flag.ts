import { setKey } from "../edit/insert";
import { message } from "../message";
import { pathsFrom } from "../network/alternatives";
import { internet, outcomeOf } from "../network/egress";
import { known, type VpcConfig } from "../network/model";
import { ipv6Path } from "../network/path";
import type { FunctionEgress, SubnetEgress } from "../network/verdict";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const ipv6PathWithoutFlag: Rule = {
  id: "ipv6-path-without-flag",
  severity: "hint",
  group: "reach",
  summary: "The subnets have a way out over IPv6, but the function may not use IPv6",
  docs: `## What happens

Calls to the internet hang until they time out, although all of the function's subnets have IPv6 addresses
and a route for IPv6 to the internet.

A function in a VPC uses IPv4 alone until \`Ipv6AllowedForDualStack\` is \`true\` in its \`VpcConfig\`
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6)), and by
IPv4 these subnets lead nowhere.

## How to fix it

Set \`Ipv6AllowedForDualStack: true\`. Its security group must let IPv6 out as well: add an egress rule with
\`CidrIpv6: "::/0"\`. Then the function reaches every host that has an IPv6 address, with no NAT gateway to
pay for. For hosts known by IPv4 alone it still needs one.

## When to silence it

When the function is to stay inside the VPC, and the route for IPv6 serves others.
`,
  bad: "ipv6-path-without-flag/flag-forgotten.yaml",
  good: "ipv6-path-without-flag/flag-set.yaml",

  *check(world) {
    for (const egress of world.functions) {
      const { fn, verdict, subnets } = egress;
      const config = known(fn.vpcConfig);
      if (config === undefined || config.ipv6Allowed.is !== "absent" || fn.capacityProvider !== undefined) continue;
      if (verdict !== "no-internet" || !subnets.every((one) => wouldReach(world, config, one))) continue;
      yield {
        at: config.at,
        message: message(
          "{0} could reach the internet over IPv6: its subnets have a route for it, but Ipv6AllowedForDualStack is not set",
          fn.key,
        ),
        notes: subnets.flatMap((one) => notes(world, one)),
        fixes: () => fixes(world, egress, config),
        functions: [fn.key],
      };
    }
  },
};

/** The subnet leads out over IPv6, and nothing of the function's own certainly stops it. */
function wouldReach({ network }: World, config: VpcConfig, { subnet, reference }: SubnetEgress): boolean {
  if (subnet === undefined) return false;
  const allowed: VpcConfig = { ...config, ipv6Allowed: { is: "known", value: true, at: config.at } };
  const own = ipv6Path(network, allowed, reference, { addresses: internet.ipv6, port: internet.port });
  const open = pathsFrom(network, subnet, internet).ipv6;
  return outcomeOf(open.verdict) === "reaches" && outcomeOf(own.verdict) !== "fails";
}

function notes({ network }: World, { subnet }: SubnetEgress): DraftNote[] {
  const path = subnet === undefined ? undefined : pathsFrom(network, subnet, internet).ipv6;
  const exit = path?.hops.findLast(({ status, at }) => status === "passed" && at !== undefined);
  return exit?.at === undefined ? [] : [{ at: exit.at, message: exit.why }];
}

function fixes({ document, template }: World, { fn }: FunctionEgress, config: VpcConfig): Fix[] {
  const node = config.at.kind === "text" ? config.at.node : undefined;
  if (node?.kind !== "map" || template.resources.get(fn.key) === undefined) return [];
  return [
    {
      title: message("Let {0} use IPv6", fn.key),
      safe: false,
      edits: setKey(document, node, "Ipv6AllowedForDualStack", true),
    },
  ];
}
