/** Which rule names what is wrong in an account. Id, severity and page come from the rule, as for templates. */
import type { Message } from "../message";
import { isPrivate } from "../network/destination";
import type { Destination } from "../network/egress";
import type { Fault } from "../network/verdict";
import { isAnswer } from "../rules/acl-stops";
import { blockPublicAccess } from "../rules/block-public-access";
import { dedicatedTenancy } from "../rules/dedicated-tenancy";
import { encryptionControl } from "../rules/encryption-control";
import { implicitMainRouteTable } from "../rules/implicit-main-route-table";
import { incompleteVpcConfig } from "../rules/incomplete-vpc-config";
import { allRules } from "../rules/index";
import { inspectionChainWithoutExit } from "../rules/inspection-chain-without-exit";
import { internetGatewayNotAttached } from "../rules/internet-gateway-not-attached";
import { invalidRoute } from "../rules/invalid-route";
import { naclBlocksOutbound } from "../rules/nacl-blocks-outbound";
import { naclBlocksReturnTraffic } from "../rules/nacl-blocks-return-traffic";
import { naclEphemeralRangeTooNarrow } from "../rules/nacl-ephemeral-range-too-narrow";
import { natGatewayAllocation } from "../rules/nat-gateway-allocation";
import { natGatewayNotPublic } from "../rules/nat-gateway-not-public";
import { natGatewayState } from "../rules/nat-gateway-state";
import { natInstanceNoPublicAddress } from "../rules/nat-instance-no-public-address";
import { natInstanceSecurityGroup } from "../rules/nat-instance-security-group";
import { natInstanceSourceDestCheck } from "../rules/nat-instance-source-dest-check";
import { noInternetRoute } from "../rules/no-internet-route";
import { partialInternetRoute } from "../rules/partial-internet-route";
import { peeringHasNoTransit } from "../rules/peering-has-no-transit";
import { privateNatGateway } from "../rules/private-nat-gateway";
import { publicSubnet } from "../rules/public-subnet";
import { routeBlackhole } from "../rules/route-blackhole";
import type { RuleText, Severity } from "../rules/rule";
import { securityGroupBlocksEgress } from "../rules/security-group-blocks-egress";
import { vpcMismatch } from "../rules/vpc-mismatch";
import type { Settings } from "../settings";

/** A rule as a row names it. */
export interface Named {
  readonly id: string;
  readonly severity: Severity;
}

/** A fault of a deployed function, under the rule that names it. */
export interface DeployedFinding extends Named {
  readonly message: Message;
  /** The id of the thing in AWS that is at fault. */
  readonly at: string;
  /** What tells the faults of one thing under one rule apart, where there may be several. */
  readonly part?: string;
  readonly fix: Message | undefined;
}

/** Returns what names a fault, whoever suffers from it. */
export function faultKey({ id, at, part = "" }: DeployedFinding): string {
  return JSON.stringify([id, at, part]);
}

/** Returns the rule with this id as it is set; undefined where it is off, or where there is none. */
export function named(id: string, severities: Settings["rules"], own?: Severity): Named | undefined {
  const rule = allRules.find((one) => one.id === id);
  const setting = severities[id] ?? (rule?.offByDefault === true ? "off" : undefined);
  if (rule === undefined || setting === "off") return undefined;
  return { id, severity: setting ?? own ?? rule.severity };
}

/** Returns the rule that names a fault on a path; undefined where no rule speaks of it. */
export function ruleFor(fault: Fault, { ipv4, ipv6 }: Destination): RuleText | undefined {
  const rule = ruleOf(fault);
  // These rules speak of the internet, which is not what private addresses are asked about for.
  return rule?.group === "reach" && (isPrivate(ipv4) || isPrivate(ipv6)) ? undefined : rule;
}

function ruleOf(fault: Fault): RuleText | undefined {
  switch (fault.code) {
    case "public-subnet":
      return publicSubnet;
    case "no-route":
      return noInternetRoute;
    case "main-table":
      return implicitMainRouteTable;
    case "nat-not-public":
    case "nat-table":
      return natGatewayNotPublic;
    case "nat-private":
      return privateNatGateway;
    case "nat-allocation":
      return natGatewayAllocation;
    case "nat-state":
      return natGatewayState;
    case "nat-other-vpc":
    case "egress-only-other-vpc":
      return vpcMismatch;
    case "gateway-not-attached":
      return internetGatewayNotAttached;
    case "peering":
      return peeringHasNoTransit;
    case "nat-instance":
      return forInstance(fault);
    case "inspection-no-exit":
      return inspectionChainWithoutExit;
    case "blackhole":
      return routeBlackhole;
    case "partial-route":
      return partialInternetRoute;
    case "security-group":
      return securityGroupBlocksEgress;
    case "acl":
      if (fault.extent === "partial") return isAnswer(fault) ? naclEphemeralRangeTooNarrow : undefined;
      return isAnswer(fault) ? naclBlocksReturnTraffic : naclBlocksOutbound;
    case "block-public-access":
      return blockPublicAccess;
    case "encryption-control":
      return encryptionControl;
    case "deploy":
      return forDeployment(fault);
    case "revocable-egress":
    case "inspection-asymmetric":
    case "missing":
      return undefined;
  }
}

function forInstance({ reason }: Fault & { code: "nat-instance" }): RuleText {
  switch (reason) {
    case "source-dest-check":
      return natInstanceSourceDestCheck;
    case "no-public-address":
    case "not-public":
      return natInstanceNoPublicAddress;
    case "ingress":
    case "egress":
      return natInstanceSecurityGroup;
  }
}

function forDeployment({ reason }: Fault & { code: "deploy" }): RuleText {
  switch (reason) {
    case "half-vpc-config":
      return incompleteVpcConfig;
    case "dedicated-tenancy":
      return dedicatedTenancy;
    case "mixed-vpcs":
      return vpcMismatch;
    case "no-target":
    case "two-targets":
    case "duplicate-route":
    case "duplicate-association":
    case "no-destination":
    case "wrong-family":
      return invalidRoute;
  }
}
