/**
 * The ways out that a function can be given, each as the resources that its template still lacks.
 *
 * What a way costs is said by what AWS charges for, never in figures: those differ by region and change.
 */
import { type Message, message } from "../../message";
import { egressOf, groupsOf } from "../../network/egress";
import { type Key, known, type Network } from "../../network/model";
import type { FunctionVerdict } from "../../network/verdict";
import { type Document, get, isNull } from "../../template/syntax";
import type { Template } from "../../template/template";
import { danglingName } from "../dangling";
import type { Edit } from "../edit";
import { freshId } from "../resource";
import { endpointsFor, throughEndpoints } from "./endpoints";
import { place } from "./function";
import { throughIpv6 } from "./ipv6";
import { type NatKind, throughNat } from "./nat";
import { editsOf, type Plan, type PlannedVpc } from "./plan";
import { privatePlaces } from "./subnets";

export interface Variant {
  readonly id: VariantId;
  readonly title: Message;
  /** What AWS charges for. */
  readonly charges: readonly Message[];
  /** AWS's own page of prices. */
  readonly priceUrl: string;
  /** The verdict that the function has afterwards. */
  readonly promise: FunctionVerdict;
}

export type VariantId = NatKind | "ipv6" | "endpoints";

const vpcPrices = "https://aws.amazon.com/vpc/pricing/";
const perAddress = message("IPv4 address: per hour");
const betweenZones = message("cross-zone traffic: per GB");

export const variants: readonly Variant[] = [
  {
    id: "nat",
    title: message("one NAT gateway (the cheapest gateway)"),
    charges: [message("NAT gateway: per hour and GB"), perAddress, betweenZones],
    priceUrl: vpcPrices,
    promise: "internet",
  },
  {
    id: "nat-per-zone",
    title: message("a NAT gateway in each Availability Zone (stays up when a zone fails)"),
    charges: [message("each NAT gateway: per hour and GB"), perAddress],
    priceUrl: vpcPrices,
    promise: "internet",
  },
  {
    id: "nat-regional",
    title: message("one regional NAT gateway (stays up when a zone fails, no public subnet)"),
    charges: [message("NAT gateway: per hour and zone, and per GB"), perAddress],
    priceUrl: vpcPrices,
    promise: "internet",
  },
  {
    id: "nat-instance",
    title: message("a NAT instance (a small machine that you look after yourself)"),
    charges: [message("instance and disk: per hour"), perAddress, betweenZones],
    priceUrl: "https://aws.amazon.com/ec2/pricing/on-demand/",
    promise: "internet",
  },
  {
    id: "ipv6",
    title: message("IPv6 only, with an egress-only gateway (hosts without IPv6 stay out of reach)"),
    charges: [message("gateway: nothing"), message("traffic to the internet: per GB, as everywhere")],
    priceUrl: vpcPrices,
    promise: "ipv6-only",
  },
  {
    id: "endpoints",
    title: message("VPC endpoints for the AWS services that it calls (no internet)"),
    charges: [message("S3 and DynamoDB: nothing"), message("each other endpoint: per hour and zone, and per GB")],
    priceUrl: "https://aws.amazon.com/privatelink/pricing/",
    promise: "no-internet",
  },
];

/**
 * Returns the edits that give the function this way out, writing only what the template lacks; none where
 * nothing is missing, undefined where the template leaves room for doubt: subnets from other stacks, a VPC whose
 * addresses are not known.
 */
export function topologyEdits(
  document: Document,
  template: Template,
  network: Network,
  fn: Key,
  variant: VariantId,
): readonly Edit[] | undefined {
  const plan = planFor(document, template, network, fn);
  if (plan === undefined) return undefined;
  build(plan, variant);
  return plan.impossible ? undefined : editsOf(plan);
}

/** Tells, without working anything out, whether the template says enough for a function to be given a way out. */
export function leavesNoDoubt(document: Document, template: Template, network: Network, fn: Key): boolean {
  return planFor(document, template, network, fn) !== undefined;
}

function build(plan: Plan, variant: VariantId): void {
  if (variant === "endpoints") {
    const services = endpointsFor(plan);
    if (services === undefined) plan.impossible = true;
    else {
      const places = privatePlaces(plan, "any");
      place(plan, places, false);
      throughEndpoints(plan, places, services);
    }
    return;
  }
  const places = privatePlaces(plan, variant === "ipv6" ? "any" : "nat");
  place(plan, places, variant === "ipv6");
  if (variant === "ipv6") throughIpv6(plan, places);
  else throughNat(plan, places, variant);
}

function planFor(document: Document, template: Template, network: Network, key: Key): Plan | undefined {
  const fn = network.functions.get(key);
  const resource = template.resources.get(key);
  if (fn === undefined || resource === undefined || fn.capacityProvider !== undefined) return undefined;
  const egress = egressOf(network, fn);
  const given = egress.subnets.map(({ reference }) => reference);
  const isForeign = given.some(({ key: subnet, whole }) => {
    const name = known(subnet);
    const isHere = name !== undefined && network.subnets.get(name)?.external === false;
    return !isHere && (whole || name === undefined || !isPlaceholder(template, name));
  });
  // Half a line, as somebody types it, is no fault here.
  const isEmpty = isNull(get(resource.properties, fn.canary ? "VPCConfig" : "VpcConfig"));
  const isUnknown = fn.vpcConfig.is === "unknown" && !isEmpty;
  if (isForeign || isUnknown || known(fn.vpcConfig)?.subnets.is === "unknown") return undefined;
  const vpc = chooseVpc(
    template,
    network,
    [...egress.subnets.map(({ subnet }) => subnet?.vpc), ...groupsOf(network, fn).map((group) => group.vpc)].flatMap(
      (fact) => (fact === undefined ? [] : (known(fact) ?? [])),
    ),
  );
  if (vpc === undefined) return undefined;
  return {
    document,
    template,
    network,
    egress,
    resource,
    vpc,
    added: new Map(),
    edits: [],
    changed: new Set(),
    blocks: [],
    indices: new Set(),
    impossible: false,
  };
}

/** A name that nothing has, or an id as examples have it: neither can be in a VPC that this stack makes. */
function isPlaceholder(template: Template, key: Key): boolean {
  return key.startsWith("literal:") || danglingName(template, key) !== undefined;
}

function chooseVpc(template: Template, network: Network, named: readonly Key[]): PlannedVpc | undefined {
  const own = [...network.vpcs.values()].filter(({ external }) => !external);
  const inside = named.find((key) => own.some((vpc) => vpc.key === key));
  const existing = own.find(({ key }) => key === inside) ?? (own.length === 1 ? own[0] : undefined);
  if (existing !== undefined) return { id: existing.key, key: existing.key, existing };
  if (own.length > 1) return undefined;
  const promised = named.find((key) => danglingName(template, key) !== undefined);
  if (promised !== undefined) return { id: promised.replace(/^param:/, ""), key: promised, existing: undefined };
  if (named.some((key) => !isPlaceholder(template, key))) return undefined;
  const id = freshId(template, "Vpc");
  return { id, key: id, existing: undefined };
}
