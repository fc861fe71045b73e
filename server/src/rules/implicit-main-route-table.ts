import { offerAssociation } from "../edit/association";
import { offerExpectNone, offerOtherSubnets } from "../edit/subnets";
import { message } from "../message";
import { tablesWithNat } from "../network/alternatives";
import { badSubnets, failingSubnets } from "../network/egress";
import { known, type Network, type Subnet } from "../network/model";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const implicitMainRouteTable: Rule = {
  id: "implicit-main-route-table",
  severity: "warning",
  group: "reach",
  summary: "The function's subnet has no route table association",
  docs: `## What happens

Calls from the function to the internet hang until they time out.

A *route table* says where packets for which addresses go. A subnet that is associated with none uses
the VPC's *main* route table. In a VPC that the template itself creates, that table knows only the VPC's
own addresses, and CloudFormation has no way to add routes to it
([source](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html)). Often the right
table is there, and only the association was forgotten.

## How to fix it

Add an \`AWS::EC2::SubnetRouteTableAssociation\` that connects the subnet with a route table whose
default route leads to a NAT gateway.

## When to silence it

When the function is meant to stay inside the VPC: say \`Expect: none\` in its metadata. Even then, an
explicit association is the clearer way to write it.
`,
  bad: "implicit-main-route-table/forgotten-association.yaml",
  good: "implicit-main-route-table/associated.yaml",

  *check(world) {
    for (const fn of world.functions) {
      if (badSubnets(fn).length > 0) continue;
      const bad = fn.subnets.filter(({ ipv4 }) => ipv4.verdict === "isolated");
      for (const { reference, subnet, ipv4, ipv6 } of bad) {
        const fault = ipv4.faults.find(({ code }) => code === "main-table");
        if (fault?.code !== "main-table" || subnet === undefined) continue;
        if (ipv6.verdict === "igw" || ipv6.verdict === "egress-only") continue;
        const whole = world.whole();
        yield {
          at: reference.at,
          message: message(
            "{0} cannot reach the internet from {1}: the subnet is associated with no route table, so it uses the main table of {2}, which leads nowhere",
            fn.fn.key,
            reference.ref,
            fault.vpc.key,
          ),
          notes: [
            { at: subnet.at, message: message("no association names {0}", subnet.key) },
            ...unassociated(whole, subnet),
          ],
          fixes: () => [
            ...associations(world, whole, subnet),
            ...offerOtherSubnets(world.document, world.template, whole, fn, failingSubnets(fn)),
            ...offerExpectNone(world.document, world.template, fn),
          ],
          functions: [fn.fn.key],
        };
      }
    }
  },
};

/** A table that leads out and that no subnet uses was probably meant for this one. */
function unassociated(whole: Network, subnet: Subnet): DraftNote[] {
  const vpc = known(subnet.vpc);
  const used = new Set([...whole.subnets.values()].flatMap(({ tables }) => tables.map(({ target }) => known(target))));
  return (vpc === undefined ? [] : tablesWithNat(whole, vpc))
    .filter(({ key }) => !used.has(key))
    .map(({ at, key }) => ({ at, message: message("{0} leads to the internet, but no subnet uses it", key) }));
}

function associations(world: World, whole: Network, subnet: Subnet): Fix[] {
  const vpc = known(subnet.vpc);
  const tables = vpc === undefined ? [] : tablesWithNat(whole, vpc);
  return tables.flatMap(({ key }) => offerAssociation(world.document, world.template, whole, subnet.key, key));
}
