/** The rules about what is deployed: every report names them in the same words, and settings hold for all. */
import assert from "node:assert/strict";
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import picocolors from "picocolors";
import type { Log } from "sarif";
import { viewOf } from "../server/src/account";
import type { Snapshot } from "../server/src/live/snapshot";
import { english, render } from "../server/src/message";
import { parseDestination } from "../server/src/network/destination";
import { type DeployedReport, factsOf, findingsOf, sectionsOf, toDeployedJson } from "../server/src/report/deployed";
import { toDeployedHtml } from "../server/src/report/deployed-html";
import { toDeployedSarif } from "../server/src/report/deployed-sarif";
import { toDeployedMarkdown, toDeployedText } from "../server/src/report/deployed-text";
import { allRules, liveRules, rules, workspaceRules } from "../server/src/rules/index";
import { rulePage } from "../server/src/rules/page";
import { account, ids, inVpc, reportOn, route } from "./live/snapshot";
import { validSarif } from "./sarif-schema";

const nat = "nat-0123456789abcdef0";
const plain = picocolors.createColors(false);

/** Where each rule about what is deployed is broken. Drift needs a template beside the account, so it has tests of its own. */
const broken: Readonly<Record<string, readonly [Partial<FunctionConfiguration>, (of: Snapshot) => unknown]>> = {
  "route-blackhole": [
    {},
    (of) => {
      of.natGateways.clear();
      route(of, { NatGatewayId: nat, State: "blackhole" });
    },
  ],
  "nat-gateway-state": [
    {},
    (of) => {
      throughNat(of);
      Object.assign(of.natGateways.get(nat) ?? {}, {
        State: "failed",
        FailureCode: "InsufficientFreeAddressesInSubnet",
      });
    },
  ],
  "function-state": [{ State: "Failed", StateReasonCode: "SubnetOutOfIPAddresses" }, throughNat],
};

describe("rules about what is deployed", () => {
  for (const { id, severity, bad, good } of liveRules.filter((rule) => rule.id in broken)) {
    const [fn, change] = broken[id] ?? [{}, () => undefined];
    const report = reportOn([{ ...inVpc("worker"), ...fn }], change);
    const named = (severities: DeployedReport["severities"]) => printed({ ...report, severities: severities ?? {} });

    it(`${id} is named with severity and page in every report, once a thing in those for programs`, () => {
      const { text, markdown, html, json, sarif } = named({});
      assert.ok(text.includes(`${severity} ${id}: ${rulePage(id, english)}`), text);
      assert.ok(markdown.includes(`(${severity} [${id}](${rulePage(id, english)}))`), markdown);
      assert.ok(html.includes(`<a href="${rulePage(id, english)}">${id}</a> (${severity})`), html);
      const found = json.findings.filter(({ rule }) => rule === id);
      assert.deepEqual(
        found.map((one) => [one.function, one.severity, one.docs]),
        [["worker", severity, rulePage(id, english)]],
      );
      const results = sarif.runs[0]?.results?.filter(({ ruleId }) => ruleId === id) ?? [];
      assert.deepEqual(
        results.map(({ level, ruleIndex = -1 }) => [level, allRules[ruleIndex]?.id]),
        [[severity, id]],
      );
    });

    it(`${id} is off, or of another severity, as settings say`, () => {
      const off = named({ [id]: "off" });
      for (const one of [off.text, off.markdown, off.html]) assert.ok(!one.includes(id), one);
      assert.ok(!off.json.findings.some(({ rule }) => rule === id));
      assert.ok(!off.sarif.runs[0]?.results?.some(({ ruleId }) => ruleId === id));
      const mild = named({ [id]: "hint" });
      assert.ok(mild.text.includes(`hint ${id}: `));
      assert.deepEqual(mild.sarif.runs[0]?.results?.find(({ ruleId }) => ruleId === id)?.level, "note");
    });

    it(`${id} shows rows of a report as its examples`, () => {
      const other = { State: "Inactive", StateReasonCode: "Idle" } as const;
      const fine = printed(reportOn([{ ...inVpc("worker"), ...(id === "function-state" ? other : {}) }], throughNat));
      assert.ok(named({}).text.includes(`  ${bad}\n`), named({}).text);
      assert.ok(fine.text.includes(`  ${good}\n`), fine.text);
      assert.ok(!fine.text.includes(id), fine.text);
    });
  }

  it("are all that the live check may speak by, beside those about templates", () => {
    assert.deepEqual(allRules, [...rules, ...liveRules, ...workspaceRules]);
    assert.deepEqual(Object.keys(broken), liveRules.map(({ id }) => id).slice(0, -1));
  });
});

