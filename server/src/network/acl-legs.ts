/**
 * The six ACL checks between a function and the internet, three on the way out and three for the answers.
 *
 * 1 leaves the function's subnet, 2 enters the NAT's, 3 leaves the NAT's; 4 enters the NAT's, 5 leaves
 * the NAT's, 6 enters the function's. Answers come to ephemeral ports: Lambda and NAT gateways use
 * 1024–65535 (https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html).
 */
import { message } from "../message";
import { type AclQuestion, askAcl } from "./acl";
import { type AddressSet, allAddresses, cidrSet, parseCidr, union } from "./address-space";
import {
  type Association,
  type Fact,
  type Key,
  known,
  type Network,
  type NetworkAcl,
  type PortRange,
  type Subnet,
} from "./model";
import { whyOutside } from "./read";
import { pass, type Trail } from "./trail";
import type { Question, Status } from "./verdict";

export type Leg = 1 | 2 | 3 | 4 | 5 | 6;

const ephemeral: PortRange = { from: 1024, to: 65535 };

/** A NAT instance opens connections of its own, from the ephemeral ports of Linux. */
const ephemeralOfInstance: PortRange = { from: 32768, to: 61000 };

/** Where each leg crosses the subnet's border, and whose addresses are on the far side. */
const legs: Readonly<
  Record<Leg, { direction: "ingress" | "egress"; far: "internet" | "function"; ports: "asked" | "ephemeral" }>
> = {
  1: { direction: "egress", far: "internet", ports: "asked" },
  2: { direction: "ingress", far: "function", ports: "asked" },
  3: { direction: "egress", far: "internet", ports: "asked" },
  4: { direction: "ingress", far: "internet", ports: "ephemeral" },
  5: { direction: "egress", far: "function", ports: "ephemeral" },
  6: { direction: "ingress", far: "internet", ports: "ephemeral" },
};

/** Returns whether the ACL of `subnet` lets the given legs pass; `from` is the function's subnet, `nat` what stands in the NAT's. */
export function passAcl(
  trail: Trail,
  network: Network,
  subnet: Subnet,
  which: readonly Leg[],
  question: Question,
  from: Subnet,
  nat: "gateway" | "instance" = "gateway",
): Status {
  const rival = rivalOf(subnet);
  if (rival !== undefined) {
    const why = message("{0} is associated with more than one network ACL", subnet.key);
    pass(trail, "network-acl", known(rival.target) ?? subnet.key, "unknown", why, rival.at);
    return "unknown";
  }
  const choice = aclOf(network, subnet);
  if (choice === "default") return "passed";
  if (typeof choice === "string") {
    const target = subnet.at.kind === "aws" ? subnet.acls.at(-1)?.target : undefined;
    const why = target?.is === "unknown" ? target.why : whyOutside(network, choice);
    pass(trail, "network-acl", choice, "unknown", why, subnet.at);
    return "unknown";
  }
  const source = functionAddresses(network, from);
  let result: Status = "passed";
  for (const leg of which) {
    const { direction, far, ports } = legs[leg];
    const answering = leg === 4 && nat === "instance" ? ephemeralOfInstance : ephemeral;
    const asked: AclQuestion = {
      direction,
      family: trail.family,
      peers: far === "internet" ? question.addresses : source.set,
      ports: ports === "ephemeral" ? answering : { from: question.port, to: question.port },
      protocol: "tcp",
    };
    const part = network.glimpse?.acl(choice.key, asked);
    if (part !== undefined && askAcl(part, asked).allowed === "all") continue;
    const answer = askAcl(network.acls.get(choice.key) ?? choice, asked);
    if (answer.allowed === "all") continue;
    if (answer.allowed === "unknown" || (far === "function" && !source.exact)) {
      const why =
        answer.unknowns[0] ??
        (source.exact
          ? message("an entry of {0} is not known", choice.key)
          : message("the addresses of {0} are not known", from.key));
      pass(trail, "network-acl", choice.key, "unknown", why, choice.at);
      if (result === "passed") result = "unknown";
      continue;
    }
    const extent = answer.allowed === "none" ? "blocked" : "partial";
    const why =
      ports === "ephemeral"
        ? message(
            "{0} does not let all answers back on ports {1}–{2} ({3} of {4})",
            choice.key,
            answering.from,
            answering.to,
            direction,
            subnet.key,
          )
        : message("{0} does not let port {1} through ({2} of {3})", choice.key, question.port, direction, subnet.key);
    pass(trail, "network-acl", choice.key, "failed", why, answer.deciding?.at ?? choice.at);
    trail.faults.push({
      code: "acl",
      leg,
      acl: network.acls.get(choice.key) ?? choice,
      subnet,
      entry: answer.deciding,
      extent,
      question: asked,
      answer,
    });
    trail.blocked.add(extent === "blocked" ? "blocked-nacl" : "partial");
    if (extent === "blocked") result = "failed";
  }
  if (result === "passed" && !trail.blocked.has("partial")) {
    pass(
      trail,
      "network-acl",
      choice.key,
      "passed",
      message("{0} lets the traffic and its answers through", choice.key),
      choice.at,
    );
  }
  return result;
}

