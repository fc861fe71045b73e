import { message } from "../message";
import { blocks } from "./acl-stops";
import type { Rule } from "./rule";

export const naclBlocksOutbound: Rule = {
  id: "nacl-blocks-outbound",
  severity: "error",
  group: "reach",
  summary: "A network ACL stops the function's traffic on its way out",
  docs: `## What happens

Calls to the internet hang until they time out, although the routes are right.

A *network ACL* is a list of numbered entries that says which packets may cross the border of a subnet.
AWS reads it from the lowest number up and stops at the first entry that matches; what none matches is
dropped. A call passes three such borders on its way out, and each must let it through:

1. out of the function's subnet, to any address on the port called (443 for HTTPS),
2. into the NAT gateway's subnet, from the function's subnet on that port,
3. out of the NAT gateway's subnet, to any address on that port.

An ACL made in a template starts empty, so it drops everything. A frequent slip: an entry without
\`Egress: true\` is about traffic that comes in. See [Control subnet traffic with network access control
lists](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html).

## How to fix it

Add an \`AWS::EC2::NetworkAclEntry\` that allows the traffic, with a lower number than the entry that
denies it. If nothing needs the ACL, take its association away: the VPC's default ACL lets everything
through, and security groups do the filtering.

## When to silence it

When the ACL is meant to keep the function from the internet. Then say so on the function with
\`Expect: none\` in its metadata.
`,
  bad: "nacl-blocks-outbound/no-outbound-entry.yaml",
  good: "nacl-blocks-outbound/all-legs-open.yaml",

  check: (world) =>
    blocks(world, "calls", ({ acl, question }) =>
      message("Let calls to port {0} through {1}", question.ports.from, acl.key),
    ),
};
