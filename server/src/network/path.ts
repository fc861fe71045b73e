/** The way out of one subnet in one address family, hop by hop, every blocker kept. */
import { message } from "../message";
import { passAcl } from "./acl-legs";
import { type AddressSet, describeAddresses, isEmpty, size, union } from "./address-space";
import { gatewayKind, passGateway, passPublicAccess } from "./gateway";
import { groupKeys, passGroups } from "./group-check";
import { passInspection } from "./inspection";
import {
  known,
  knownOr,
  type LambdaFunction,
  type Network,
  type Route,
  type RouteTable,
  type Subnet,
  type SubnetReference,
  type Target,
  type VpcConfig,
} from "./model";
import { type Approach, differ, passNatGateway, passNatInstance, worst } from "./nat";
import { whyExternal } from "./read";
import { noRoutes, type Routing, routingOf, tableOf } from "./routes";
import { createTrail, pass, type Trail } from "./trail";
import type { Ipv4Verdict, Ipv6Verdict, Path, Question, Status } from "./verdict";

/** What failed decides in this order (semantics D.1), then what is only partial. */
const ipv4Order: readonly Ipv4Verdict[] = [
  "isolated",
  "public-subnet",
  "no-transit",
  "broken",
  "blocked-account",
  "blocked-security-group",
  "blocked-nacl",
];
const ipv6Order: readonly Ipv6Verdict[] = [
  "off",
  "isolated",
  "broken",
  "blocked-account",
  "blocked-security-group",
  "blocked-nacl",
];

/** Returns the IPv4 path from one of a function's subnets to the question's addresses. */
export function ipv4Path(
  network: Network,
  fn: LambdaFunction,
  config: VpcConfig,
  reference: SubnetReference,
  question: Question,
): Path<Ipv4Verdict> {
  const trail = createTrail("ipv4");
  const statuses: Status[] = [passGroups(trail, network, config.groups, question)];
  const subnet = subnetOf(network, reference);
  let word: Ipv4Verdict = "unknown";
  if (subnet === undefined) statuses.push(passUnseenSubnet(trail, reference));
  else {
    statuses.push(passEncryption(trail, network, subnet), passAcl(trail, network, subnet, [1, 6], question, subnet));
    const exit = leaveSubnet(trail, network, subnet, question, (route, target, table) => {
      const approach: Approach = { subnet, table, route, target, question, groups: groupKeys(fn) };
      return followIpv4(trail, network, approach);
    });
    statuses.push(exit.status);
    word = exit.words[0] ?? "unknown";
  }
  return conclude(trail, statuses, word, ipv4Order);
}

/** Returns the IPv6 path, `off` where the function does not use IPv6 at all. */
export function ipv6Path(
  network: Network,
  config: VpcConfig,
  reference: SubnetReference,
  question: Question,
): Path<Ipv6Verdict> {
  const trail = createTrail("ipv6");
  const allowed = knownOr(config.ipv6Allowed, false);
  if (allowed === false) return conclude(trail, ["failed"], "off", ipv6Order, ["off"]);
  if (allowed === undefined && config.ipv6Allowed.is === "unknown") {
    trail.unknowns.push(config.ipv6Allowed.why);
    return conclude(trail, ["unknown"], "unknown", ipv6Order);
  }
  const subnet = subnetOf(network, reference);
  if (subnet === undefined) return conclude(trail, [passUnseenSubnet(trail, reference)], "unknown", ipv6Order);
  const dual = knownOr(subnet.ipv6, false);
  if (dual === false || known(subnet.ipv6Native) === true) {
    const why =
      dual === false
        ? message("{0} has no IPv6 range", subnet.key)
        : message("{0} is an IPv6-only subnet, which Lambda cannot use", subnet.key);
    pass(trail, "other", subnet.key, "failed", why, subnet.at);
    return conclude(trail, ["failed"], "off", ipv6Order, ["off"]);
  }
  const statuses: Status[] = [
    passGroups(trail, network, config.groups, question),
    passAcl(trail, network, subnet, [1, 6], question, subnet),
  ];
  if (dual === undefined) {
    pass(
      trail,
      "other",
      subnet.key,
      "unknown",
      message("whether {0} has an IPv6 range is not known", subnet.key),
      subnet.at,
    );
    statuses.push("unknown");
  }
  const exit = leaveSubnet(trail, network, subnet, question, (route, target, table) =>
    followIpv6(trail, network, subnet, route, target, table),
  );
  statuses.push(exit.status);
  return conclude(trail, statuses, exit.words[0] ?? "unknown", ipv6Order);
}

/** What a followed route comes to, and the word for it when it gets out. */
interface Followed<V> {
  readonly status: Status;
  readonly word?: V;
}

