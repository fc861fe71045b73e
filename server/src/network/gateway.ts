/** Where the VPC meets the internet: internet gateways, their attachment, and the account's blocks on them. */
import { message } from "../message";
import { differ } from "./approach";
import {
  type Attachment,
  type Fact,
  type Key,
  known,
  type Network,
  type Origin,
  type Subnet,
  type Target,
} from "./model";
import { whyOutside } from "./read";
import { pass, type Trail } from "./trail";
import type { Status } from "./verdict";

/** Returns what kind of gateway a route's GatewayId is, as far as the network tells. */
export function gatewayKind(network: Network, target: Target): "internet" | "local" | "other" | "unknown" {
  const key = known(target.key);
  if (key === "literal:local") return "local";
  if (target.kind === "internet-gateway" || (key !== undefined && network.internetGateways.has(key))) return "internet";
  if (target.kind === "vpn-gateway") return "other";
  return "unknown";
}

/**
 * Returns whether an internet gateway is attached to the VPC, and adds the hop. Without an attachment
 * the route is a black hole (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html).
 */
export function passGateway(trail: Trail, network: Network, target: Target, vpcOf: Fact<Key>): Status {
  const gateway = known(target.key);
  if (gateway === undefined) return unknownGateway(trail, target);
  const vpcKey = known(vpcOf);
  const attached = attachmentsOf(network, gateway);
  if (attached.some(({ vpc }) => vpc === vpcKey)) {
    pass(
      trail,
      "internet-gateway",
      gateway,
      "passed",
      message("{0} is attached to {1}", gateway, vpcKey ?? "?"),
      target.at,
    );
    return "passed";
  }
  const declared = network.internetGateways.get(gateway);
  const vpc = vpcKey === undefined ? undefined : network.vpcs.get(vpcKey);
  const uncertain =
    declared === undefined ||
    vpc === undefined ||
    network.gaps.length > 0 ||
    attached.some(({ vpc }) => vpc === undefined || mayBeSame(network, vpc, vpcKey));
  if (uncertain) {
    const why =
      declared === undefined
        ? whyOutside(network, gateway)
        : message("whether {0} is attached cannot be told", gateway);
    pass(trail, "internet-gateway", gateway, "unknown", why, target.at);
    return "unknown";
  }
  const elsewhere = attached[0];
  const why =
    elsewhere === undefined
      ? message("{0} is not attached to any VPC", gateway)
      : message("{0} is attached to {1}, not to {2}", gateway, elsewhere.vpc ?? "?", vpcKey ?? "?");
  pass(trail, "internet-gateway", gateway, "failed", why, target.at);
  trail.faults.push({
    code: "gateway-not-attached",
    gateway,
    vpc: vpcKey,
    at: target.at,
    elsewhere: elsewhere?.attachment,
  });
  trail.blocked.add("broken");
  return "failed";
}

/** A VPC of the account may be what a parameter of the template stands for. */
function mayBeSame(network: Network, attached: Key, vpc: Key | undefined): boolean {
  const isThere = [attached, vpc].some((key) => network.vpcs.get(key ?? "")?.at.kind === "aws");
  return isThere && !differ(network, attached, vpc);
}

/** Returns the attachments of a gateway, with the VPC each names; undefined where that is not known. */
export function attachmentsOf(
  network: Network,
  gateway: Key,
): readonly { readonly vpc: Key | undefined; readonly attachment: Attachment }[] {
  const found: { vpc: Key; attachment: Attachment }[] = [];
  for (const { key: vpc, attachments } of network.vpcs.values()) {
    for (const attachment of attachments) {
      if (known(attachment.gateway) === gateway) found.push({ vpc, attachment });
    }
  }
  return found;
}

/**
 * Returns whether the account's block on internet gateways stops this traffic, and adds the fault.
 * `place`: where from, a subnet or a regional NAT gateway; `through`: what the traffic leaves by. Block-ingress leaves NAT gateways and egress-only gateways
 * alone (https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html).
 */
export function passPublicAccess(
  trail: Trail,
  network: Network,
  place: Pick<Subnet, "key" | "vpc">,
  through: { readonly kind: "nat-gateway" | "egress-only" | "other"; readonly at: Origin },
): Status {
  const block = network.blockPublicAccess;
  if (block === undefined) return "passed";
  const mode = known(block.mode);
  if (mode === undefined) {
    if (block.mode.is === "unknown" && block.at.kind === "aws") {
      pass(trail, "other", "VpcBlockPublicAccess", "unknown", block.mode.why, block.at);
    } else if (block.mode.is === "unknown") trail.unknowns.push(block.mode.why);
    return block.mode.is === "absent" ? "passed" : "unknown";
  }
  if (mode === "off" || (mode === "block-ingress" && through.kind !== "other")) return "passed";
  const keys = [place.key, known(place.vpc)];
  const own = block.exclusions.filter(({ target }) => keys.includes(known(target) ?? "")).map((one) => one.mode);
  const excluded = own.some(
    (exclusion) =>
      known(exclusion) === "allow-bidirectional" ||
      (known(exclusion) === "allow-egress" && mode === "block-bidirectional"),
  );
  if (excluded) return "passed";
  const open = own.find((exclusion) => exclusion.is === "unknown");
  if (open?.is === "unknown") {
    pass(trail, "other", "VpcBlockPublicAccess", "unknown", open.why, block.at);
    return "unknown";
  }
  const unseen = network.gaps.length > 0 || block.exclusions.some(({ target }) => mayBe(network, target, place));
  if (unseen) {
    const unread = block.exclusions.find(({ target }) => target.is === "unknown")?.target;
    const why =
      unread?.is === "unknown" && unread.at?.kind === "aws"
        ? unread.why
        : message("whether {0} is excluded from the block on public access cannot be told", place.key);
    pass(trail, "other", "VpcBlockPublicAccess", "unknown", why, block.at);
    return "unknown";
  }
  pass(
    trail,
    "other",
    "VpcBlockPublicAccess",
    "failed",
    message("the account blocks public access ({0}) and {1} is not excluded", mode, place.key),
    block.at,
  );
  trail.faults.push({ code: "block-public-access", at: block.at, through: through.at });
  trail.blocked.add("blocked-account");
  return "failed";
}

/** Tells whether an exclusion may be about this place after all, since one of the two is out of sight. */
function mayBe(network: Network, target: Fact<Key>, { vpc }: Pick<Subnet, "key" | "vpc">): boolean {
  if (target.is !== "known") return true;
  return vpc.is === "unknown" && !network.subnets.has(target.value);
}

function unknownGateway(trail: Trail, target: Target): Status {
  const why = target.key.is === "unknown" ? target.key.why : message("the route names no gateway");
  pass(trail, "internet-gateway", "?", "unknown", why, target.at);
  return "unknown";
}
