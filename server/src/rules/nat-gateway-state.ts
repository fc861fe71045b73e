import type { LiveRule } from "./rule";

export const natGatewayState: LiveRule = {
  id: "nat-gateway-state",
  severity: "error",
  group: "account",
  summary: "A NAT gateway that a route leads to is not available",
  docs: `## What happens

Calls through the NAT gateway time out: it works in the state \`available\` only, and this one is \`pending\`,
\`failed\`, \`deleting\` or \`deleted\`
([source](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html)). The report gives
AWS's own reason where it has one, for example that the subnet has no free address or that the VPC has no
internet gateway. AWS removes a failed gateway after about an hour, and the route becomes a black hole
([source](https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html)).

An available gateway may have several public addresses. Where one of them failed to be associated, calls
go out by the others, with fewer connections at a time; that is reported as a warning.

## How to fix it

- *pending*: wait a few minutes and check again.
- *failed*: put right what the reason names, make a new NAT gateway and let the route lead to it; a failed
  one never recovers.
- *deleting* or *deleted*: let the route lead to another NAT gateway, in the template that made it, or it
  will come back.
- an address that failed: disassociate it, and associate an Elastic IP address that is free.

## When to silence it

Hardly ever. A NAT gateway that no route leads to is not reported.
`,
  bad: "! NAT gateway: nat-0123456789abcdef0 is failed (InsufficientFreeAddressesInSubnet)",
  good: "+ NAT gateway: nat-0123456789abcdef0 is available, public addresses: 203.0.113.7",
};
