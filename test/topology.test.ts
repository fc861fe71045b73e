/** Every way out for every kind of template: what is promised holds, cfn-lint agrees, and a second time writes nothing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { Session } from "node:inspector";
import * as os from "node:os";
import * as path from "node:path";
import { TextDocument } from "vscode-languageserver-textdocument";
import { applyEdits } from "../server/src/edit/edit";
import { variants } from "../server/src/edit/topology/variants";
import { type LintResult, lint, meaningOf } from "../server/src/lint";
import { unknownClient } from "../server/src/lsp/client";
import { createTopology, topologyActions, toTopologies } from "../server/src/lsp/topology";
import { render } from "../server/src/message";
import { parse } from "../server/src/template/parse";
import type { Document } from "../server/src/template/syntax";
import { type Topology, topologiesFor } from "../server/src/topology";
import { type Data, dataOf } from "./edit-operations";
import { nameOf } from "./harness";
import { begun, content, pasted, type Start, styles } from "./topology-starts";

/** What a topology may change of a resource that is there, besides adding resources. */
const changeable: Readonly<Record<string, RegExp>> = {
  "AWS::Lambda::Function": /^(?:Properties\.(?:VpcConfig|Role)|Metadata)\b/,
  "AWS::Serverless::Function": /^(?:Properties\.(?:VpcConfig|Role)|Metadata)\b/,
  "AWS::IAM::Role": /^Properties\.ManagedPolicyArns\b/,
  "AWS::EC2::NatGateway": /^(?:Properties\.(?:SubnetId|AllocationId)|DependsOn)\b/,
  "AWS::EC2::Route": /^(?:Properties\.\w+(?:Id|Arn)|DependsOn)\b/,
  "AWS::EC2::Subnet": /^(?:Properties\.Ipv6CidrBlock|DependsOn)\b/,
  "AWS::EC2::SecurityGroup": /^Properties\.SecurityGroupEgress\b/,
  "AWS::EC2::SubnetRouteTableAssociation": /^Properties\.RouteTableId\b/,
  "AWS::EC2::VPC": /^Properties\.EnableDns/,
  "AWS::EC2::VPCEndpoint": /^Properties\.RouteTableIds\b/,
};

