import { isSaidElsewhere } from "../edit/association";
import { offerNatRoute } from "../edit/nat-route";
import { offerExpectNone, offerOtherSubnets } from "../edit/subnets";
import { message } from "../message";
import { natGatewaysFor } from "../network/alternatives";
import { badSubnets, failingSubnets } from "../network/egress";
import { known, type Network, type RouteTable } from "../network/model";
import { serviceName, serviceOf, servingFrom } from "../network/services";
import type { FunctionEgress, HopKind, SubnetEgress } from "../network/verdict";
import { get } from "../template/syntax";
import type { DraftNote, Fix, Rule, World } from "./rule";

export const noInternetRoute: Rule = {
  id: "no-internet-route",
  severity: "warning",
  group: "reach",
  summary: "The route table of the function's subnet has no route to the internet",
  docs: `## What happens

Calls from the function to the internet, and to AWS services without a VPC endpoint, hang until they
time out.

Every subnet has a *route table*: a list that says where packets for which addresses go. The table of
this subnet has no entry for public addresses, so packets for them go nowhere.

## How to fix it

Add a route for \`0.0.0.0/0\` (every address not named more closely) that leads to a NAT gateway in a
public subnet. Or, if the function calls a few AWS services only, add VPC endpoints for those.
Source: [Give Lambda functions internet access through a
VPC](https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html).

## When to silence it

When the function is meant to stay inside the VPC. This is common, so without evidence that the function
calls out (a NAT gateway in the template, a web address in its environment, a custom resource that waits
for its answer) this is information only. Say \`Expect: none\` in the function's metadata, or
\`Expect: aws-services\` if it calls AWS services through endpoints.
`,
  bad: "no-internet-route/local-only.yaml",
  good: "no-internet-route/nat-route.yaml",

  *check(world) {
    for (const fn of world.functions) {
      if (badSubnets(fn).length > 0) continue;
      for (const one of fn.subnets) {
        const { reference, ipv4, ipv6 } = one;
        if (ipv6.verdict === "igw" || ipv6.verdict === "egress-only") continue;
        for (const fault of ipv4.faults) {
          if (fault.code !== "no-route") continue;
          const { table } = fault;
          const exported = ipv4.verdict === "unknown";
          if (!exported && ipv4.verdict !== "isolated") continue;
          const means = world.intent(fn) === "internet" && !exported;
          const whole = world.whole();
          yield {
            at: reference.at,
            severity: means ? "warning" : "information",
            message: exported
              ? message(
                  "{0} reaches the internet from {1} only if another stack adds a route to {2}",
                  fn.fn.key,
                  reference.ref,
                  table.key,
                )
              : message(
                  "{0} cannot reach the internet from {1}: {2} has no route to it, so calls time out",
                  fn.fn.key,
                  reference.ref,
                  table.key,
                ),
            notes: [
              { at: table.at, message: message("this route table has no route for public addresses") },
              ...unusedNats(whole, table),
              ...servedAllTheSame(world, fn, one),
            ],
            fixes: () => [
              ...routeFixes(world, whole, table),
              ...(exported ? [] : offerOtherSubnets(world.document, world.template, whole, fn, failingSubnets(fn))),
              ...offerExpectNone(world.document, world.template, fn),
            ],
            functions: [fn.fn.key],
          };
        }
      }
    }
  },
};

/** Endpoints need no way to the internet, as long as groups, ACLs and their own policies let calls to them out. */
function servedAllTheSame(
  { network, template }: World,
  { fn }: FunctionEgress,
  { subnet, ipv4: { hops } }: SubnetEgress,
): DraftNote[] {
  const passes = (kind: HopKind): boolean => hops.every((hop) => hop.kind !== kind || hop.status === "passed");
  if (subnet === undefined || !passes("security-group") || !passes("network-acl")) return [];
  return [...network.endpoints.values()].flatMap((endpoint): DraftNote[] => {
    const service = serviceOf(endpoint);
    const isLimited = get(template.resources.get(endpoint.key)?.properties, "PolicyDocument") !== undefined;
    const isHere = known(endpoint.vpc) === known(subnet.vpc);
    if (service === undefined || isLimited || !isHere) return [];
    if (servingFrom(network, endpoint, fn, subnet) !== "serves") return [];
    return [
      {
        at: endpoint.at,
        message: message("calls to {0} go to this endpoint, not to the internet", serviceName(service)),
      },
    ];
  });
}

/** A NAT gateway that no route uses was probably meant for this table. */
function unusedNats(whole: Network, table: RouteTable): DraftNote[] {
  const vpc = known(table.vpc);
  const used = new Set(
    [...whole.routeTables.values()].flatMap(({ routes }) =>
      routes.flatMap(({ targets }) => targets.map(({ key }) => known(key))),
    ),
  );
  return (vpc === undefined ? [] : natGatewaysFor(whole, vpc, table))
    .filter(({ key }) => !used.has(key))
    .map(({ at, key }) => ({ at, message: message("{0} exists, but no route leads to it", key) }));
}

function routeFixes(world: World, whole: Network, table: RouteTable): Fix[] {
  const vpc = known(table.vpc);
  if (vpc === undefined || table.external || table.at.kind !== "text") return [];
  if (isSaidElsewhere(world.template, whole, "AWS::EC2::Route", "RouteTableId", table.key)) return [];
  return natGatewaysFor(whole, vpc, table).map((nat) => offerNatRoute(world.document, world.template, table, nat));
}
