import { setProperty } from "../edit/resource";
import { message } from "../message";
import { cardOf } from "../network/nat-instance";
import type { DraftNote, Rule } from "./rule";

export const natInstanceSourceDestCheck: Rule = {
  id: "nat-instance-source-dest-check",
  severity: "error",
  group: "reach",
  summary: "The NAT instance drops what it should forward, because its source/destination check is on",
  docs: `## What happens

Calls to the internet from every subnet behind this machine hang until they time out.

The route table sends traffic for the internet to a machine, a *NAT instance*, that is to forward it. But
EC2 lets a machine receive only packets addressed to itself, unless its *source/destination check* is
turned off. The check is on by default, so the packets are dropped before the machine sees them. AWS says:
[you must disable source/destination checks on the NAT
instance](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html#EIP_Disable_SrcDestCheck).

## How to fix it

Set \`SourceDestCheck: false\` on the \`AWS::EC2::Instance\`. Where the machine uses a network interface
that the template declares by itself (\`AWS::EC2::NetworkInterface\`), set it there: the interface decides.

A NAT gateway needs no such care. It costs more, but AWS runs it.

## When to silence it

When something turns the check off at run time, such as a script on the machine itself.
`,
  bad: "nat-instance-source-dest-check/default.yaml",
  good: "nat-instance-source-dest-check/off.yaml",

  *check(world) {
    const { network, resources } = world;
    for (const { ipv4 } of world.paths) {
      for (const fault of ipv4.faults) {
        if (fault.code !== "nat-instance" || fault.reason !== "source-dest-check") continue;
        const { machine, route } = fault;
        const card = cardOf(network, machine);
        const resource = resources.get(card.key);
        const notes: DraftNote[] = [{ at: route.at, message: message("this route sends the traffic to it") }];
        yield {
          at: card.sourceDestCheck.is === "known" ? card.sourceDestCheck.at : card.at,
          message: message(
            "{0} drops the traffic it should forward: its source/destination check is on, so calls time out",
            card.key,
          ),
          notes,
          fixes: () =>
            resource === undefined
              ? []
              : [
                  {
                    title: message("Turn off the source/destination check of {0}", card.key),
                    safe: true,
                    edits: setProperty(world.document, resource, ["SourceDestCheck"], false),
                  },
                ],
          functions: world.functions.map(({ fn }) => fn.key),
        };
      }
    }
  },
};
