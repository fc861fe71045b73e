/** The page on what is deployed, read by a real HTML parser. */
import assert from "node:assert/strict";
import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import fc from "fast-check";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import type { Cause } from "../server/src/live/compare";
import type { Snapshot } from "../server/src/live/snapshot";
import { english, message } from "../server/src/message";
import { type DeployedReport, namesIn, redact } from "../server/src/report/deployed";
import { toDeployedHtml } from "../server/src/report/deployed-html";
import { runbook, runbookPage, toRunbook } from "../server/src/report/runbook";
import { account, arnOf, ids, inVpc, reportOn, route } from "./live/snapshot";

const nonce = "0123456789abcdef0123456789abcdef";
const hostile = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)>`;

describe("the page on a deployed function", function () {
  this.timeout(120_000);

  it("is a document with a language, a title, and a policy that lets only its own nonce through", () => {
    const page = read(reportOn([inVpc("worker")]));
    const [html] = page.all("html");
    assert.equal(html?.attribute("lang"), "en");
    assert.equal(page.texts("title")[0], "worker");
    const [policy] = page.all("meta").filter((one) => one.attribute("http-equiv") === "Content-Security-Policy");
    assert.equal(
      policy?.attribute("content"),
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`,
    );
    for (const one of [...page.all("style"), ...page.all("script")]) assert.equal(one.attribute("nonce"), nonce);
    assert.equal(page.all("script").length, 1);
    assert.deepEqual(
      page.every().filter((one) => one.attributes().some((name) => name === "style" || name.startsWith("on"))),
      [],
      "the policy would drop styles and handlers in attributes",
    );
  });

  it("has what is asked in its head, and every hop in a table with a caption and headings", () => {
    const report = reportOn([inVpc("worker")]);
    const page = read(report);
    assert.deepEqual(page.texts("h1"), ["worker"]);
    assert.ok(page.texts(".verdict")[0]?.startsWith("Does not reach the internet"), page.texts(".verdict")[0]);
    assert.deepEqual(page.texts("dd").slice(0, 5), [
      account,
      "eu-west-1",
      "dev",
      "2026-01-02T03:04:05Z",
      "the internet, tcp/443",
    ]);
    assert.ok(page.texts("dd").includes(arnOf("worker")));
    for (const table of page.all("table")) {
      assert.equal(table.all("caption").length, 1);
      assert.ok(table.all("th").every((one) => ["col", "row"].includes(one.attribute("scope") ?? "")));
      assert.ok(table.all("thead").length === 1);
      const width = table.all("thead")[0]?.all("th").length;
      for (const row of table.all("tbody")[0]?.all("tr") ?? []) assert.equal(row.cells().length, width);
    }
    const hops = report.functions[0]?.egress.subnets[0]?.ipv4.hops ?? [];
    const rows = page.all("table")[0]?.all("tbody")[0]?.all("tr") ?? [];
    assert.equal(rows.length, hops.length);
    assert.deepEqual(
      rows.map((row) => row.attribute("class")),
      hops.map(({ status }) => status),
    );
    const links = page.all("a").map((one) => one.attribute("href") ?? "");
    assert.ok(links.includes(runbookPage));
    const start = new URL(links.find((link) => link.includes(`/automation/execute/${runbook}`)) ?? "about:blank");
    assert.equal(start.searchParams.get("region"), "eu-west-1");
    assert.equal(new URLSearchParams(start.hash.slice(1)).get("FunctionName"), "worker");
    assert.ok(
      links.includes(
        `https://console.aws.amazon.com/go/view?arn=arn:aws:ec2:eu-west-1:${account}:route-table/rtb-0123456789abcdef0`,
      ),
    );
    assert.ok(links.every((link) => link.startsWith("https://")));
  });

  it("has the picture of the way out, in the style that the policy lets in", () => {
    const page = read(reportOn([inVpc("worker")]));
    const [picture] = page.all("svg");
    assert.equal(picture?.attribute("role"), "img");
    assert.equal(picture?.attribute("aria-label"), "worker: no internet");
    assert.equal(picture?.all("style")[0]?.attribute("nonce"), nonce);
    const broken = picture?.every().filter((one) => /^node .* broken$/.test(one.attribute("class") ?? ""));
    assert.deepEqual(
      broken?.map((one) => one.attribute("data-node")),
      ["function:worker", `route-table:${ids.table}`, "internet:"],
    );
    assert.equal(read(reportOn([inVpc("one"), inVpc("two")])).all("svg").length, 0);
  });

  it("offers the copies", () => {
    const page = read(reportOn([inVpc("worker")]));
    const buttons = page.all("button");
    assert.deepEqual(
      buttons.map((one) => one.attribute("data-copy")),
      ["markdown", "json", "redacted", "redacted-json", "policy"],
    );
    assert.ok(buttons.every((one) => one.attribute("type") === "button" && one.text() !== ""));
  });

  const states: readonly (readonly [what: string, Partial<FunctionConfiguration>, (of: Snapshot) => void, string])[] = [
    ["outside a VPC", { VpcConfig: {} }, () => undefined, "Not in a VPC"],
    ["through NAT", {}, (of) => route(of, { NatGatewayId: "nat-0123456789abcdef0", State: "active" }), "Reaches the"],
    ["in a public subnet", {}, () => undefined, "Does not reach the internet"],
    ["with a route table that was not told of", {}, (of) => of.routeTables.clear(), "Not known"],
  ];
  for (const [what, fn, change, says] of states) {
    it(`says it of a function ${what}`, () => {
      const page = read(reportOn([{ ...inVpc("worker"), ...fn }], change));
      assert.ok(page.texts(".verdict")[0]?.startsWith(says), page.texts(".verdict")[0]);
    });
  }

  it("shows every status by a sign and a word", () => {
    const report = reportOn([inVpc("worker")], (of) => {
      of.failures.set("ec2:DescribeNetworkAcls", denied);
      of.acls.clear();
    });
    const cells = read(report)
      .all("tr")
      .flatMap((row) => row.cells().slice(0, 1))
      .map((cell) => cell.text());
    for (const words of ["✓ passed", "✗ failed", "? unknown"]) assert.ok(cells.includes(words), words);
  });

  it("names what could not be asked", () => {
    const report = reportOn([inVpc("worker")], (of) => of.failures.set("ec2:DescribeNetworkAcls", denied));
    assert.ok(
      read(report)
        .texts("td")
        .some((text) => text.includes("ec2:DescribeNetworkAcls")),
    );
  });

  it("has a banner while the function is being updated or asleep, and none otherwise", () => {
    assert.deepEqual(read(reportOn([inVpc("worker")])).texts(".banner"), []);
    const updated = { ...inVpc("worker"), LastUpdateStatus: "InProgress" } as const;
    assert.match(read(reportOn([updated])).texts(".banner")[0] ?? "", /^This may be out of date .* being updated\./);
    const asleep = { ...inVpc("worker"), State: "Inactive" } as const;
    assert.match(read(reportOn([asleep])).texts(".banner")[0] ?? "", /^The function is inactive/);
    assert.doesNotMatch(read(reportOn([asleep])).text(), /out of date/);
  });

  it("begins with a table of the functions where there are several", () => {
    const page = read(reportOn([inVpc("one"), { ...inVpc("two"), VpcConfig: {} }]));
    const overview = page.all("table")[0];
    assert.deepEqual(
      overview
        ?.all("tbody")[0]
        ?.all("th")
        .map((one) => one.text()),
      ["one", "two"],
    );
    for (const link of overview?.all("a") ?? []) {
      const target = (link.attribute("href") ?? "").slice(1);
      assert.ok(
        page.every().some((one) => one.attribute("id") === target),
        target,
      );
    }
    assert.deepEqual(page.texts("h2").slice(0, 2), ["one", "two"]);
  });

  it("says it where there is no function", () => {
    assert.match(read(reportOn([])).text(), /No function/);
  });

  it("shows hostile names as text", () => {
    const plain = read(reportOn([inVpc("worker")]));
    const page = read(reportOn([{ ...inVpc(hostile), StateReason: hostile, State: "Failed" }]));
    assert.deepEqual(page.texts("h1"), [hostile]);
    assert.equal(page.all("script").length, 1);
    assert.equal(page.all("img").length, 0);
    assert.ok(page.texts("td").some((text) => text.includes(hostile)));
    assert.ok(plain.all("script")[0]?.text() === page.all("script")[0]?.text());
  });

  it("has the same elements whatever an account's things are called", () => {
    // A name with spaces in it may go on in another line of the picture.
    const isElement = (name: string) => name !== "text";
    const shape = (raw: string) => {
      const fn = { ...inVpc("worker"), FunctionName: raw, State: "Failed", StateReason: raw } as const;
      const report = reportOn([fn], (of) => route(of, { GatewayId: `igw-${raw}`, State: "active" }));
      return read({ ...report, links: false, asked: { ...report.asked, profile: raw } });
    };
    const expected = shape("worker")
      .every()
      .map((one) => one.name)
      .filter(isElement);
    const bits = fc.constantFrom(
      "<",
      ">",
      '"',
      "'",
      "&",
      "</td>",
      "<script>",
      "-->",
      "a",
      "&lt;",
      "]]>",
      "\u0000",
      " ",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        const raw = `x${parts.join("")}y`;
        const page = shape(raw);
        assert.deepEqual(
          page
            .every()
            .map((one) => one.name)
            .filter(isElement),
          expected,
        );
      }),
      { numRuns: 150 },
    );
  }).timeout(120_000);

  it("shows what differs from a template in a table, with a button for each line and no address of its own", () => {
    const template = { path: hostile, text: "Resources:\n  Worker:\n" };
    const node = { kind: "scalar", text: "Worker", quoted: false, block: { start: 0 }, from: 13, to: 19 } as const;
    const found = ["outside", "undeployed", "unknown"].map((cause) => ({
      key: cause,
      subject: hostile,
      at: { kind: "text", node } as const,
      message: message("it has {0}", hostile),
      id: ids.table,
      cause: cause as Cause,
    }));
    const drift = { stack: hostile, status: "CREATE_COMPLETE", template, found };
    const page = read({ ...reportOn([inVpc("worker")]), drift });
    const table = page.all("table")[0];
    assert.deepEqual(table?.texts("caption"), [`Stack ${hostile} differs from ${hostile}`]);
    const rows = table?.all("tbody")[0]?.all("tr") ?? [];
    assert.equal(new Set(rows.map((row) => row.cells()[2]?.text())).size, 3);
    const buttons = rows.flatMap((row) => row.all("button"));
    assert.deepEqual(
      buttons.map((one) => [one.attribute("data-open"), one.text()]),
      [0, 1, 2].map((row) => [String(row), `${hostile}:2`]),
    );
    assert.ok(page.all("a").every((link) => /^https:/.test(link.attribute("href") ?? "")));
    assert.equal(page.all("script").length, 1);
    assert.equal(page.all("img").length, 0);
    const alike = read({ ...reportOn([inVpc("worker")]), drift: { ...drift, found: [] } });
    assert.match(alike.text(), /nothing on the way out is known to differ/);
  });

  it("tells nobody's account once it is redacted", () => {
    const report = { ...reportOn([inVpc("secret-worker")]), links: false };
    const page = redact(toDeployedHtml(report, { nonce: "n", catalogue: english }), namesIn(report));
    assert.doesNotMatch(page.replaceAll("000000000000", ""), /\d{12}/);
    assert.doesNotMatch(page, /\b[a-z]+-[0-9a-f]{17}\b|secret-worker/);
    assert.match(page, /rtb-1\b/);
  });
});

