/** Which route table a subnet uses, and which route of it wins which part of the destination. */
import { type Message, message } from "../message";
import { once } from "../template/once";
import {
  type AddressSet,
  cidrSet,
  intersect,
  longestPrefixMatch,
  overlaps,
  type PrefixRoute,
  parseCidr,
  union,
} from "./address-space";
import {
  type Association,
  absent,
  known,
  type Network,
  type Origin,
  type Route,
  type RouteTable,
  type Subnet,
  type Vpc,
} from "./model";
import { whyOutside } from "./read";
import type { Family, Fault } from "./verdict";

/** The table of a subnet: in sight, the empty main table of a VPC in sight, or unknown. */
export type TableChoice =
  | {
      readonly kind: "explicit";
      readonly table: RouteTable;
      readonly association: Association;
      readonly others: readonly Association[];
    }
  | { readonly kind: "main"; readonly vpc: Vpc; readonly table: RouteTable | undefined }
  | { readonly kind: "unknown"; readonly why: Message; readonly at?: Origin };

/**
 * Returns the route table that a subnet uses: its association's, else the VPC's main table
 * (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).
 */
export function tableOf(network: Network, subnet: Subnet): TableChoice {
  const [association, ...others] = subnet.tables;
  if (association !== undefined) {
    const { target } = association;
    if (target.is === "unknown") return { kind: "unknown", why: target.why, at: association.at };
    if (target.is === "absent")
      return { kind: "unknown", why: message("its association names no table"), at: association.at };
    const table = network.routeTables.get(target.value);
    if (table === undefined) return { kind: "unknown", why: whyOutside(network, target.value), at: association.at };
    return { kind: "explicit", table, association, others };
  }
  if (subnet.external) return { kind: "unknown", why: whyOutside(network, subnet.key), at: subnet.at };
  const vpcKey = known(subnet.vpc);
  const vpc = vpcKey === undefined ? undefined : network.vpcs.get(vpcKey);
  if (vpc === undefined || vpc.external) {
    return {
      kind: "unknown",
      why:
        network.source === "account" || network.unseen?.has(vpcKey ?? "") === true
          ? whyOutside(network, vpcKey ?? subnet.key)
          : message("{0} uses the main route table of a VPC outside this template", subnet.key),
      at: subnet.at,
    };
  }
  if (vpc.mainTable.is === "unknown") return { kind: "unknown", why: vpc.mainTable.why, at: subnet.at };
  const [gap] = network.gaps;
  if (gap !== undefined && vpc.mainTable.is === "absent") return { kind: "unknown", why: gap, at: subnet.at };
  const main = vpc.mainTable.is === "known" ? network.routeTables.get(vpc.mainTable.value) : undefined;
  return { kind: "main", vpc, table: main };
}

export interface Routing {
  /** Each route that wins a part of the destination, in the order of the table. */
  readonly won: ReadonlyMap<Route, AddressSet>;
  /** What no route of the table covers. */
  readonly unrouted: AddressSet;
  /** Why routes may exist that are not seen, so that what is unrouted is unknown; empty where none can. */
  readonly unseen: readonly Message[];
}

/** Returns how a table splits a destination among its routes, by longest prefix. */
export function routingOf(network: Network, table: RouteTable, family: Family, destination: AddressSet): Routing {
  const routes: PrefixRoute<Route>[] = [];
  const unseen: Message[] = [...network.gaps];
  if (table.external) unseen.push(whyOutside(network, table.key));
  else if (table.exported)
    unseen.push(message("{0} leaves the stack, so another stack may add routes to it", table.key));
  if (table.propagations.length > 0) unseen.push(message("a gateway may propagate routes into {0}", table.key));
  // Of the same block, a route's own comes before a prefix list's.
  const lists = table.routes.filter((route) => route.family === "prefix-list");
  for (const route of [...table.routes.filter((one) => one.family !== "prefix-list"), ...lists]) {
    const { destination: to } = route;
    if (route.family === "prefix-list") {
      const entries = network.prefixLists.get(known(to) ?? "")?.cidrs;
      const cidrs = entries?.is === "known" ? entries.value : undefined;
      if (cidrs === undefined) {
        const why =
          route.at.kind === "aws"
            ? whyOutside(network, known(to) ?? "?")
            : message("the prefix list of route {0} is not in this template", route.key);
        unseen.push(entries?.is === "unknown" && entries.at?.kind === "aws" ? entries.why : why);
      }
      for (const entry of cidrs ?? []) {
        const cidr = entry.is === "known" ? parseCidr(entry.value) : undefined;
        if (cidr !== undefined) routes.push({ cidr, value: route });
        else unseen.push(message("the prefix list of route {0} is not known", route.key));
      }
    } else if (route.family === family) {
      const cidr = to.is === "known" ? parseCidr(to.value) : undefined;
      if (cidr !== undefined) routes.push({ cidr, value: route });
      else if (to.is === "unknown") unseen.push(to.why);
    }
  }
  const { won, unrouted } = longestPrefixMatch(destination, routes);
  return { won, unrouted, unseen };
}