describe("rules about templates", () => {
  const closed = (of: Snapshot) => Object.assign(of.groups.get(ids.group) ?? {}, { IpPermissionsEgress: [] });
  const deny = (egress: boolean) => (of: Snapshot) => {
    throughNat(of);
    const entry = {
      Egress: egress,
      Protocol: "-1",
      RuleAction: "deny",
      RuleNumber: 1,
      CidrBlock: "0.0.0.0/0",
    } as const;
    of.acls.get(ids.acl)?.Entries?.unshift(entry);
  };
  const cases: readonly (readonly [rule: string, at: string, (of: Snapshot) => unknown])[] = [
    ["public-subnet", `${ids.table}|0.0.0.0/0`, () => undefined],
    ["no-internet-route", ids.table, (of) => of.routeTables.get(ids.table)?.Routes?.pop()],
    ["security-group-blocks-egress", ids.group, (of) => [throughNat(of), closed(of)]],
    ["nacl-blocks-outbound", ids.acl, deny(true)],
    ["nacl-blocks-return-traffic", ids.acl, deny(false)],
    ["private-nat-gateway", nat, (of) => [throughNat(of), natWith(of, { ConnectivityType: "private" })]],
    ["dns-support-disabled", ids.vpc, (of) => [throughNat(of), of.dnsSupport.set(ids.vpc, { ok: true, value: false })]],
  ];
  for (const [rule, at, change] of cases) {
    it(`${rule} names what fails in the account`, () => {
      const report = reportOn([inVpc("worker")], change);
      const found = findings(report).find((one) => one.id === rule);
      assert.deepEqual(found?.at, at, JSON.stringify(findings(report)));
    });
  }

  it("are silent where private addresses are asked about", () => {
    const destination = parseDestination("10.9.0.0/16:5432");
    assert.ok(destination);
    assert.deepEqual(findings({ ...reportOn([inVpc("worker")]), destination }), []);
  });
});

describe("the account as it is", () => {
  it("warns of an address that failed while its NAT gateway works", () => {
    const report = reportOn([inVpc("worker")], (of) => {
      throughNat(of);
      const failed = {
        PublicIp: "203.0.113.8",
        AllocationId: "eipalloc-2",
        Status: "failed",
        FailureMessage: "in use",
      } as const;
      natWith(of, { NatGatewayAddresses: [{ PublicIp: "203.0.113.7", Status: "succeeded" }, failed] });
    });
    assert.equal(report.functions[0]?.egress.verdict, "internet");
    assert.deepEqual(
      findings(report).map(({ id, severity, at, message }) => [id, severity, at, render(message)]),
      [
        [
          "nat-gateway-state",
          "warning",
          "eipalloc-2",
          `the address 203.0.113.8 of ${nat} failed to be associated (in use)`,
        ],
      ],
    );
    assert.ok(printed(report).text.includes(`+ NAT gateway: ${nat} is available, public addresses: 203.0.113.7\n`));
  });

  it("notes that DNS host names are off, and finds no fault in it", () => {
    const report = reportOn([inVpc("worker")], (of) => of.dnsHostnames.set(ids.vpc, { ok: true, value: false }));
    const row = rowsOf(report).find(({ text }) => render(text).startsWith("EnableDnsHostnames"));
    assert.deepEqual([row?.status, row?.named], ["note", undefined]);
  });

  it("calls a firewall's endpoint a firewall, and another appliance's an endpoint", () => {
    const kinds = (managed: string) =>
      sectionsOf(...only(reportOn([inVpc("worker")], (of) => inspected(of, managed)))).flatMap(({ rows }) =>
        rows.flatMap(({ kind, id }) => (id.startsWith("vpce-") ? [kind] : [])),
      );
    assert.deepEqual([kinds("true"), kinds("false")], [["firewall"], ["endpoint"]]);
  });

  const regional = "rtb-0aaaaaaaaaaaaaaa0";
  const ways: readonly (readonly [what: string, Readonly<Record<string, string>> | undefined, string, string])[] = [
    ["to the internet gateway", { GatewayId: ids.gateway, State: "active" }, "internet", ""],
    ["to what is gone", { GatewayId: ids.gateway, State: "blackhole" }, "no-internet", "nat-gateway-not-public"],
    ["nowhere", undefined, "no-internet", "nat-gateway-not-public"],
    ["to a transit gateway", { TransitGatewayId: "tgw-0123456789abcdef0", State: "active" }, "unknown", ""],
  ];
  for (const [what, target, verdict, rule] of ways) {
    it(`follows the own table of a regional NAT gateway ${what}`, () => {
      const report = reportOn([inVpc("worker")], (of) => {
        throughNat(of);
        natWith(of, { AvailabilityMode: "regional", SubnetId: undefined, RouteTableId: regional });
        const Routes = target === undefined ? [] : [{ DestinationCidrBlock: "0.0.0.0/0", ...target }];
        of.routeTables.set(regional, { RouteTableId: regional, VpcId: ids.vpc, Routes } as never);
      });
      assert.equal(report.functions[0]?.egress.verdict, verdict);
      const onPath = findings(report).filter(({ id }) => id !== "route-blackhole");
      assert.deepEqual(onPath.map(({ id }) => id).join(), rule);
    });
  }
});

