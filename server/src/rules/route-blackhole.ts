import type { LiveRule } from "./rule";

export const routeBlackhole: LiveRule = {
  id: "route-blackhole",
  severity: "error",
  group: "account",
  summary: "A deployed route leads to a thing that is gone",
  docs: `## What happens

What a route of the function's VPC sends out arrives nowhere, so calls time out. The route is still in its
table, but the NAT gateway, instance, interface or gateway that it names was deleted, detached or stopped.
AWS keeps such a route and gives it the state \`blackhole\`
([source](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html)). No template shows
that: it comes about when somebody deletes the target by hand or in another stack.

A black hole that the function's own traffic meets is a failed hop of its path, too. One in another table
of the VPC is told of here alone; whether it matters depends on who uses that table.

## How to fix it

Replace the target of the route by one that exists, for the way to the internet a NAT gateway in a public
subnet. If a stack made the route, change it there, so that the next deployment does not bring the old
target back. If nothing uses the route any more, delete it.

## When to silence it

When tables of the VPC keep black holes on purpose, for example to drop the traffic to an address range.
`,
  bad: "! route: the route to 0.0.0.0/0 is a black hole: nat-0123456789abcdef0 is gone",
  good: "+ NAT gateway: nat-0123456789abcdef0 is available, public addresses: 203.0.113.7",
};