/** Leaves a subnet by every route that wins a part of the question's addresses. */
function leaveSubnet<V extends string>(
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
  const { table } = choice;
  if (choice.kind === "explicit") {
    if (choice.others.length > 0) {
      trail.faults.push({ code: "deploy", reason: "duplicate-association", at: choice.others[0]?.at ?? subnet.at });
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
  const routing: Routing =
    table === undefined ? noRoutes(question.addresses) : routingOf(network, table, trail.family, question.addresses);
  if (table !== undefined) checkRoutes(trail, table);
  const reached: AddressSet[] = [];
  const lost: AddressSet[] = [];
  let unknown = false;
  const words: V[] = [];
  for (const [route, share] of routing.won) {
    const followed = followRoute(trail, network, route, table, follow);
    if (followed.status === "passed") {
      reached.push(share);
      if (followed.word !== undefined) words.push(followed.word);
    } else if (followed.status === "failed") lost.push(share);
    else unknown = true;
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
  return sum(trail, table, routing, { reached, lost, unknown, words });
}

function followRoute<V>(
  trail: Trail,
  network: Network,
  route: Route,
  table: RouteTable | undefined,
  follow: (route: Route, target: Target, table: RouteTable) => Followed<V>,
): Followed<V> {
  const [target] = route.targets;
  if (target === undefined || table === undefined) return { status: "failed" };
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
  shares: { reached: AddressSet[]; lost: AddressSet[]; unknown: boolean; words: V[] },
): { status: Status; words: readonly V[] } {
  const { reached, lost, unknown, words } = shares;
  if (lost.length === 0) return { status: unknown ? "unknown" : "passed", words };
  if (reached.length === 0) {
    if (!unknown) return { status: "failed", words };
    for (const word of ["isolated", "public-subnet", "no-transit"]) trail.blocked.delete(word);
    return { status: "unknown", words };
  }
  const all = union(trail.family, reached);
  if (table !== undefined) {
    const [largest] = [...routing.won].sort(([, left], [, right]) => Number(size(right) - size(left)));
    trail.faults.push({ code: "partial-route", table, route: largest?.[0], reachable: describeAddresses(all) });
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
    const why = message(
      "{0} has no association, so it uses the main table of {1}, which has local routes only",
      subnet.key,
      choice.vpc.key,
    );
    pass(trail, "route-table", subnet.key, "failed", why, subnet.at);
    if (!v6) trail.faults.push({ code: "main-table", subnet, vpc: choice.vpc });
  } else if (table !== undefined) {
    pass(trail, "route-table", table.key, "failed", message("{0} has no route to the internet", table.key), table.at);
    if (!v6) trail.faults.push({ code: "no-route", subnet, table });
  }
}

/** Routes that AWS would refuse keep the stack from being created. */
function checkRoutes(trail: Trail, table: RouteTable): void {
  const seen = new Map<string, Route>();
  for (const route of table.routes) {
    const deploy = (
      reason: "no-target" | "two-targets" | "no-destination" | "wrong-family" | "duplicate-route",
    ): void => {
      trail.faults.push({ code: "deploy", reason, at: route.at });
    };
    if (route.state !== undefined) continue;
    if (route.targets.length === 0) deploy("no-target");
    if (route.targets.length > 1) deploy("two-targets");
    if (route.destination.is === "absent") deploy("no-destination");
    if (route.family === "ipv4" && route.targets.some(({ kind }) => kind === "egress-only-gateway"))
      deploy("wrong-family");
    const to = known(route.destination);
    if (to === undefined) continue;
    if (seen.has(to)) deploy("duplicate-route");
    seen.set(to, route);
  }
}

function followIpv4(trail: Trail, network: Network, approach: Approach): Followed<Ipv4Verdict> {
  const { route, target, subnet, table } = approach;
  const lead = (status: Status, why = message("{0} is the longest match in {1}", route.key, table.key)): void =>
    pass(trail, "route", route.key, status, why, route.at);
  switch (target.kind) {
    case "nat-gateway":
      lead("passed");
      return { status: passNatGateway(trail, network, approach), word: "nat" };
    case "instance":
    case "network-interface":
      lead("passed");
      return { status: passNatInstance(trail, network, approach), word: "nat-instance" };
    case "endpoint":
      lead("passed");
      return { status: passInspection(trail, network, approach, "to-nat"), word: "inspection" };
    case "peering":
      lead("passed");
      pass(
        trail,
        "peering",
        known(target.key) ?? "?",
        "failed",
        message("a peering connection carries no traffic to the internet"),
        target.at,
      );
      trail.faults.push({ code: "peering", route, table, target });
      trail.blocked.add("no-transit");
      return { status: "failed" };
    case "egress-only-gateway":
      lead("failed", message("{0} sends IPv4 to an egress-only gateway, which carries IPv6 alone", route.key));
      trail.blocked.add("broken");
      return { status: "failed" };
    case "internet-gateway":
    case "vpn-gateway":
    case "gateway":
      switch (gatewayKind(network, target)) {
        case "internet":
          lead("failed", message("{0} leads to an internet gateway, but Lambda has no public IPv4 address", route.key));
          trail.faults.push({ code: "public-subnet", subnet, table, route });
          trail.blocked.add("public-subnet");
          return { status: "failed" };
        case "local":
          lead("failed", message("{0} is a local route", route.key));
          trail.blocked.add("isolated");
          return { status: "failed" };
        default:
          return followUnknown(trail, route, target);
      }
    case "transit-gateway":
    case "local-gateway":
    case "carrier-gateway":
    case "core-network":
    case "other":
      return followUnknown(trail, route, target);
  }
}

function followIpv6(
  trail: Trail,
  network: Network,
  subnet: Subnet,
  route: Route,
  target: Target,
  table: RouteTable,
): Followed<Ipv6Verdict> {
  const key = known(target.key);
  const fail = (why: ReturnType<typeof message>): Followed<Ipv6Verdict> => {
    pass(trail, "route", route.key, "failed", why, route.at);
    trail.blocked.add("broken");
    return { status: "failed" };
  };
  switch (target.kind) {
    case "egress-only-gateway": {
      const gateway = key === undefined ? undefined : network.egressOnlyGateways.get(key);
      if (gateway === undefined) return followUnknown(trail, route, target);
      if (differ(network, known(gateway.vpc), known(table.vpc))) {
        trail.faults.push({ code: "egress-only-other-vpc", route, target });
        return fail(message("{0} belongs to another VPC than {1}", gateway.key, table.key));
      }
      pass(
        trail,
        "egress-only-gateway",
        gateway.key,
        "passed",
        message("{0} leads to an egress-only gateway", route.key),
        route.at,
      );
      return {
        status: passPublicAccess(trail, network, subnet, { kind: "egress-only", at: gateway.at }),
        word: "egress-only",
      };
    }
    case "nat-gateway":
      return fail(message("{0} sends IPv6 to a NAT gateway, which carries IPv4 alone", route.key));
    case "peering":
      return fail(message("a peering connection carries no traffic to the internet"));
    case "internet-gateway":
    case "gateway":
      if (gatewayKind(network, target) === "internet") {
        const attached = passGateway(trail, network, target, subnet.vpc);
        return {
          status: worst(attached, passPublicAccess(trail, network, subnet, { kind: "other", at: route.at })),
          word: "igw",
        };
      }
      return followUnknown(trail, route, target);
    default:
      return followUnknown(trail, route, target);
  }
}

function followUnknown(trail: Trail, route: Route, target: Target): Followed<never> {
  const kinds: Partial<Record<Target["kind"], "transit-gateway">> = { "transit-gateway": "transit-gateway" };
  const key = known(target.key);
  const why =
    target.key.is === "unknown"
      ? target.key.why
      : message("{0} leads to {1}, and what lies behind it is not in this template", route.key, key ?? "?");
  pass(trail, kinds[target.kind] ?? "other", key ?? "?", "unknown", why, target.at);
  return { status: "unknown" };
}

/** VPC encryption control in enforce mode keeps Lambda out unless it is excluded. */
function passEncryption(trail: Trail, network: Network, subnet: Subnet): Status {
  const vpc = network.vpcs.get(known(subnet.vpc) ?? "");
  const control = vpc?.encryption;
  if (vpc === undefined || control === undefined || known(control.mode) !== "enforce") return "passed";
  if (known(control.lambdaExcluded) === true) {
    const soft = [control.natExcluded, control.internetGatewayExcluded].some((fact) => knownOr(fact, false) === false);
    if (soft) trail.faults.push({ code: "encryption-control", vpc, certain: false });
    return "passed";
  }
  if (control.lambdaExcluded.is === "unknown") {
    pass(trail, "other", vpc.key, "unknown", control.lambdaExcluded.why, control.at);
    return "unknown";
  }
  pass(
    trail,
    "other",
    vpc.key,
    "failed",
    message("{0} enforces encryption and does not exclude Lambda", vpc.key),
    control.at,
  );
  trail.faults.push({ code: "encryption-control", vpc, certain: true });
  trail.blocked.add("blocked-account");
  return "failed";
}

function subnetOf(network: Network, reference: SubnetReference): Subnet | undefined {
  const key = known(reference.key);
  return key === undefined || reference.whole ? undefined : network.subnets.get(key);
}

function passUnseenSubnet(trail: Trail, reference: SubnetReference): Status {
  const why = reference.key.is === "unknown" ? reference.key.why : whyExternal(reference.ref);
  pass(trail, "route-table", reference.ref, "unknown", why, reference.at);
  return "unknown";
}

/** A failure decides, by the order of words; then what is unknown; then what is only partial. */
function conclude<V extends string>(
  trail: Trail,
  statuses: readonly Status[],
  word: V,
  order: readonly V[],
  failed: readonly V[] = [],
): Path<V> {
  const blockers = [...order.filter((one) => trail.blocked.has(one)), ...failed] as V[];
  const partial = trail.blocked.has("partial");
  const { family, hops, faults, unknowns } = trail;
  const status = worst(...statuses);
  const verdict =
    status === "failed"
      ? (blockers[0] ?? ("broken" as V))
      : status === "unknown"
        ? ("unknown" as V)
        : partial
          ? ("partial" as V)
          : word;
  if (partial) blockers.push("partial" as V);
  return { family, verdict, blockers, hops, faults, unknowns };
}
