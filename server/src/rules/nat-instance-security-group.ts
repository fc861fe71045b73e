import { appendToProperty } from "../edit/resource";
import { message } from "../message";
import { known, type Origin, type SecurityGroup, type Subnet } from "../network/model";
import type { Fault } from "../network/verdict";
import { get } from "../template/syntax";
import type { Fix, Rule, World } from "./rule";

type NatInstance = Fault & { code: "nat-instance" };

export const natInstanceSecurityGroup: Rule = {
  id: "nat-instance-security-group",
  severity: "warning",
  group: "reach",
  summary: "The NAT instance's security group does not let the functions' traffic through",
  docs: `## What happens

Calls to the internet from subnets behind this machine hang until they time out.

The route table sends traffic for the internet to a machine, a *NAT instance*, that is to forward it. What
reaches the machine must first be let in by its *security group*, the list of who may talk to it on which
port, and let out again on the way to the internet. A security group without inbound rules lets nobody in
([source](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html#NATSG)).

## How to fix it

Let the group admit the functions' subnets, or their security group, on the ports they call: 443 for HTTPS.
If the group lists outbound rules, let it send to \`0.0.0.0/0\` on the same ports.

There is no quick fix where the machine names no group of the template: give it one, in its \`SecurityGroupIds\`.

## When to silence it

When rules for this group are added outside the template.
`,
  bad: "nat-instance-security-group/no-ingress.yaml",
  good: "nat-instance-security-group/ingress.yaml",

  *check(world) {
    for (const { ipv4, subnet } of world.paths) {
      for (const fault of ipv4.faults) {
        if (fault.code !== "nat-instance" || (fault.reason !== "ingress" && fault.reason !== "egress")) continue;
        const { machine, route, group, reason } = fault;
        yield {
          at: placeOf(world, fault),
          message:
            reason === "ingress"
              ? message(
                  "{0} lets nothing in from {1}, so {2} never gets the traffic it should forward and calls time out",
                  group?.key ?? machine.key,
                  subnet?.key ?? "?",
                  machine.key,
                )
              : message(
                  "{0} does not let {1} send to the internet, so calls through it time out",
                  group?.key ?? machine.key,
                  machine.key,
                ),
          notes: [{ at: route.at, message: message("this route sends the traffic to {0}", machine.key) }],
          fixes: () => (group === undefined ? [] : fixes(world, group, reason, subnet)),
          functions: world.functions.map(({ fn }) => fn.key),
        };
      }
    }
  },
};

/** The group's list of rules of that direction, or the group. */
function placeOf({ template }: World, { group, machine, reason }: NatInstance): Origin {
  const properties = template.resources.get(group?.key ?? "")?.properties;
  const list = get(properties, reason === "ingress" ? "SecurityGroupIngress" : "SecurityGroupEgress");
  return list === undefined ? (group ?? machine).at : { kind: "text", node: list };
}

function fixes(
  { document, template }: World,
  { key }: SecurityGroup,
  reason: "ingress" | "egress",
  subnet: Subnet | undefined,
): Fix[] {
  const resource = template.resources.get(key);
  const cidr = reason === "egress" ? "0.0.0.0/0" : known(subnet?.cidr ?? { is: "absent" });
  if (resource === undefined || cidr === undefined) return [];
  const property = reason === "ingress" ? "SecurityGroupIngress" : "SecurityGroupEgress";
  const rule = { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIp: cidr };
  return [
    {
      title:
        reason === "ingress"
          ? message("Let {0} admit HTTPS from {1}", key, subnet?.key ?? "?")
          : message("Let {0} send HTTPS to the internet", key),
      safe: false,
      edits: appendToProperty(document, resource, [property], [rule]),
    },
  ];
}
