import { message } from "../message";
import { blocks } from "./acl-stops";
import type { Rule } from "./rule";

export const naclBlocksReturnTraffic: Rule = {
  id: "nacl-blocks-return-traffic",
  severity: "error",
  group: "reach",
  summary: "A network ACL drops the answers to the function's calls",
  docs: `## What happens

Calls to the internet hang until they time out: the request goes out, but its answer is dropped.

A *network ACL* is a list of numbered entries that says which packets may cross the border of a subnet.
Unlike a security group it has no memory: it does not know that a packet answers a call it let out. And
an answer does not come to port 443. It comes *from* port 443, to the port that the caller picked for
this connection, anywhere from 1024 to 65535 (the *ephemeral ports*). Three borders must let answers
through on those ports:

1. into the NAT gateway's subnet, from any address,
2. out of the NAT gateway's subnet, to the function's subnet,
3. into the function's subnet, from any address: the NAT gateway passes answers on with the address of
   the server they come from, so an entry for the VPC's own range does not match them.

See [Ephemeral ports](https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html).

## How to fix it

Add an entry to the ACL that allows TCP on ports 1024 to 65535, inbound from \`0.0.0.0/0\`, and outbound
from the NAT gateway's subnet. That does not open the function to the world: Lambda's network interfaces
accept no connections from outside, and a NAT gateway passes on answers only.

## When to silence it

When the ACL is meant to keep the function from the internet. Then say so on the function with
\`Expect: none\` in its metadata.
`,
  bad: "nacl-blocks-return-traffic/only-port-443.yaml",
  good: "nacl-blocks-return-traffic/ephemeral-ports-open.yaml",

  check: (world) =>
    blocks(world, "answers", ({ acl, question: { ports } }) =>
      message("Let answers on ports {0}–{1} through {2}", ports.from, ports.to, acl.key),
    ),
};
