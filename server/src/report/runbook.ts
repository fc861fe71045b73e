/**
 * A function's report under the names that AWS's runbook AWSSupport-TroubleshootLambdaInternetAccess gives its
 * outputs, for whoever compares the two. AWS describes the steps and not what exactly they print, so these names are the
 * best that is known of them, and what they hold is this program's own hops.
 */
import { type Catalogue, render } from "../message";
import { describeAddresses } from "../network/address-space";
import type { FunctionEgress, Hop } from "../network/verdict";
import type { CheckedFunction, DeployedReport } from "./deployed";

/** The runbook of AWS that asks the same question. */
export const runbook = "AWSSupport-TroubleshootLambdaInternetAccess";

/** Where the runbook is described. */
export const runbookPage =
  "https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/AWSSupport-TroubleshootLambdaInternetAccess.html";

/**
 * Returns the page of the console that starts the runbook, filled in as far as the report goes: it wants one
 * address, which the person names where the internet as a whole was asked about. Undefined where no such page is
 * known, or where links would tell whose account it is.
 */
export function runbookLink(
  { asked, links, destination }: DeployedReport,
  { deployed, egress }: CheckedFunction,
): string | undefined {
  if (!links || asked.partition !== "aws" || egress.subnets.length === 0) return undefined;
  const single = /^([\d.]+)\/32$/.exec(describeAddresses(destination.ipv4))?.[1];
  const inputs = new URLSearchParams({
    documentVersion: "$LATEST",
    FunctionName: deployed.key.split(":", 1)[0] ?? deployed.key,
    ...(single === undefined ? {} : { destinationIp: single }),
    destinationPort: String(destination.port),
  });
  return `https://console.aws.amazon.com/systems-manager/automation/execute/${runbook}?region=${asked.region}#${inputs}`;
}

interface Check {
  readonly id: string;
  readonly status: Hop["status"];
  readonly why: string;
}

/** Returns what the runbook's steps would be asked for. IPv6 is left out, which the runbook does not look at. */
export function toRunbook({ fn, subnets }: FunctionEgress, catalogue: Catalogue) {
  const hops = subnets.flatMap(({ ipv4 }) => ipv4.hops);
  const of = (kind: Hop["kind"]): readonly Check[] => {
    const checks = hops.filter((hop) => hop.kind === kind).map((hop) => toCheck(hop, catalogue));
    return [...new Map(checks.map((check) => [check.id, check])).values()];
  };
  return {
    checkVpc: {
      vpc: fn.vpcConfig.is !== "absent",
      subnet: subnets.map(({ reference }) => reference.ref),
      securityGroups: of("security-group").map(({ id }) => id),
    },
    checkNACL: { NACL: of("network-acl") },
    checkSecurityGroups: { secgrps: of("security-group") },
    checkSubnets: { subnets: subnets.map(({ reference, ipv4 }) => ({ id: reference.ref, verdict: ipv4.verdict })) },
  };
}

function toCheck({ id, status, why }: Hop, catalogue: Catalogue): Check {
  return { id, status, why: render(why, catalogue) };
}