describe("the runbook's names", () => {
  it("hold the hops of the function's subnets over IPv4", () => {
    const egress = reportOn([inVpc("worker")]).functions[0]?.egress;
    assert.ok(egress !== undefined);
    const { checkVpc, checkNACL, checkSecurityGroups, checkSubnets } = toRunbook(egress, english);
    assert.equal(checkVpc.vpc, true);
    assert.equal(checkVpc.subnet.length, 1);
    assert.deepEqual(
      checkSubnets.subnets.map(({ verdict }) => verdict),
      ["public-subnet"],
    );
    assert.deepEqual(
      checkSecurityGroups.secgrps.map(({ status }) => status),
      ["passed"],
    );
    assert.ok(checkNACL.NACL.every(({ status, why }) => status === "passed" && why !== ""));
  });

  it("say of a function outside a VPC that there is nothing to look at", () => {
    const egress = reportOn([{ ...inVpc("worker"), VpcConfig: {} }]).functions[0]?.egress;
    assert.deepEqual(egress && toRunbook(egress, english), {
      checkVpc: { vpc: false, subnet: [], securityGroups: [] },
      checkNACL: { NACL: [] },
      checkSecurityGroups: { secgrps: [] },
      checkSubnets: { subnets: [] },
    });
  });
});

const denied = { kind: "denied", action: "ec2:DescribeNetworkAcls", detail: "", sso: false } as const;

