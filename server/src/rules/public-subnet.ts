import { offerExpectNone, offerOtherSubnets } from "../edit/subnets";
import { message } from "../message";
import { badSubnets, failingSubnets } from "../network/egress";
import { known } from "../network/model";
import type { DraftNote, Rule } from "./rule";

export const publicSubnet: Rule = {
  id: "public-subnet",
  severity: "error",
  group: "reach",
  summary: "Function in a public subnet has no way to the internet",
  docs: `## What happens

Calls from the function to the internet, and to AWS services without a VPC endpoint, hang until they
time out.

A *public subnet* is one whose route table sends traffic for the whole internet (\`0.0.0.0/0\`) to an
internet gateway. That works for machines with a public IPv4 address. Lambda gives its network
interfaces private addresses only, whatever the subnet's \`MapPublicIpOnLaunch\` says, so the gateway
drops the packets. AWS puts it so: ["Connecting a function to a public subnet doesn't give it internet
access or a public IP
address"](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html).

## How to fix it

Move the function to a *private* subnet: one whose route table sends \`0.0.0.0/0\` to a NAT gateway. The
NAT gateway itself stays in the public subnet; it has a public address and lends it to the function.

If the function calls only S3 or DynamoDB, a gateway endpoint is enough and costs nothing.

## When to silence it

When the function talks to things inside the VPC only, such as a database. Then say so on the function:

\`\`\`yaml
Metadata:
  LambdaEgress:
    Expect: none
\`\`\`
`,
  bad: "public-subnet/default-route.yaml",
  good: "public-subnet/nat-route.yaml",

  *check(world) {
    for (const fn of world.functions) {
      if (badSubnets(fn).length > 0) continue;
      const bad = fn.subnets.filter(({ ipv4 }) => ipv4.verdict === "public-subnet");
      for (const { reference, subnet, ipv4, ipv6 } of bad) {
        if (subnet === undefined || ipv6.verdict === "igw" || ipv6.verdict === "egress-only") continue;
        const notes = ipv4.faults.flatMap((fault): DraftNote[] => {
          if (fault.code !== "public-subnet") return [];
          const at = fault.route.targets[0]?.at ?? fault.route.at;
          return [{ at, message: message("this route needs a public address, which Lambda's interfaces never have") }];
        });
        if (known(subnet.publicIpOnLaunch) === true && subnet.publicIpOnLaunch.is === "known") {
          notes.push({
            at: subnet.publicIpOnLaunch.at,
            message: message("MapPublicIpOnLaunch gives addresses to instances, not to Lambda"),
          });
        }
        yield {
          at: reference.at,
          severity: world.intent(fn) === "internet" ? "error" : "warning",
          message: message(
            "{0} cannot reach the internet from the public subnet {1}: Lambda has no public address there, so calls time out",
            fn.fn.key,
            reference.ref,
          ),
          notes,
          fixes: () => [
            ...offerOtherSubnets(world.document, world.template, world.whole(), fn, failingSubnets(fn)),
            ...offerExpectNone(world.document, world.template, fn),
          ],
          functions: [fn.fn.key],
        };
      }
    }
  },
};