/** A route that AWS refuses, so that the stack is not created. */
export interface RefusedRoute {
  readonly route: Route;
  readonly reason: "no-target" | "two-targets" | "no-destination" | "wrong-family" | "duplicate-route";
  /** The route that has the destination already. */
  readonly earlier?: Route;
}

/**
 * Returns the routes of a table that AWS refuses: each has one destination, one target, and no other route
 * of its table has the same destination (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html).
 */
export const refusedRoutes = once((table: RouteTable): readonly RefusedRoute[] => {
  const refused: RefusedRoute[] = [];
  const seen = new Map<string, Route>();
  for (const route of table.routes) {
    if (route.state !== undefined) continue;
    const { destination, family, targets } = route;
    if (targets.length === 0) refused.push({ route, reason: "no-target" });
    if (hasTwoTargets(route)) refused.push({ route, reason: "two-targets" });
    if (destination.is === "absent") refused.push({ route, reason: "no-destination" });
    if (family === "ipv4" && targets.some(({ kind, key }) => kind === "egress-only-gateway" && key.is === "known")) {
      refused.push({ route, reason: "wrong-family" });
      continue;
    }
    if (destination.is !== "known") continue;
    const block = canonical(destination.value);
    const earlier = seen.get(block);
    if (earlier === undefined) seen.set(block, route);
    else refused.push({ route, reason: "duplicate-route", earlier });
  }
  return refused;
});

/** Tells whether a route certainly has more than one target: of those that are not known, some may come to nothing. */
export function hasTwoTargets({ targets }: Route): boolean {
  return targets.filter(({ key }) => key.is === "known").length > 1;
}

/**
 * Returns the routes that may not be taken for a part of the destination, with the reason: another one of the same
 * destination, but another target, would drive them out; and of prefix lists that overlap, AWS takes one at random
 * (Amazon VPC User Guide, route priority and prefix lists).
 */
export function contestedRoutes(
  network: Network,
  table: RouteTable,
  destination: AddressSet,
): ReadonlyMap<Route, Message> {
  const contested = new Map<Route, Message>();
  const differ = (one: Route, other: Route): boolean => {
    const [left, right] = [one, other].map(({ targets }) => known(targets[0]?.key ?? absent));
    return left !== right;
  };
  for (const { route, earlier } of refusedRoutes(table)) {
    if (earlier === undefined || !differ(route, earlier)) continue;
    for (const each of [route, earlier]) {
      contested.set(each, message("another route has the same destination as {0}", each.key));
    }
  }
  const lists = table.routes.filter(({ family }) => family === "prefix-list");
  const listed = new Map(lists.map((route) => [route, intersect(destination, blocksOf(network, route, destination))]));
  for (const [route, own] of listed) {
    const rival = lists.find((other) => differ(route, other) && overlaps(own, listed.get(other) ?? own));
    if (rival === undefined) continue;
    const why = message(
      "the prefix lists of {0} and {1} overlap, and AWS takes one of them at random",
      route.key,
      rival.key,
    );
    contested.set(route, why);
  }
  return contested;
}

/** Returns the addresses of the family in a route's prefix list, as far as they are known. */
function blocksOf(network: Network, { destination }: Route, { family }: AddressSet): AddressSet {
  const entries = network.prefixLists.get(known(destination) ?? "")?.cidrs;
  const cidrs = (entries?.is === "known" ? entries.value : []).flatMap((entry) => parseCidr(known(entry) ?? "") ?? []);
  return union(family, cidrs.filter((cidr) => cidr.family === family).map(cidrSet));
}

/** Returns the faults by which a subnet's routes or associations cannot be created. */
export function deployFaultsOf(choice: TableChoice): Fault[] {
  if (choice.kind !== "explicit") return [];
  const [second] = choice.others;
  const refused = refusedRoutes(choice.table).map(
    ({ reason, route }): Fault => ({ code: "deploy", reason, at: route.at }),
  );
  return second === undefined
    ? refused
    : [{ code: "deploy", reason: "duplicate-association", at: second.at }, ...refused];
}

/** Returns one spelling for each block: AWS clears the bits behind a block's prefix: 100.68.0.18/18 becomes 100.68.0.0/18. */
export function canonical(destination: string): string {
  const cidr = parseCidr(destination);
  return cidr === undefined ? destination : `${cidr.family} ${cidr.range.from}/${cidr.prefixLength}`;
}

/** The routing of a table that holds local routes only. */
export function noRoutes(destination: AddressSet): Routing {
  return { won: new Map(), unrouted: destination, unseen: [] };
}
