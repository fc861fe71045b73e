import { offerIpv6Egress } from "../edit/egress-rule";
import { namedOrigin } from "../edit/site";
import { message } from "../message";
import { groupsOf, internet } from "../network/egress";
import { known, type SecurityGroup } from "../network/model";
import type { SubnetEgress } from "../network/verdict";
import type { Rule } from "./rule";

export const ipv6GroupEgress: Rule = {
  id: "ipv6-group-egress",
  severity: "hint",
  group: "reach",
  summary: "The function's security groups name no egress for IPv6",
  docs: `## What happens

The function may use IPv6 and its subnets have a way out for it, but its security groups do not say that
IPv6 may leave. IPv4 and IPv6 rules are apart: \`0.0.0.0/0\` says nothing about IPv6.

A group that names no egress gets a rule from EC2 that lets everything out. For IPv6 that happens only if
the VPC has an IPv6 range by then ([source](https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html)),
and groups made by CloudFormation were seen to get the IPv4 rule only
([coverage-roadmap#2241](https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2241)).
So calls by IPv6 may time out, or fall back to IPv4 after a delay.

## How to fix it

Add an egress rule with \`CidrIpv6: ::/0\`. If the group has no egress rules so far, write down the one for
\`0.0.0.0/0\` too: the first rule that you write replaces the default.

## When to silence it

When the function should use IPv4 alone for what it calls, or when you have seen that IPv6 works.
`,
  bad: "ipv6-group-egress/ipv4-rule.yaml",
  good: "ipv6-group-egress/both-families.yaml",

  *check(world) {
    for (const fn of world.functions) {
      const config = known(fn.fn.vpcConfig);
      if (config?.groups.is !== "known" || !fn.subnets.some(isStoppedByGroups)) continue;
      const groups = groupsOf(world.network, fn.fn);
      if (groups.length < config.groups.value.length || !groups.every(isSilent)) continue;
      const names = groups.map(({ key }) => key).join(", ");
      yield {
        at: namedOrigin(world.document, config.groups.at),
        message: message(
          "no egress rule of {0} names IPv6 addresses, so {1} may reach nothing by IPv6",
          names,
          fn.fn.key,
        ),
        notes: groups.map(({ key, at, inlineEgress }) => ({
          at: inlineEgress.is === "known" ? namedOrigin(world.document, inlineEgress.at) : at,
          message: message("{0} does not say that IPv6 may leave", key),
        })),
        fixes: () => offerIpv6Egress(world.document, world.template, groups, internet.port),
        functions: [fn.fn.key],
      };
    }
  },
};

/** Everything else on the way out by IPv6 is known to pass. */
function isStoppedByGroups({ ipv6 }: SubnetEgress): boolean {
  const inTheWay = ipv6.hops.filter(({ status }) => status !== "passed");
  return inTheWay.length > 0 && inTheWay.every(({ kind }) => kind === "security-group");
}

/** Every egress rule of the group is in sight, and none is about IPv6 addresses. */
function isSilent({ external, inlineEgress, standaloneEgress }: SecurityGroup): boolean {
  if (external || inlineEgress.is === "unknown") return false;
  const rules = [...(known(inlineEgress) ?? []), ...standaloneEgress];
  return rules.every(({ peer }) => peer.kind === "ipv4" || peer.kind === "group");
}
