/** The way out of one subnet in one address family, hop by hop, every blocker kept. */
import { message } from "../message";
import { passAcl } from "./acl-legs";
import { type Approach, worst } from "./approach";
import { type Followed, followIpv4, followIpv6, followManagedInstance } from "./follow";
import { gatewayKind } from "./gateway";
import { groupKeys, passGroups } from "./group-check";
import { leavePrivately } from "./leave-privately";
import { leaveSubnet } from "./leave-subnet";
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
import { whyExternal, whyOutside } from "./read";
import { createTrail, pass, type Trail } from "./trail";
import type { Fault, Ipv4Verdict, Ipv6Verdict, Path, Question, Status } from "./verdict";

/** What failed decides in this order, then what is only partial. */
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
  const { trail, checks, word } = ipv4Way(network, fn, config, reference, question);
  const statuses = checks.map((check) => check());
  return conclude(trail, statuses, word(), ipv4Order);
}

/** What one check of a path comes to by itself. */
export interface Checked {
  readonly status: Status;
  readonly isPartial: boolean;
  readonly word: Ipv4Verdict;
  readonly faults: readonly Fault[];
}

/** Returns the checks of the path, each by itself: the last one is of what leads out of the subnet. */
export function ipv4Checks(...args: Parameters<typeof ipv4Path>): readonly (() => Checked)[] {
  return ([0, 1, 2, 3] as const).map((at) => () => {
    const { trail, checks, word } = ipv4Way(...args);
    const status = checks[at]();
    return { status, isPartial: trail.blocked.has("partial"), word: word(), faults: trail.faults };
  });
}

type Checks = readonly [() => Status, () => Status, () => Status, () => Status];

/** The checks on the way, the last one of what leads out, and what the way is called once that is done. */
function ipv4Way(
  network: Network,
  fn: LambdaFunction,
  config: VpcConfig,
  reference: SubnetReference,
  question: Question,
): { readonly trail: Trail; readonly checks: Checks; readonly word: () => Ipv4Verdict } {
  const trail = createTrail("ipv4");
  const groups = (): Status => passGroups(trail, network, config.groups, question);
  const subnet = subnetOf(network, reference);
  if (subnet === undefined) {
    const nothing = (): Status => "passed";
    const unseen = (): Status => passUnseenSubnet(trail, network, reference);
    return { trail, checks: [groups, nothing, nothing, unseen], word: () => "unknown" };
  }
  let word: Ipv4Verdict = "unknown";
  const leave = (): Status => {
    const follow = (route: Route, target: Target, table: RouteTable): Followed<Ipv4Verdict> => {
      if (fn.capacityProvider !== undefined && gatewayKind(network, target) === "internet") {
        return followManagedInstance(trail, fn, route);
      }
      const approach: Approach = { subnet, table, route, target, question, groups: groupKeys(fn) };
      return followIpv4(trail, network, approach);
    };
    const exit =
      leavePrivately(trail, network, subnet, question) ?? leaveSubnet(trail, network, subnet, question, follow);
    word = exit.words[0] ?? "unknown";
    return exit.status;
  };
  const checks: Checks = [
    groups,
    () => worst(passRange(trail, subnet), passEncryption(trail, network, subnet)),
    () => passAcl(trail, network, subnet, [1, 6], question, subnet),
    leave,
  ];
  return { trail, checks, word: () => word };
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
  // Where nobody knows whether the function may, it does not get out all the same if nothing there leads out.
  if (config.ipv6Allowed.is === "unknown") trail.unknowns.push(config.ipv6Allowed.why);
  const subnet = subnetOf(network, reference);
  if (subnet === undefined) return conclude(trail, [passUnseenSubnet(trail, network, reference)], "unknown", ipv6Order);
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
    allowed === undefined ? "unknown" : "passed",
    passGroups(trail, network, config.groups, question),
    passEncryption(trail, network, subnet),
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
  const follow = (route: Route, target: Target, table: RouteTable): Followed<Ipv6Verdict> =>
    followIpv6(trail, network, subnet, route, target, table);
  const exit =
    leavePrivately(trail, network, subnet, question) ?? leaveSubnet(trail, network, subnet, question, follow);
  statuses.push(exit.status);
  return conclude(trail, statuses, exit.words[0] ?? "unknown", ipv6Order);
}

/** An IPv6-only subnet has no IPv4 address to give, and Lambda cannot use it (Lambda developer guide, IPv6 support). */
function passRange(trail: Trail, subnet: Subnet): Status {
  if (known(subnet.ipv6Native) !== true) return "passed";
  const why = message("{0} is an IPv6-only subnet, which Lambda cannot use", subnet.key);
  pass(trail, "other", subnet.key, "failed", why, subnet.at);
  trail.blocked.add("isolated");
  return "failed";
}

/** VPC encryption control in enforce mode keeps Lambda out unless it is excluded. */
function passEncryption(trail: Trail, network: Network, subnet: Subnet): Status {
  const vpc = network.vpcs.get(known(subnet.vpc) ?? "");
  const control = vpc?.encryption;
  if (vpc !== undefined && control?.at.kind === "aws" && control.mode.is === "unknown") {
    pass(trail, "other", vpc.key, "unknown", control.mode.why, control.at);
    return "unknown";
  }
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

function passUnseenSubnet(trail: Trail, network: Network, reference: SubnetReference): Status {
  const { key, ref } = reference;
  const isMissing = key.is === "known" && network.missing.has(key.value);
  const isUnseen = key.is === "known" && (network.source === "account" || network.unseen?.has(key.value) === true);
  const outside = isMissing ? message("{0} is not created", ref) : whyExternal(ref);
  const why = key.is === "unknown" ? key.why : isUnseen ? whyOutside(network, key.value) : outside;
  pass(trail, "route-table", ref, "unknown", why, reference.at);
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
