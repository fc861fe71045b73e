/** The question the product exists for: can this function reach the internet, by which path, and if not, why? */
import { absentReferences } from "./absent";
import { type AddressSet, isEmpty, publicSpace } from "./address-space";
import { isDeployFault, subnetEgress } from "./answer";
import { differ } from "./approach";
import { groupOf } from "./group-check";
import { roleEgress } from "./iam";
import {
  absent,
  type Fact,
  known,
  type LambdaFunction,
  type Network,
  type SecurityGroup,
  type Traffic,
  type VpcConfig,
} from "./model";
import type { Fault, FunctionEgress, FunctionVerdict, Ipv4Verdict, Ipv6Verdict, SubnetEgress } from "./verdict";

/** What is asked: addresses of each family, on one TCP port. */
export interface Destination {
  readonly ipv4: AddressSet;
  readonly ipv6: AddressSet;
  readonly port: number;
}

/** Any public address on tcp/443. */
export const internet: Destination = { ipv4: publicSpace("ipv4"), ipv6: publicSpace("ipv6"), port: 443 };

/** Returns the verdict for one function of the network, with the path from each of its subnets. */
export function egressOf(network: Network, fn: LambdaFunction, destination: Destination = internet): FunctionEgress {
  // A capacity provider's interfaces are made in the name of its operator role, not of the function's.
  const ownInterfaces = fn.vpcConfig.is !== "absent" && fn.capacityProvider === undefined;
  const role = ownInterfaces ? roleEgress(fn.role, network.roles) : undefined;
  const outside: FunctionEgress = {
    fn,
    verdict: "not-in-vpc",
    subnets: [],
    deployFaults: [],
    role: undefined,
  };
  if (fn.vpcConfig.is === "absent") return outside;
  if (fn.vpcConfig.is === "unknown") return { ...outside, verdict: "unknown", role };
  const config = fn.vpcConfig.value;
  if (isEmptyList(config.subnets) && isEmptyList(config.groups)) return outside;
  const references = config.subnets.is === "known" ? config.subnets.value : [];
  const subnets = references.map((reference) => subnetEgress(network, fn, config, reference, destination));
  const deployFaults = [
    ...configFaults(network, fn, config, subnets),
    ...pathDeployFaults(subnets),
    ...absentReferences(
      network,
      subnets.flatMap(({ subnet }) => subnet ?? []),
      groupsOf(network, fn, "place"),
    ),
  ];
  const family = isEmpty(destination.ipv4) ? "ipv6" : "ipv4";
  const verdict =
    deployFaults.length > 0
      ? "deploy-fails"
      : aggregate(
          subnets.map((subnet) => () => outcomeOf(subnet[family].verdict)),
          () => subnets.every(({ ipv6 }) => outcomeOf(ipv6.verdict) === "reaches"),
        );
  return { fn, verdict, subnets, deployFaults, role };
}

/**
 * Lambda uses all of its subnets, one at a time and at random, so one bad subnet among good ones fails
 * now and then. Subnets are looked at until the verdict is clear.
 */
export function aggregate(subnets: readonly (() => Outcome)[], reachesByIpv6: () => boolean): FunctionVerdict {
  const seen = new Set<Outcome>();
  for (const outcome of subnets) {
    seen.add(outcome());
    if (seen.has("fails") && seen.size > 1) return "intermittent";
  }
  if (seen.has("unknown") || seen.size === 0) return "unknown";
  if (seen.has("partial")) return "partial";
  if (seen.has("reaches")) return "internet";
  return reachesByIpv6() ? "ipv6-only" : "no-internet";
}

export type Outcome = "reaches" | "fails" | "partial" | "unknown";

/** Returns what a subnet's verdict means for the person: it reaches, it fails, part of it works, or nobody knows. */
export function outcomeOf(verdict: Ipv4Verdict | Ipv6Verdict): Outcome {
  switch (verdict) {
    case "nat":
    case "nat-instance":
    case "inspection":
    case "local":
    case "egress-only":
    case "igw":
      return "reaches";
    case "partial":
      return "partial";
    case "unknown":
      return "unknown";
    case "public-subnet":
    case "isolated":
    case "off":
    case "broken":
    case "no-transit":
    case "blocked-security-group":
    case "blocked-nacl":
    case "blocked-account":
      return "fails";
  }
}

