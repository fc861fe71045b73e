/** How traffic leaves a subnet: by every route of its table that wins a part of the addresses. */
import { message } from "../message";
import { type AddressSet, describeAddresses, isEmpty, size, union } from "./address-space";
import type { Followed } from "./follow";
import { known, type Network, type Route, type RouteTable, type Subnet, type Target } from "./model";
import { contestedRoutes, deployFaultsOf, hasTwoTargets, noRoutes, type Routing, routingOf, tableOf } from "./routes";
import { pass, type Trail } from "./trail";
import type { Question, Status } from "./verdict";

/** Leaves a subnet by every route that wins a part of the question's addresses. */
export function leaveSubnet<V extends string>(
  trail: Trail,
  network: Network,
  subnet: Subnet,
  question: Question,
  follow: (route: Route, target: Target, table: RouteTable) => Followed<V>,
): { readonly status: Status; readonly words: readonly V[] } {
  const choice = tableOf(network, subnet);
  if (choice.kind === "unknown") {
    pass(trail, "route-table", subnet.key, "unknown", choice.why, choice.at);
    return { status: "unknown", words: [] };
  }
  trail.faults.push(...deployFaultsOf(choice));
  const { table } = choice;
  if (choice.kind === "explicit") {
    const rival = choice.others.find(({ target }) => known(target) !== choice.table.key);
    if (rival !== undefined) {
      const why = message("{0} is associated with more than one route table", subnet.key);
      pass(trail, "route-table", subnet.key, "unknown", why, rival.at);
      return { status: "unknown", words: [] };
    }
    pass(
      trail,
      "route-table",
      choice.table.key,
      "passed",
      message("{0} uses {1}", subnet.key, choice.table.key),
      choice.association.at,
    );
  }
  // Only an account shows what the main table holds.
  if (choice.kind === "main" && table !== undefined) {
    const why = message("{0} uses {1}, the main table of {2}", subnet.key, table.key, choice.vpc.key);
    pass(trail, "route-table", table.key, "passed", why, table.at);
  }
  const routing: Routing =
    table === undefined ? noRoutes(question.addresses) : routingOf(network, table, trail.family, question.addresses);
  const contested = table === undefined ? undefined : contestedRoutes(network, table, question.addresses);
  const reached: AddressSet[] = [];
  const lost: AddressSet[] = [];
  const dead: Route[] = [];
  let unknown = false;
  const words: V[] = [];
  for (const [route, share] of routing.won) {
    const why = contested?.get(route);
    if (why !== undefined) {
      pass(trail, "route", route.key, "unknown", why, route.at);
      unknown = true;
      continue;
    }
    const followed = followRoute(trail, network, route, table, follow);
    if (followed.status === "passed") {
      reached.push(share);
      if (followed.word !== undefined) words.push(followed.word);
    } else if (followed.status === "failed") {
      lost.push(share);
      dead.push(route);
    } else unknown = true;
  }
  if (!isEmpty(routing.unrouted)) {
    const [unseen] = routing.unseen;
    if (unseen !== undefined) {
      pass(trail, "route-table", table?.key ?? subnet.key, "unknown", unseen, table?.at ?? subnet.at);
      unknown = true;
      // Only the export keeps this table from being a proven dead end, which is worth telling.
      if (table?.exported === true && routing.unseen.length === 1 && routing.won.size === 0) {
        trail.faults.push({ code: "no-route", subnet, table });
      }
    } else {
      lost.push(routing.unrouted);
      if (reached.length === 0 && !unknown && routing.won.size === 0) passNoRoute(trail, choice, subnet, table);
    }
  }
  return sum(trail, table, routing, { reached, lost, dead, unknown, words });
}

function followRoute<V>(
  trail: Trail,
  network: Network,
  route: Route,
  table: RouteTable | undefined,
  follow: (route: Route, target: Target, table: RouteTable) => Followed<V>,
): Followed<V> {
  const [target] = route.targets;
  if (target === undefined || table === undefined || hasTwoTargets(route)) return { status: "failed" };
  const key = known(target.key);
  if (key !== undefined && network.missing.has(key)) {
    pass(
      trail,
      "route",
      route.key,
      "failed",
      message("{0} names {1}, which is not created", route.key, key),
      target.at,
    );
    trail.faults.push({ code: "missing", key, at: target.at });
    trail.blocked.add("broken");
    return { status: "failed" };
  }
  if (route.state === "blackhole") {
    pass(trail, "route", route.key, "failed", message("{0} is a black hole: its target is gone", route.key), route.at);
    trail.faults.push({ code: "blackhole", route, table });
    trail.blocked.add("broken");
    return { status: "failed" };
  }
  return follow(route, target, table);
}

/** Adds up the shares of the destination: all, some or none of it gets out. */
function sum<V extends string>(
  trail: Trail,
  table: RouteTable | undefined,
  routing: Routing,
  shares: { reached: AddressSet[]; lost: AddressSet[]; dead: Route[]; unknown: boolean; words: V[] },
): { status: Status; words: readonly V[] } {
  const { reached, lost, dead, unknown, words } = shares;
  if (lost.length === 0) return { status: unknown ? "unknown" : "passed", words };
  if (reached.length === 0) {
    if (!unknown) return { status: "failed", words };
    for (const word of ["isolated", "public-subnet", "no-transit"]) trail.blocked.delete(word);
    return { status: "unknown", words };
  }
  const all = union(trail.family, reached);
  if (table !== undefined) {
    const out = [...routing.won].filter(([route]) => !dead.includes(route));
    const bySize = out.sort(([, left], [, right]) => Number(size(right) - size(left))).map(([route]) => route);
    trail.faults.push({
      code: "partial-route",
      table,
      reached: bySize,
      lost: dead,
      reachable: describeAddresses(all),
    });
  }
  for (const word of ["public-subnet", "no-transit", "broken"]) trail.blocked.delete(word);
  trail.blocked.add("partial");
  return { status: unknown ? "unknown" : "passed", words };
}

function passNoRoute(
  trail: Trail,
  choice: ReturnType<typeof tableOf>,
  subnet: Subnet,
  table: RouteTable | undefined,
): void {
  trail.blocked.add("isolated");
  const v6 = trail.family === "ipv6";
  if (choice.kind === "main") {
    const why =
      table === undefined
        ? message(
            "{0} has no association, so it uses the main table of {1}, which has local routes only",
            subnet.key,
            choice.vpc.key,
          )
        : message("{0}, the main table of {1}, has no route to the internet", table.key, choice.vpc.key);
    pass(trail, "route-table", table?.key ?? subnet.key, "failed", why, table?.at ?? subnet.at);
    if (!v6) trail.faults.push({ code: "main-table", subnet, vpc: choice.vpc });
  } else if (table !== undefined) {
    pass(trail, "route-table", table.key, "failed", message("{0} has no route to the internet", table.key), table.at);
    if (!v6) trail.faults.push({ code: "no-route", subnet, table });
  }
}
