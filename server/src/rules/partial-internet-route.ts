import { offerRemovedResource } from "../edit/remove-resource";
import { replaceValue } from "../edit/replace";
import { type Message, message } from "../message";
import { parseCidr } from "../network/address-space";
import { gatewayKind } from "../network/gateway";
import { known, type Network, type Route } from "../network/model";
import type { Fault } from "../network/verdict";
import type { Fix, Rule, World } from "./rule";

type Partial = Fault & { readonly code: "partial-route" };

export const partialInternetRoute: Rule = {
  id: "partial-internet-route",
  severity: "warning",
  group: "reach",
  summary: "The routes of the function's subnet lead to a part of the internet only",
  docs: `## What happens

Calls to some addresses work and calls to others time out.

A route table sends each packet by the most specific route that matches its address. Either the routes of
this table cover a part of the internet only, such as \`0.0.0.0/1\` without \`128.0.0.0/1\`; or a more specific
route takes a part of it away, to an internet gateway that Lambda's private addresses cannot use or to a
peering connection, which carries nothing to the internet. See [Route
priority](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html#route-tables-priority).

## How to fix it

Let one route for \`0.0.0.0/0\` lead to the NAT gateway, and remove the more specific one.

## When to silence it

When the function should reach these addresses only. A table with routes for narrow blocks alone, as for
the addresses of a partner, is taken to be meant so and not reported.
`,
  bad: "partial-internet-route/lower-half.yaml",
  good: "partial-internet-route/both-halves.yaml",

  *check(world) {
    for (const fn of world.functions) {
      for (const { ipv4, ipv6 } of fn.subnets) {
        for (const fault of [...ipv4.faults, ...ipv6.faults]) {
          if (fault.code !== "partial-route") continue;
          for (const { route, text, fixes } of speaking(world, fault)) {
            yield { at: route.at, message: text, notes: notes(fault), fixes, functions: [fn.fn.key] };
          }
        }
      }
    }
  },
};

interface Spoken {
  readonly route: Route;
  readonly text: Message;
  readonly fixes: () => readonly Fix[];
}

/** Returns the routes to speak about: those that take a part away, else the one that covers too little. */
function speaking(world: World, { table, reached, lost, reachable }: Partial): Spoken[] {
  const astray = lost.filter((one) => leadsAstray(world.network, one));
  if (astray.length > 0) {
    return astray.map((one) => ({
      route: one,
      text: message(
        "{0} sends traffic for {1} where Lambda has no way to the internet, so calls to these addresses time out",
        one.key,
        known(one.destination) ?? "?",
      ),
      // What the route sends astray then takes the way of the rest.
      fixes: () => offerRemovedResource(world.document, world.template, one.key),
    }));
  }
  const [route, ...others] = reached;
  if (route === undefined || lost.length > 0 || !isBroad(route)) return [];
  const block = others.length === 0 ? (known(route.destination) ?? reachable) : reachable;
  const text = message("{0} leads to {1} only, so calls to any other address time out", table.key, block);
  return [{ route, text, fixes: () => widen(world, route) }];
}

/**
 * A lost route to a gateway or to a large part of the internet over a peering connection. Smaller blocks may
 * be a peer's own, and a broken NAT gateway has rules of its own.
 */
function leadsAstray(network: Network, route: Route): boolean {
  const [target] = route.targets;
  if (target === undefined) return false;
  return gatewayKind(network, target) === "internet" || (target.kind === "peering" && isBroad(route));
}

/** Blocks smaller than a 256th of the address space in use are chosen one by one: an allow-list. */
function isBroad({ destination }: Route): boolean {
  const block = parseCidr(known(destination) ?? "");
  return block !== undefined && block.prefixLength <= (block.family === "ipv4" ? 8 : 11);
}

function notes({ table, reached: [route], lost }: Partial): { at: Route["at"]; message: Message }[] {
  if (lost.length === 0) {
    return [{ at: table.at, message: message("no route of this table covers the other addresses") }];
  }
  return route === undefined ? [] : [{ at: route.at, message: message("{0} leads the rest out", route.key) }];
}

/** One route for everything, in place of the one that covers too little. */
function widen({ document }: World, { key, destination, family }: Route): Fix[] {
  if (destination.is !== "known" || destination.at.kind !== "text") return [];
  const everywhere = family === "ipv6" ? "::/0" : "0.0.0.0/0";
  return [
    {
      title: message("Let {0} lead to {1}", key, everywhere),
      safe: false,
      edits: replaceValue(document, destination.at.node, everywhere),
    },
  ];
}
