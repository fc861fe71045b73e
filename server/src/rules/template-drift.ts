import type { LiveRule } from "./rule";

export const templateDrift: LiveRule = {
  id: "template-drift",
  severity: "warning",
  group: "account",
  summary: "What is deployed differs from the stack's template",
  docs: `## What happens

The function belongs to a CloudFormation stack, and on its way out something is deployed in another way than
the stack's template says: another subnet, another target of a route, an egress rule more or less. Somebody
changed it by hand or with another tool, or an update went only halfway. CloudFormation calls that *drift*
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html)).

What runs decides whether calls get through, so the verdict is that of the account. But the next deployment
may put things back as the template has them, and a function that works today fails tomorrow, or the other way
round. CloudFormation changes only what differs between the old template and the new one, so drift may
also survive many deployments.

## How to fix it

Decide which of the two is right. If the template is, change the resource back by hand, and then deploy. If
the account is, write it into the template, so that both say the same.

## When to silence it

When something outside the stack manages the resource on purpose, such as a script that moves routes to
another NAT gateway when a zone fails.
`,
  bad: "! ClosedRoute: the template leads route ClosedRoute to Nat, and it leads to nat-0123456789abcdef0",
  good: "Stack demo: nothing on the way out is known to differ from its own template",
};