describe("copies", () => {
  it("of several functions hold the runbook's names for each", () => {
    const { json } = viewOf(reportOn([inVpc("one"), inVpc("two")]), english).copies;
    const { functions, runbooks } = JSON.parse(json) as { functions: { id: string }[]; runbooks: { id: string }[] };
    for (const all of [functions, runbooks])
      assert.deepEqual(
        all.map(({ id }) => id),
        ["one", "two"],
      );
    const single = JSON.parse(viewOf(reportOn([inVpc("one")]), english).copies.json);
    assert.deepEqual([single.function.id, single.runbook.checkVpc.vpc], ["one", true]);
  });

  it("in redacted JSON tell nobody's account, and keep the report's own words", () => {
    // Names that are words of the report, too, and one that is part of another.
    const report = reportOn([inVpc("internet"), inVpc("nat"), inVpc("name")], throughNat);
    const text = viewOf(report, english).copies["redacted-json"];
    const { functions } = JSON.parse(text) as {
      functions: { id: string; verdict: string; subnets: { verdict: string }[] }[];
    };
    assert.deepEqual(
      functions.map(({ verdict, subnets }) => [verdict, subnets[0]?.verdict]),
      [
        ["internet", "nat"],
        ["internet", "nat"],
        ["internet", "nat"],
      ],
    );
    assert.equal(new Set(functions.map(({ id }) => id)).size, 3);
    assert.ok(functions.every(({ id }) => /^name-\d$/.test(id)));
    for (const secret of [account, ids.subnet, ids.table, nat]) assert.ok(!text.includes(secret), secret);
  });
});

interface Printed {
  readonly text: string;
  readonly markdown: string;
  readonly html: string;
  readonly json: { readonly findings: readonly Readonly<Record<string, string>>[] };
  readonly sarif: Log;
}

function printed(report: DeployedReport): Printed {
  const options = {
    version: "1.2.3",
    homepage: "https://example.com/",
    exitCode: 1,
    redact: false,
    catalogue: english,
  };
  return {
    text: toDeployedText(report, { colors: plain, catalogue: english }),
    markdown: toDeployedMarkdown(report, english),
    html: toDeployedHtml(report, { nonce: "n", catalogue: english }),
    json: JSON.parse(toDeployedJson(report, false, english)),
    sarif: validSarif(JSON.parse(toDeployedSarif(report, options))),
  };
}

function only(report: DeployedReport): Parameters<typeof findingsOf> {
  const [fn] = report.functions;
  assert.ok(fn);
  return [report, fn];
}

function findings(report: DeployedReport): ReturnType<typeof findingsOf> {
  return findingsOf(...only(report));
}

function rowsOf(report: DeployedReport): ReturnType<typeof factsOf> {
  return factsOf(...only(report));
}

function throughNat(of: Snapshot): void {
  route(of, { NatGatewayId: nat, State: "active" });
}

function natWith(of: Snapshot, change: object): void {
  Object.assign(of.natGateways.get(nat) ?? {}, change);
}

/** Leads the function's traffic through an endpoint that stands in the public subnet. */
function inspected(of: Snapshot, managed: string): void {
  const id = "vpce-0123456789abcdef0";
  route(of, { GatewayId: id, State: "active" });
  of.endpoints.set(id, {
    VpcEndpointId: id,
    VpcEndpointType: "GatewayLoadBalancer",
    VpcId: ids.vpc,
    SubnetIds: ["subnet-0fedcba9876543210"],
    Tags: [{ Key: "AWSNetworkFirewallManaged", Value: managed }],
  });
}