/**
 * Returns an association with another ACL than the last one's: each replaces the one before, and nobody knows which
 * comes last (Amazon VPC User Guide, "Network ACL basics": a subnet has one network ACL at a time).
 */
function rivalOf({ acls }: Subnet): Association | undefined {
  const last = acls.at(-1);
  return acls.find((one) => last !== undefined && known(one.target) !== known(last.target));
}

/** Returns an ACL of which only the place is of interest, perhaps without its entries: no condition on them is asked about. */
export function placeOfAcl(network: Network, key: Key): NetworkAcl | undefined {
  return network.glimpse?.acl(key) ?? network.acls.get(key);
}

/** Returns the ACL of a subnet, perhaps without its entries: one in sight, AWS's untouched default, or the key of one outside. */
function aclOf(network: Network, subnet: Subnet): NetworkAcl | "default" | string {
  const association = subnet.acls.at(-1);
  if (association === undefined) {
    if (subnet.external) return network.source === "account" ? "default" : subnet.key;
    const vpc = known(subnet.vpc);
    const edited = vpc === undefined ? undefined : network.acls.get(`${vpc}.DefaultNetworkAcl`);
    return edited ?? (vpc !== undefined && network.vpcs.get(vpc)?.external === false ? "default" : (vpc ?? subnet.key));
  }
  const key = known(association.target);
  if (key === undefined) return subnet.key;
  const acl = placeOfAcl(network, key);
  if (acl !== undefined && (!acl.external || acl.isDefault)) return acl;
  if (key.endsWith(".DefaultNetworkAcl") && network.vpcs.has(key.slice(0, key.indexOf(".")))) return "default";
  return key;
}

/** The function's own addresses: its subnet's block; every block of the VPC, or all, where that is not known. */
function functionAddresses(network: Network, subnet: Subnet): { readonly set: AddressSet; readonly exact: boolean } {
  const own = blocks([subnet.cidr]);
  if (own !== undefined) return { set: own, exact: true };
  const vpc = network.vpcs.get(known(subnet.vpc) ?? "");
  return { set: blocks(vpc?.cidrs ?? []) ?? allAddresses("ipv4"), exact: false };
}

/** Returns the addresses of CIDR blocks, undefined where any of them is not known. */
function blocks(facts: readonly Fact<string>[]): AddressSet | undefined {
  const cidrs = facts.map((fact) => parseCidr(known(fact) ?? ""));
  if (cidrs.length === 0 || cidrs.includes(undefined)) return undefined;
  return union(
    "ipv4",
    cidrs.flatMap((cidr) => (cidr === undefined ? [] : [cidrSet(cidr)])),
  );
}
