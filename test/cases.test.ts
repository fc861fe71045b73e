/**
 * Tricky templates, with what is true of them. The table is taken from the specification and not from a
 * run, so that `UPDATE=1`, which rewrites the annotations of fixtures, cannot wash an expectation away.
 */
import assert from "node:assert/strict";
import type { FunctionReport, LintResult } from "../server/src/lint";
import { lintAs, readFixture, readFixtures } from "./harness";

interface Case {
  /** One line for each function: its verdict, each subnet's with the IPv6 one where the function uses IPv6, the role. */
  readonly functions: readonly string[];
  /** What other parameters make of the verdict. */
  readonly dependsOn?: readonly string[];
  /** Every finding that is an error or a warning, by severity and rule. */
  readonly findings: readonly string[];
}

/** Most cases are about one function. */
function worker(is: string, ...findings: readonly string[]): Case {
  return { functions: [`Worker: ${is}`], findings };
}

const throughNat = "internet (Private nat), role granted";

const cases: Readonly<Record<string, Case>> = {
  "01-public-addresses-on-launch.yaml": worker(
    "no-internet (Public public-subnet), role granted",
    "warning public-subnet",
  ),
  "02-nat-gateway-in-private-subnet.yaml": worker(
    "no-internet (Private broken), role granted",
    "error nat-gateway-not-public",
  ),
  "03-one-subnet-not-associated.yaml": worker(
    "intermittent (PrivateA nat, PrivateB isolated), role granted",
    "error inconsistent-subnets",
  ),
  "04-table-not-associated.yaml": worker(
    "no-internet (Private isolated), role granted",
    "warning implicit-main-route-table",
  ),
  "05-regional-nat-gateway.yaml": worker(throughNat),
  "06-regional-nat-without-attachment.yaml": worker(
    "no-internet (Private broken), role granted",
    "error internet-gateway-not-attached",
  ),
  "07-attributes-for-references.json": worker(throughNat),
  "08-nat-behind-firewall.yaml": worker("internet (Private inspection), role granted"),
  "09-private-nat-gateway.yaml": worker("no-internet (Private broken), role granted", "error private-nat-gateway"),
  "10-address-for-allocation.json": worker("deploy-fails (Private nat), role granted", "error nat-gateway-allocation"),
  "11a-two-halves.yaml": worker(throughNat),
  "11b-lower-half-only.yaml": worker("partial (Private partial), role granted", "warning partial-internet-route"),
  "12-standalone-egress.yaml": worker(
    "no-internet (Private blocked-security-group), role granted",
    "warning standalone-egress-removes-allow-all",
  ),
  "13-two-groups.yaml": worker(throughNat),
  "14-empty-egress-list.json": worker(throughNat),
  "15a-acl-without-answers.yaml": worker(
    "no-internet (Private blocked-nacl), role granted",
    "error nacl-blocks-return-traffic",
  ),
  "15b-acl-answers-from-vpc-only.yaml": worker(
    "no-internet (Private blocked-nacl), role granted",
    "error nacl-blocks-return-traffic",
  ),
  "16-acl-narrow-ephemeral-ports.yaml": worker(
    "partial (Private partial), role granted",
    "warning nacl-ephemeral-range-too-narrow",
  ),
  "17-acl-of-nat-subnet.yaml": worker("no-internet (Private blocked-nacl), role granted", "error nacl-blocks-outbound"),
  "18a-acl-rule-order.yaml": worker("no-internet (Private blocked-nacl), role granted", "error nacl-blocks-outbound"),
  "18b-acl-entry-direction.yaml": worker(
    "no-internet (Private blocked-nacl), role granted",
    "error nacl-blocks-outbound",
  ),
  "19-default-acl-entry.yaml": worker("no-internet (Private blocked-nacl), role granted", "error nacl-blocks-outbound"),
  "20-globals-lists-concatenate.yaml": worker(
    "intermittent (PublicA public-subnet, PublicB public-subnet, PrivateA nat), role granted",
    "error inconsistent-subnets",
    "warning globals-lists-concatenate",
  ),
  "21a-empty-lists-under-globals.yaml": worker(
    "no-internet (Inner isolated), role granted",
    "warning globals-lists-concatenate",
    "warning no-internet-route",
  ),
  "21b-ignore-globals.yaml": worker("not-in-vpc"),
  "22-policies-beside-role.yaml": worker(
    "internet (Private nat), role missing",
    "error missing-eni-permissions",
    "warning policies-ignored-with-role",
  ),
  "23-two-switches.yaml": {
    ...worker(throughNat),
    dependsOn: [
      "UseVpc=true, CreateNat=true: internet",
      "UseVpc=false: not-in-vpc",
      "UseVpc=true, CreateNat=false: no-internet",
    ],
  },
  "24-broad-policies.yaml": {
    functions: ["Interfaces", "Joined", "Machines", "Power"].map((id) => `${id}: ${throughNat}`),
    findings: [],
  },
  "25-deny-under-condition.json": worker(throughNat),
  "26-policy-apart.yaml": worker(throughNat, "warning role-policy-race"),
  "27a-dual-stack-without-flag.yaml": worker(
    "no-internet (Private isolated), role granted",
    "warning no-internet-route",
  ),
  "27b-dual-stack-with-flag.json": worker("ipv6-only (Private isolated/egress-only), role granted"),
  "28a-peering.yaml": worker("no-internet (Private no-transit), role granted", "error peering-has-no-transit"),
  "28b-transit-gateway.yaml": worker("unknown (Private unknown), role granted"),
  "29a-table-of-the-gateway.yaml": worker(
    "no-internet (Inner isolated), role granted",
    "warning implicit-main-route-table",
  ),
  "29b-table-of-another-subnet.yaml": worker(
    "no-internet (Private broken), role granted",
    "error nat-gateway-not-public",
  ),
  "30a-subnets-from-parameter.yaml": worker("unknown (param:SubnetList unknown), role granted"),
  "30b-subnets-from-parameter-group-closed.yaml": worker(
    "no-internet (param:SubnetList blocked-security-group), role missing",
    "error missing-eni-permissions",
    "warning security-group-blocks-egress",
  ),
  "31-nat-instance.yaml": worker("internet (Private nat-instance), role granted"),
  "32-dedicated-tenancy.json": worker("deploy-fails (Private nat), role granted", "error dedicated-tenancy"),
  "33a-custom-resource-without-wait.yaml": worker(throughNat, "warning custom-resource-cannot-respond"),
  "33b-custom-resource-with-endpoint.yaml": worker("no-internet (Private isolated), role granted"),
  "34-for-each.yaml": worker("internet (Subnet1 nat, Subnet2 nat), role granted"),
  "35-gateway-in-other-vpc.json": worker("no-internet (Private broken), role granted", "error vpc-mismatch"),
  "36-subnets-from-mapping.yaml": worker(
    "unknown (literal:subnet-0d000000000000001 unknown, literal:subnet-0d000000000000002 unknown), role granted",
  ),
  "37a-block-ingress-nat-gateway.yaml": worker(throughNat),
  "37b-block-ingress-nat-instance.yaml": worker(
    "no-internet (Private blocked-account), role granted",
    "error block-public-access",
  ),
};

