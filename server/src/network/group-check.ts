/** Security groups on the path: the function's egress, and what a NAT instance lets in and out. */
import { type Message, message } from "../message";
import { cidrSet, describeAddresses, parseCidr } from "./address-space";
import type { Approach } from "./approach";
import { placeOf } from "./destination";
import {
  type Fact,
  type FamilyTraffic,
  type Instance,
  type Key,
  known,
  type LambdaFunction,
  type Network,
  type NetworkInterface,
  type Origin,
  type Reference,
  type SecurityGroup,
  type Traffic,
} from "./model";
import { whyOutside } from "./read";
import { askGroups, askIngress, type GroupsQuestion, stripped } from "./security-group";
import { pass, type Trail } from "./trail";
import type { Question, Status } from "./verdict";

/**
 * Returns the group with this key: one in sight, a VPC's default group, or undefined for one outside. Where only its
 * `place` is of interest, or what bears on some traffic, conditions on other rules are not asked about.
 */
export function groupOf(network: Network, key: Key, at: Origin, part?: "place" | Traffic): SecurityGroup | undefined {
  const glimpsed = part && network.glimpse?.group(key, part === "place" ? undefined : part);
  const group = glimpsed ?? network.groups.get(key);
  if (group !== undefined) return group;
  const vpc = key.endsWith(".DefaultSecurityGroup") ? key.slice(0, key.indexOf(".")) : undefined;
  if (vpc === undefined || !network.vpcs.has(vpc)) return undefined;
  return {
    key,
    at,
    external: false,
    vpc: { is: "known", value: vpc, at },
    inlineEgress: { is: "absent" },
    standaloneEgress: [],
    ingress: [],
    isDefault: true,
    exported: false,
  };
}

/** Returns whether the function's groups let the question's traffic out. */
export function passGroups(
  trail: Trail,
  network: Network,
  references: Fact<readonly Reference[]>,
  question: Question,
): Status {
  if (references.is !== "known") {
    if (references.is === "absent") return "passed";
    pass(trail, "security-group", "?", "unknown", references.why, references.at);
    return "unknown";
  }
  const look = (part?: Traffic | FamilyTraffic): readonly (SecurityGroup | undefined)[] =>
    references.value.map(({ key, at }) => (key.is === "known" ? groupOf(network, key.value, at, part) : undefined));
  const asked = { family: trail.family, destination: question.addresses, port: question.port };
  const ports = { from: question.port, to: question.port };
  const glimpsed = look({ direction: "egress", ports, family: trail.family });
  const first = askGroups(glimpsed, asked, network.prefixLists);
  // What stops the traffic is told by all that the groups say.
  const found = first.allowed === "all" ? glimpsed : look();
  const answer = first.allowed === "all" ? first : askGroups(found, asked, network.prefixLists);
  const id = references.value.map(({ ref }) => ref).join(", ");
  const at = answer.deciding?.at ?? answer.groups[0]?.at ?? references.at;
  if (answer.allowed === "all" || answer.allowed === "unknown") addRevocable(trail, network, found, asked);
  switch (answer.allowed) {
    case "all":
      pass(trail, "security-group", id, "passed", message("egress on port {0} is allowed", question.port), at);
      return "passed";
    case "unknown": {
      const outside = references.value.find((_, index) => found[index] === undefined);
      const why =
        outside === undefined
          ? (answer.unknowns[0] ?? message("the rules of {0} are not known", id))
          : whyUnseen(network, outside);
      pass(trail, "security-group", id, "unknown", why, at);
      return "unknown";
    }
    case "none":
    case "some": {
      const complete = answer.allowed === "none";
      const why = complete
        ? message("no egress rule lets port {0} out to {1}", question.port, placeOf(question.addresses))
        : message("egress rules let port {0} out to a part of {1} only", question.port, placeOf(question.addresses));
      pass(trail, "security-group", id, "failed", why, at);
      trail.faults.push({
        code: "security-group",
        groups: answer.groups,
        reason: answer.reason ?? "closed",
        complete,
        port: question.port,
        reachable: describeAddresses(answer.admitted),
      });
      trail.blocked.add(complete ? "blocked-security-group" : "partial");
      return complete ? "failed" : "passed";
    }
  }
}

function whyUnseen(network: Network, { key, ref }: Reference): Message {
  const unseen = network.unseen?.get(known(key) ?? "");
  if (unseen !== undefined) return unseen;
  return network.source === "account"
    ? whyOutside(network, ref)
    : message("security group {0} is not in this template", ref);
}