describe("topologies", function () {
  this.timeout(120_000);
  const results = new Map<string, string>();
  const cases: Record<string, Start> = { ...pasted, ...begun };
  for (const name of [
    "names of nothing",
    "everything but the route",
    "a public subnet with the function in it",
    "SAM",
    "SAM, without its Transform",
  ]) {
    for (const [style, write] of Object.entries(styles)) {
      const { text, offers } = cases[name] as Start;
      cases[`${name} (${style})`] = { text: write(text), offers };
    }
  }

  for (const [name, { text, offers }] of Object.entries(cases)) {
    describe(name, () => {
      const document = parse(text);
      const offered = offersFor(document);

      it(`offers ${offers}`, () => {
        assert.deepEqual(document.problems, []);
        assert.equal(offered.map(({ id }) => id).join(" "), offers);
      });

      for (const { id, edits, promise } of offered) {
        const after = applyEdits(text, edits) ?? "";
        results.set(`${name} ${id}`, after);

        it(id, () => {
          assert.deepEqual(parse(after).problems, []);
          const { functions } = lint(parse(after));
          assert.equal(functions.find((one) => one.id === "Worker")?.verdict, promise);
          assert.notEqual(functions.find((one) => one.id === "Worker")?.role, "missing");
          // What leaves IPv4 as it is leaves its faults.
          const old = promise === "internet" ? [] : serious(lint(document));
          assert.deepEqual(
            serious(lint(parse(after))).filter((one) => !old.includes(one)),
            [],
          );
          // A second time there is nothing to write.
          assert.ok(!offersFor(parse(after)).some((again) => again.id === id));
          assertKept(text, after);
        });
      }
    });
  }

  for (const [name, text] of Object.entries(content)) {
    it(`offers nothing for ${name}`, () => {
      assert.deepEqual(parse(text).problems, []);
      assert.deepEqual(
        offersFor(parse(text)).map(({ id }) => id),
        [],
      );
    });
  }

  it("are worked out, or not, for half a template too", () => {
    for (const { text } of Object.values({ ...pasted, ...begun })) {
      for (const part of [0.35, 0.6, 0.9]) {
        const half = text.slice(0, Math.floor(text.length * part));
        assert.doesNotThrow(() => offersFor(parse(half)), half);
      }
    }
  });

  it("are not worked out for an editor that only wants to know whether there are any", () => {
    const topics = Array.from({ length: 500 }, (_, index) => `  Topic${index}:\n    Type: AWS::SNS::Topic\n`);
    const text = (pasted["names of nothing"] as Start).text + topics.join("");
    const meaning = meaningOf(parse(text));
    assert.ok(meaning !== undefined);
    const document = TextDocument.create("file:///large.yaml", "yaml", 1, text);
    const at = document.positionAt(text.indexOf("VpcConfig"));
    const params = { textDocument: document, range: { start: at, end: at }, context: { diagnostics: [] } };
    const client = { ...unknownClient, commands: new Set([createTopology]) };
    let titles: string[] = [];
    const asked = lintsDuring(() => {
      titles = topologyActions(params, meaning, document, {}, client, {}).map(({ title }) => title);
    });
    assert.deepEqual(titles, ["Create the NAT topology for Worker…"]);
    assert.equal(asked, 0);
    const chosen = lintsDuring(() => toTopologies(meaning, document, "Worker", {}, {}));
    assert.equal(chosen, variants.length + 1);
  });

  it("writes no more than what is missing", () => {
    const added = (name: string, id: string) => {
      const before = Object.keys(resourcesOf((cases[name] as Start).text));
      return Object.keys(resourcesOf(results.get(`${name} ${id}`) ?? "")).filter((one) => !before.includes(one));
    };
    assert.deepEqual(added("everything but the route", "nat"), ["InnerDefaultRoute"]);
    assert.deepEqual(added("everything but the associations", "nat"), ["InnerARoutes", "InnerBRoutes"]);
    assert.deepEqual(added("everything but the public route", "nat"), ["PublicDefaultRoute"]);
    assert.deepEqual(added("one good subnet and one bad", "nat"), []);
    assert.deepEqual(added("a route to a peering connection", "nat"), ["NatAddress", "NatGateway"]);
    assert.deepEqual(added("an endpoint already", "endpoints"), ["EndpointSecurityGroup", "SQSEndpoint"]);
  });

  it("writes what the snippet lambda-nat-vpc has, under the same names", () => {
    const snippet = fs.readFileSync(path.join(import.meta.dirname, "../snippets/lambda-nat-vpc.yaml"), "utf8");
    const whole = resourcesOf(snippet);
    // The function and its role alone, as if somebody had pasted them.
    const pasted = snippet
      .split(/\n(?= {2}\w|\S)/)
      .filter((part) => !/^ {2}\w/.test(part) || /^ {2}Worker(?:Role)?:/.test(part))
      .join("\n");
    const [nat] = offersFor(parse(pasted));
    const made = resourcesOf(applyEdits(pasted, nat?.edits ?? []) ?? "");
    assert.deepEqual(Object.keys(made).sort(), Object.keys(whole).sort());
    // Names for the console and the order of address blocks are a matter of taste.
    const isTaste = (key: string, value: unknown) =>
      /^(?:Tags|CidrBlock|Description)$/.test(key) || (key === "Properties" && JSON.stringify(value) === "{}");
    const bare = (body: Data) =>
      JSON.parse(JSON.stringify(body), (key, value) => (isTaste(key, value) ? undefined : value));
    for (const [id, body] of Object.entries(made)) assert.deepEqual(bare(body), bare(whole[id] ?? null), id);
  });

  it("says what AWS charges for, without figures, and where its prices are", () => {
    for (const { charges, priceUrl, title } of variants) {
      assert.match(priceUrl, /^https:\/\/aws\.amazon\.com\/[\w/-]*pricing\//);
      assert.ok(charges.length > 0);
      for (const text of [...charges, title].map((one) => render(one))) assert.doesNotMatch(text, /[$€]|\d+[.,]\d/);
    }
  });

  it("please cfn-lint", function () {
    this.timeout(300_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "topologies-"));
    try {
      const files = [...results].map(([name, text]) => {
        const file = path.join(folder, `${name.replace(/\W+/g, "-")}.${text.startsWith("{") ? "json" : "yaml"}`);
        fs.writeFileSync(file, text);
        return file;
      });
      assert.equal(new Set(files).size, results.size);
      const { error, status, stdout, stderr } = spawnSync("cfn-lint", ["--format", "parseable", "--", ...files], {
        encoding: "utf8",
      });
      if (error !== undefined) {
        assert.ok((process.env.CI ?? "") === "", `cfn-lint did not start: ${error.message}`);
        this.skip();
      }
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

function offersFor(document: Document): Topology[] {
  const meaning = meaningOf(document);
  return meaning === undefined ? [] : [...topologiesFor(meaning, "Worker")];
}

/** Returns how often the whole pipeline runs meanwhile. */
function lintsDuring(work: () => void): number {
  const session = new Session();
  session.connect();
  let calls = 0;
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  work();
  session.post("Profiler.takePreciseCoverage", (_, { result }) => {
    const scripts = result.filter(({ url }) => url.endsWith("/server/src/lint.ts"));
    const found = scripts.flatMap(({ functions }) => functions.filter(({ functionName }) => functionName === "lint"));
    calls = found[0]?.ranges[0]?.count ?? 0;
  });
  session.disconnect();
  return calls;
}

/** Names the errors and warnings. */
function serious({ findings }: LintResult): string[] {
  return findings.filter(({ severity }) => severity === "error" || severity === "warning").map(nameOf);
}

/** Holds what was there before to be there still, but for what a topology is about, comments included. */
function assertKept(before: string, after: string): void {
  const old = resourcesOf(before);
  const fresh = resourcesOf(after);
  for (const [id, body] of Object.entries(old)) {
    const type = (body as { Type: string }).Type;
    for (const place of differences(body, fresh[id] ?? null))
      assert.match(place, changeable[type] ?? /^$/, `${id}.${place}`);
  }
  const rest = (text: string) => ({ ...(dataOf(text) as object), Resources: null, Globals: null });
  // Without it nobody reads a function of SAM.
  const needed = before.includes("AWS::Serverless::") ? { Transform: "AWS::Serverless-2016-10-31" } : {};
  assert.deepEqual(rest(after), { ...needed, ...rest(before) });
  const comments = (text: string) =>
    [...text.matchAll(/# .*/g)].map(([comment]) => comment.trim()).filter((one) => one !== "# mine");
  for (const comment of comments(before)) assert.ok(comments(after).includes(comment), comment);
  assert.equal(/\r\n/.test(before), /\r\n/.test(after));
  if (/\r\n/.test(before)) assert.doesNotMatch(after, /[^\r]\n/);
}

function differences(a: Data, b: Data, place = ""): string[] {
  if (
    typeof a !== "object" ||
    typeof b !== "object" ||
    a === null ||
    b === null ||
    Array.isArray(a) ||
    Array.isArray(b)
  ) {
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [place];
  }
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences((a as never)[key] ?? null, (b as never)[key] ?? null, place === "" ? key : `${place}.${key}`),
  );
}

function resourcesOf(text: string): Record<string, Data> {
  return (dataOf(text) as { Resources: Record<string, Data> }).Resources;
}