/**
 * Returns the subnets that certainly fail while others do not: whichever Lambda picks decides whether a
 * call works. Empty where all subnets agree.
 */
export function badSubnets(fn: FunctionEgress): readonly SubnetEgress[] {
  const bad = fn.subnets.filter(({ ipv4 }) => outcomeOf(ipv4.verdict) === "fails");
  return bad.length < fn.subnets.length ? bad : [];
}

/** Returns the subnets that certainly fail, whatever becomes of the others. */
export function failingSubnets(fn: FunctionEgress): readonly SubnetEgress[] {
  return fn.subnets.filter(({ ipv4 }) => outcomeOf(ipv4.verdict) === "fails");
}

/** Faults of the VpcConfig itself and of what it names. */
export function configFaults(
  network: Network,
  fn: LambdaFunction,
  config: VpcConfig,
  subnets: readonly Pick<SubnetEgress, "reference" | "subnet">[],
): readonly Fault[] {
  const faults: Fault[] = [];
  const [noSubnets, noGroups] = [isEmptyList(config.subnets), isEmptyList(config.groups)];
  // What cannot be read may be empty too.
  const isRead = config.subnets.is !== "unknown" && config.groups.is !== "unknown";
  if (fn.capacityProvider === undefined && isRead && noSubnets !== noGroups) {
    faults.push({ code: "deploy", reason: "half-vpc-config", at: config.at });
  }
  const vpcs = subnets.map(({ subnet }) => (subnet === undefined ? undefined : known(subnet.vpc)));
  for (const key of new Set(vpcs)) {
    const vpc = key === undefined ? undefined : network.vpcs.get(key);
    if (vpc?.tenancy.is === "known" && vpc.tenancy.value === "dedicated") {
      faults.push({ code: "deploy", reason: "dedicated-tenancy", at: vpc.tenancy.at });
    }
  }
  const first = vpcs.find((key) => key !== undefined);
  for (const [index, { reference }] of subnets.entries()) {
    if (differ(network, first, vpcs[index])) faults.push({ code: "deploy", reason: "mixed-vpcs", at: reference.at });
  }
  for (const { key, at } of config.groups.is === "known" ? config.groups.value : []) {
    const group = key.is === "known" ? groupOf(network, key.value, key.at, "place") : undefined;
    const home = network.vpcs.get(first ?? "");
    const inDefaultVpc =
      group?.vpc.is === "absent" && !group.external && home?.external === false && home.at.kind === "text";
    // A group may serve further VPCs than its own, of which an account does not tell; a function that is there has
    // been given groups that serve its VPC.
    const isElsewhere = group?.at.kind === "text" && differ(network, first, known(group.vpc));
    if (group !== undefined && (inDefaultVpc || isElsewhere)) {
      faults.push({ code: "deploy", reason: "mixed-vpcs", at });
    }
  }
  const references = [config.subnets, config.groups].flatMap((list) => (list.is === "known" ? list.value : []));
  for (const { key, at } of references) {
    if (key.is === "known" && network.missing.has(key.value)) faults.push({ code: "missing", key: key.value, at });
  }
  if (fn.role.is === "known" && network.missing.has(fn.role.value.key)) {
    faults.push({ code: "missing", key: fn.role.value.key, at: fn.role.at });
  }
  return faults;
}

function pathDeployFaults(subnets: readonly SubnetEgress[]): readonly Fault[] {
  return subnets.flatMap(({ ipv4, ipv6 }) => [...ipv4.faults, ...ipv6.faults]).filter(isDeployFault);
}

/** Returns the groups of a function that are in sight, with all their rules, or what bears on some traffic. */
export function groupsOf(
  network: Network,
  { vpcConfig }: LambdaFunction,
  part?: "place" | Traffic,
): readonly SecurityGroup[] {
  const groups = known(known(vpcConfig)?.groups ?? absent) ?? [];
  return groups.flatMap(({ key }) => (key.is === "known" ? (groupOf(network, key.value, key.at, part) ?? []) : []));
}

export function isEmptyList(list: Fact<readonly unknown[]>): boolean {
  return list.is === "absent" || (list.is === "known" && list.value.length === 0);
}