describe("cases", () => {
  it("are all in the table", () => {
    const files = readFixtures().flatMap(({ name }) =>
      name.startsWith("cases/") ? [name.slice("cases/".length)] : [],
    );
    assert.deepEqual(Object.keys(cases).sort(), files);
  });

  for (const [name, expected] of Object.entries(cases)) {
    it(name, () => {
      const fixture = readFixture(`cases/${name}`);
      assert.deepEqual(said(lintAs(fixture, fixture.text)), { dependsOn: [], ...expected });
    });
  }
});

function said({ functions, findings }: LintResult): Case {
  const grave = findings.flatMap(({ rule, severity }) =>
    severity === "error" || severity === "warning" ? [`${severity} ${rule}`] : [],
  );
  return {
    functions: functions.map(functionLine),
    dependsOn: functions.flatMap(({ dependsOn }) => dependsOn.map(dependenceLine)),
    findings: [...new Set(grave)].sort(),
  };
}

function functionLine({ id, verdict, subnets, role }: FunctionReport): string {
  const paths = subnets.map(({ ref, verdict, ipv6 }) => `${ref} ${verdict}${ipv6 === "off" ? "" : `/${ipv6}`}`);
  return [
    `${id}: ${verdict}`,
    paths.length === 0 ? "" : ` (${paths.join(", ")})`,
    role === undefined ? "" : `, role ${role}`,
  ].join("");
}

function dependenceLine({ when, verdict }: FunctionReport["dependsOn"][number]): string {
  const terms = Object.entries(when).map(([name, is]) => `${name}=${typeof is === "string" ? is : `not ${is.not}`}`);
  return `${terms.join(", ")}: ${verdict}`;
}