/** Adds a fault for each group whose allow-all rule may go, where without them the traffic would certainly stop. */
function addRevocable(
  trail: Trail,
  network: Network,
  groups: readonly (SecurityGroup | undefined)[],
  question: GroupsQuestion,
): void {
  const bared = groups.map((group) => (group === undefined ? undefined : (stripped(group) ?? group)));
  const changed = groups.flatMap((group, index) => (group === undefined || bared[index] === group ? [] : [group]));
  if (trail.family !== "ipv4" || changed.length === 0) return;
  const { allowed } = askGroups(bared, question, network.prefixLists);
  if (allowed !== "none" && allowed !== "some") return;
  for (const group of changed) trail.faults.push({ code: "revocable-egress", group });
}

/** Returns whether a NAT instance's groups let the function's traffic in and on to the internet. */
export function passIngress(
  trail: Trail,
  network: Network,
  machine: Instance | NetworkInterface,
  card: Instance | NetworkInterface,
  approach: Approach,
): Status {
  const { groups } = card;
  if (groups.is === "unknown") {
    pass(trail, "security-group", machine.key, "unknown", groups.why, groups.at);
    return "unknown";
  }
  const keys = groups.is === "known" && groups.value.length > 0 ? groups.value : [defaultGroup(network, card)];
  const look = (part?: Traffic): readonly (SecurityGroup | undefined)[] =>
    keys.map((key) => (key.is === "known" ? groupOf(network, key.value, key.at, part) : undefined));
  const { port } = approach.question;
  const ports = { from: port, to: port };
  const cidr = parseCidr(known(approach.subnet.cidr) ?? "");
  const source = {
    family: "ipv4",
    from: cidr === undefined ? undefined : cidrSet(cidr),
    groups: approach.groups,
    port,
  } as const;
  const destination = { family: "ipv4", destination: approach.question.addresses, port } as const;
  const ask = (inward: ReturnType<typeof look>, outward: ReturnType<typeof look>) => ({
    into: askIngress(inward, source, network.prefixLists),
    out: askGroups(outward, destination, network.prefixLists),
  });
  const first = ask(look({ direction: "ingress", ports }), look({ direction: "egress", ports }));
  if (first.into.allowed === "all" && first.out.allowed === "all") return "passed";
  const found = look();
  const { into, out } = ask(found, found);
  const group = found.find((one) => one !== undefined);
  const fault = (reason: "ingress" | "egress"): Status => {
    const why =
      reason === "ingress"
        ? message("the security group of {0} lets nothing in from {1}", machine.key, approach.subnet.key)
        : message("the security group of {0} does not let the traffic out", machine.key);
    pass(trail, "security-group", group?.key ?? machine.key, "failed", why, group?.at ?? machine.at);
    trail.faults.push({
      code: "nat-instance",
      reason,
      machine,
      route: approach.route,
      ...(group === undefined ? {} : { group }),
    });
    trail.blocked.add("broken");
    return "failed";
  };
  if (into.allowed === "none") return fault("ingress");
  if (out.allowed === "none") return fault("egress");
  if (into.allowed === "all" && out.allowed === "all") return "passed";
  const why =
    into.unknowns[0] ?? out.unknowns[0] ?? message("the security group of {0} lets only a part through", machine.key);
  pass(trail, "security-group", group?.key ?? machine.key, "unknown", why, group?.at ?? machine.at);
  return "unknown";
}

/**
 * What is given no group wears its VPC's default group, which lets in nobody but its own members (Amazon VPC User
 * Guide, default security groups). What is said of a VPC in sight only: another's may have been changed.
 */
function defaultGroup(network: Network, { subnet, key, at }: Instance | NetworkInterface): Fact<Key> {
  const home = network.subnets.get(known(subnet) ?? "");
  const vpc = home === undefined ? undefined : network.vpcs.get(known(home.vpc) ?? "");
  return vpc === undefined || vpc.external
    ? { is: "unknown", why: message("the security groups of {0} are not known", key), at }
    : { is: "known", value: `${vpc.key}.DefaultSecurityGroup`, at };
}

/** Returns the keys of a function's groups that are known. */
export function groupKeys(fn: LambdaFunction): readonly Key[] {
  const references = known(fn.vpcConfig)?.groups;
  return (references?.is === "known" ? references.value : []).flatMap(({ key }) => known(key) ?? []);
}
