import { offerExits } from "../edit/inspection";
import { type Message, message } from "../message";
import { gatewayKind } from "../network/gateway";
import { known, type Network, type Route, type Subnet } from "../network/model";
import { tableOf } from "../network/routes";
import type { DraftNote, Rule } from "./rule";

export const inspectionChainWithoutExit: Rule = {
  id: "inspection-chain-without-exit",
  severity: "warning",
  group: "reach",
  summary: "Traffic is led through a firewall, and from there nowhere",
  docs: `## What happens

Calls to the internet from every subnet behind this route hang until they time out.

The route sends traffic to an *endpoint* of a firewall or a Gateway Load Balancer, which inspects it and hands
it back. From there it takes the routes of the endpoint's *own* subnet. These must lead on: from a function to
a NAT gateway and then an internet gateway, from a NAT gateway to an internet gateway
([examples](https://docs.aws.amazon.com/vpc/latest/userguide/middlebox-routing-examples.html)). Here they
lead to none of them.

## How to fix it

Two chains work. Either the function's subnet sends \`0.0.0.0/0\` to the endpoint, the endpoint's subnet to a
NAT gateway, and the NAT gateway's subnet to the internet gateway. Or the function's subnet sends it to the
NAT gateway, the NAT gateway's subnet to the endpoint, and the endpoint's subnet to the internet gateway. In
both, the answers must come back the same way, so the tables behind the endpoint need a route to the
addresses before it that leads to the endpoint.

There is no quick fix here where the VPC has no NAT gateway yet: take *Create the NAT topology for …* at the function.

## When to silence it

When the firewall or another stack sends the traffic on in a way that the template does not show.
`,
  bad: "inspection-chain-without-exit/no-route.yaml",
  good: "inspection-chain-without-exit/to-nat.yaml",

  *check(world) {
    for (const { ipv4 } of world.paths) {
      for (const fault of ipv4.faults) {
        if (fault.code !== "inspection-no-exit") continue;
        const { route, endpoint, subnet } = fault;
        yield {
          at: route.at,
          message: message(
            "{0} leads to {1}, but from there nothing leads on to the internet, so calls time out",
            route.key,
            endpoint.key,
          ),
          notes: subnet === undefined ? [] : notes(world.network, subnet),
          fixes: () =>
            subnet === undefined ? [] : offerExits(world.document, world.template, world.whole(), { route, subnet }),
          functions: world.functions.map(({ fn }) => fn.key),
        };
      }
    }
  },
};

/** What leads on from the endpoint's subnet, or that nothing does. */
function notes(network: Network, subnet: Subnet): DraftNote[] {
  const choice = tableOf(network, subnet);
  if (choice.kind !== "explicit") {
    return [
      { at: subnet.at, message: message("the endpoint stands in {0}, which no association gives a route", subnet.key) },
    ];
  }
  const { table } = choice;
  const onward = table.routes.filter(({ destination }) => known(destination) === "0.0.0.0/0");
  const none = message("{0}, the route table of the endpoint's subnet, has no route to the internet", table.key);
  return onward.length === 0
    ? [{ at: table.at, message: none }]
    : onward.map((route) => ({ at: route.at, message: leadsOn(network, route, subnet) }));
}

function leadsOn(network: Network, { key, targets }: Route, subnet: Subnet): Message {
  return targets.some((target) => gatewayKind(network, target) === "internet")
    ? message("this route needs a public address, which Lambda's interfaces never have")
    : message("from {0}, where the endpoint stands, {1} leads on, but not to the internet", subnet.key, key);
}
