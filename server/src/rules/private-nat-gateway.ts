import { addAddress } from "../edit/address";
import { replaceValue } from "../edit/replace";
import { setProperty } from "../edit/resource";
import { message } from "../message";
import { publicSubnets } from "../network/alternatives";
import { known, type NatGateway } from "../network/model";
import { vpcOfNat } from "../network/nat";
import type { Fix, Rule, World } from "./rule";

export const privateNatGateway: Rule = {
  id: "private-nat-gateway",
  severity: "error",
  group: "reach",
  summary: "The default route leads to a private NAT gateway, which never reaches the internet",
  docs: `## What happens

Calls to the internet from every subnet behind this NAT gateway hang until they time out.

NAT gateways come in two kinds. A *public* one has a public address and lends it to machines without one.
A *private* one (\`ConnectivityType: private\`) only swaps one private address for another, to connect
networks whose addresses overlap. Even with a route to an internet gateway, ["the internet gateway drops
the traffic"](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html).

## How to fix it

Leave \`ConnectivityType\` out, or set it to \`public\`, give the NAT gateway an Elastic IP address
(\`AllocationId\`), and put it in a public subnet: one whose route table sends \`0.0.0.0/0\` to an internet
gateway. A NAT gateway costs money by the hour, private or public.

A private NAT gateway whose traffic goes on to a transit gateway may well reach the internet through
another VPC. That cannot be seen here, so nothing is said about it.

There is no quick fix where the NAT gateway stands in no public subnet: that takes another NAT gateway, in another
subnet.

## When to silence it

When the functions behind it need other networks of yours, but not the internet.
`,
  bad: "private-nat-gateway/private.yaml",
  good: "private-nat-gateway/public.yaml",

  *check(world) {
    for (const { ipv4 } of world.paths) {
      for (const fault of ipv4.faults) {
        if (fault.code !== "nat-private") continue;
        const { nat, route } = fault;
        yield {
          at: nat.connectivity.is === "known" ? nat.connectivity.at : nat.at,
          message: message("{0} is a private NAT gateway, which never reaches the internet: calls time out", nat.key),
          notes: [{ at: route.at, message: message("this route sends the traffic to it") }],
          fixes: () => fixes(world, nat),
          functions: world.functions.map(({ fn }) => fn.key),
        };
      }
    }
  },
};

/** In a public subnet the gateway lacks nothing but its kind and an address. */
function fixes(world: World, nat: NatGateway): Fix[] {
  const { document, template } = world;
  const resource = template.resources.get(nat.key);
  const whole = world.whole();
  const vpc = vpcOfNat(whole, nat);
  const isPublic = publicSubnets(whole, vpc ?? "").some(({ key }) => key === known(nat.subnet));
  if (resource === undefined || nat.connectivity.is !== "known" || nat.connectivity.at.kind !== "text") return [];
  if (!isPublic) return [];
  const kind = replaceValue(document, nat.connectivity.at.node, "public");
  if (nat.allocation.is !== "absent") {
    return [{ title: message("Make {0} a public NAT gateway", nat.key), safe: false, edits: kind }];
  }
  const address = addAddress(document, template, whole, vpc, nat.key);
  return [
    {
      title: message("Make {0} a public NAT gateway with a new Elastic IP address", nat.key),
      safe: false,
      edits: [
        ...kind,
        ...setProperty(document, resource, ["AllocationId"], { "Fn::GetAtt": [address.id, "AllocationId"] }),
        ...address.edits,
      ],
    },
  ];
}