interface Part {
  readonly name: string;
  attribute(name: string): string | undefined;
  attributes(): readonly string[];
  every(): readonly Part[];
  all(selector: string): readonly Part[];
  texts(selector: string): readonly string[];
  cells(): readonly Part[];
  text(): string;
}

function read(report: DeployedReport): Part {
  const root = parse(toDeployedHtml(report, { nonce, catalogue: english }));
  return part(root);
}

/** A node with the little that these tests ask of it; a selector is an element's name, or a class behind a dot. */
function part(node: DefaultTreeAdapterTypes.Node): Part {
  const children = "childNodes" in node ? node.childNodes : [];
  const own = "attrs" in node ? node.attrs : [];
  const every = (): readonly Part[] =>
    children.flatMap((child) => ("tagName" in child ? [part(child), ...part(child).every()] : []));
  const attribute = (name: string) => own.find((one) => one.name === name)?.value;
  const all = (selector: string) =>
    every().filter((one) =>
      selector.startsWith(".") ? one.attribute("class")?.split(" ").includes(selector.slice(1)) : one.name === selector,
    );
  return {
    name: node.nodeName,
    attribute,
    attributes: () => own.map(({ name }) => name),
    every,
    all,
    texts: (selector) => all(selector).map((one) => one.text()),
    cells: () => every().filter(({ name }) => name === "td" || name === "th"),
    text: () =>
      children
        .map((child) => ("value" in child ? child.value : part(child).text()))
        .join("")
        .trim(),
  };
}
