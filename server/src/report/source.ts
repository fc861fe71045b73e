/** Where a fault is explained: the page of its rule, and AWS's own words. */
import type { Message } from "../message";
import type { Fault } from "../network/verdict";
import { rules } from "../rules/index";
import { firstAwsPage, pageOf } from "../rules/page";

export interface Source {
  readonly rule: string;
  readonly page: Message;
  /** The first page of AWS's documentation that the rule names. */
  readonly aws: string | undefined;
}

/** Returns where a rule is explained. */
export function sourceOf(rule: string): Source {
  const docs = rules.find(({ id }) => id === rule)?.docs;
  return { rule, page: pageOf(rule), aws: docs === undefined ? undefined : firstAwsPage(docs) };
}

/** Returns the rule that explains a fault; undefined where none does. */
export function ruleOfFault(fault: Fault): string | undefined {
  switch (fault.code) {
    case "no-route":
      return "no-internet-route";
    case "main-table":
      return "implicit-main-route-table";
    case "nat-not-public":
      return "nat-gateway-not-public";
    case "nat-private":
      return "private-nat-gateway";
    case "nat-allocation":
      return "nat-gateway-allocation";
    case "gateway-not-attached":
      return "internet-gateway-not-attached";
    case "peering":
      return "peering-has-no-transit";
    case "nat-instance":
      return instanceRules[fault.reason];
    case "nat-other-vpc":
    case "egress-only-other-vpc":
      return "vpc-mismatch";
    case "inspection-no-exit":
    case "inspection-asymmetric":
      return "inspection-chain-without-exit";
    case "partial-route":
      return "partial-internet-route";
    case "security-group":
      return fault.reason === "standalone" ? "standalone-egress-removes-allow-all" : "security-group-blocks-egress";
    case "revocable-egress":
      return "standalone-egress-removes-allow-all";
    case "acl":
      if (fault.extent === "partial") return "nacl-ephemeral-range-too-narrow";
      return fault.leg >= 4 ? "nacl-blocks-return-traffic" : "nacl-blocks-outbound";
    case "public-subnet":
    case "block-public-access":
    case "encryption-control":
      return fault.code;
    case "missing":
      return "internet-depends-on-condition";
    case "deploy":
      return deployRules[fault.reason];
    case "nat-state":
    case "blackhole":
      return undefined;
  }
}

const instanceRules: Readonly<Record<(Fault & { code: "nat-instance" })["reason"], string>> = {
  "source-dest-check": "nat-instance-source-dest-check",
  "no-public-address": "nat-instance-no-public-address",
  "not-public": "nat-instance-no-public-address",
  ingress: "nat-instance-security-group",
  egress: "nat-instance-security-group",
};

const deployRules: Readonly<Record<(Fault & { code: "deploy" })["reason"], string>> = {
  "half-vpc-config": "incomplete-vpc-config",
  "dedicated-tenancy": "dedicated-tenancy",
  "no-target": "invalid-route",
  "two-targets": "invalid-route",
  "duplicate-route": "invalid-route",
  "duplicate-association": "invalid-route",
  "no-destination": "invalid-route",
  "wrong-family": "invalid-route",
  "mixed-vpcs": "vpc-mismatch",
};
