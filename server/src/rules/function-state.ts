import type { LiveRule } from "./rule";

export const functionState: LiveRule = {
  id: "function-state",
  severity: "warning",
  group: "account",
  summary: "The deployed function does not run as its configuration says",
  docs: `## What happens

The function is in the state \`Failed\`, so that every call of it fails whatever its network lets out, or its
last update failed, so that it still runs with the subnets, groups and role that it had before
([source](https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html)). For functions in a VPC the
reason is often the network itself: no free address in a subnet, a security group or subnet that is gone, or a
role that may not create network interfaces.

Two more states are told of and are no fault. While an update is in progress, what the report says may be
out of date a minute later. A function that nobody called for two weeks is \`Inactive\`: Lambda took its network
interfaces away and makes new ones at the next call, which fails while that goes on
([source](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html)).

## How to fix it

Put right what AWS names as the reason, then update the function again, for example by deploying its stack.
For a role, see the rule \`missing-eni-permissions\`.

## When to silence it

When functions are left in that state on purpose, for example ones that are about to be deleted.
`,
  bad: "! function: the function is in state Failed (SubnetOutOfIPAddresses)",
  good: "- function: the function is inactive (Idle): Lambda took its network interfaces away until it is called",
};
