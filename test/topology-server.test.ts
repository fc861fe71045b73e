/**
 * Somebody pastes a function with a VpcConfig that names nothing, and follows what the editor offers: the template
 * that comes out reaches the internet, and cfn-lint has nothing to say.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { CodeAction, Range, TextEdit } from "vscode-languageserver-protocol/node";
import { lint } from "../server/src/lint";
import type { TopologyData } from "../server/src/lsp/topology";
import { parse } from "../server/src/template/parse";
import { type Session, startSession } from "./lsp-session";
import { content, pasted, styles } from "./topology-starts";

const command = "lambdaEgress.createTopology";

describe("a pasted function", function () {
  this.timeout(30_000);
  let plain: Session;
  let asking: Session;
  const results = new Map<string, string>();

  before("start", async function () {
    this.timeout(120_000);
    plain = await startSession();
    asking = await startSession({ initializationOptions: { commands: [command] } });
  });
  after("stop", async () => {
    for (const session of [plain, asking]) assert.equal(await session.stop(), 0);
  });

  const walks = Object.entries(pasted).flatMap(([name, { text }]) => [
    { name, text, extension: "yaml" },
    { name: `${name}, in JSON`, text: styles.JSON?.(text) ?? "", extension: "json" },
  ]);
  for (const { name, text, extension } of walks) {
    it(`${name}: what is offered leads to the internet`, async () => {
      const uri = `file:///${encodeURIComponent(name)}.${extension}`;
      plain.open(uri, text, extension);
      for (let step = 0; step < 5 && verdictIn(plain.text(uri)) !== "internet"; step++) {
        const actions = await actionsFor(plain, uri);
        const [next] = actions.filter(({ title }) => title.startsWith("Create the NAT topology for Worker: "));
        assert.ok(next, `nothing is offered at step ${step}: ${actions.map(({ title }) => title).join(", ")}`);
        const [change] = next.edit?.documentChanges ?? [];
        assert.ok(change && "edits" in change);
        plain.edit(uri, ...(change.edits as TextEdit[]));
      }
      assert.equal(verdictIn(plain.text(uri)), "internet");
      const left = (await plain.diagnostics(uri)).filter(({ severity }) => severity === 1 || severity === 2);
      assert.deepEqual(left, []);
      assert.ok(!(await actionsFor(plain, uri)).some(({ title }) => title.startsWith("Create the NAT topology")));
      results.set(`${name}.${extension}`, plain.text(uri));
      plain.close(uri);
    });
  }

  it("is offered one action that asks, where the editor can, and the request gives the variants", async () => {
    for (const [name, { text, offers }] of Object.entries(pasted)) {
      const uri = asking.open(`file:///asking/${encodeURIComponent(name)}.yaml`, text);
      await asking.diagnostics(uri);
      const [action, ...others] = (await actionsFor(asking, uri)).filter((one) => one.command !== undefined);
      assert.deepEqual(others, [], name);
      assert.deepEqual(action?.command?.arguments, [uri, "Worker"], name);
      assert.equal(action?.command?.command, command);
      assert.equal(action?.kind, "quickfix");
      const variants = await topologies(asking, uri, "Worker");
      assert.equal(variants.map(({ id }) => id).join(" "), offers, name);
      for (const { title, charges, priceUrl, edits, version } of variants) {
        assert.ok(title !== "" && charges.length > 0 && edits.length > 0);
        assert.match(priceUrl, /^https:\/\/aws\.amazon\.com\//);
        assert.equal(version, 1);
      }
      const [first] = variants;
      asking.edit(uri, ...(first?.edits ?? []));
      assert.equal(verdictIn(asking.text(uri)), "internet", name);
      assert.deepEqual(await topologies(asking, uri, "Worker"), []);
      asking.close(uri);
    }
  });

  it("is left alone where nothing is missing or too little is known, and elsewhere in the text", async () => {
    for (const [name, text] of Object.entries(content)) {
      const uri = plain.open(`file:///content/${encodeURIComponent(name)}.yaml`, text);
      await plain.diagnostics(uri);
      assert.deepEqual(creations(await actionsFor(plain, uri)), [], name);
      assert.deepEqual(await topologies(plain, uri, "Worker"), [], name);
    }
    const { text } = pasted["empty lists"] as { text: string };
    const uri = plain.open("file:///elsewhere.yaml", text);
    await plain.diagnostics(uri);
    const at = plain.document(uri).positionAt(text.indexOf("WorkerRole:\n"));
    assert.deepEqual(creations(await actionsAt(plain, uri, { start: at, end: at })), []);
    assert.deepEqual(creations(await actionsAt(plain, uri, inFunction(plain, uri), ["refactor"])), []);
    assert.deepEqual(await topologies(plain, uri, "Nobody"), []);
    assert.deepEqual(await topologies(plain, "file:///closed.yaml", "Worker"), []);
  });

  it("pleases cfn-lint in the end", function () {
    this.timeout(120_000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "walks-"));
    try {
      const files = [...results].map(([name, text], index) => {
        const file = path.join(folder, `${index}${path.extname(name)}`);
        fs.writeFileSync(file, text);
        return file;
      });
      assert.equal(files.length, walks.length);
      const { error, status, stdout } = spawnSync("cfn-lint", ["--format", "parseable", "--", ...files], {
        encoding: "utf8",
      });
      if (error !== undefined) {
        assert.ok((process.env.CI ?? "") === "", `cfn-lint did not start: ${error.message}`);
        this.skip();
      }
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it("tries out nothing for a stretch with many functions, where each would take a check of the whole text", async () => {
    const uri = "file:///many.yaml";
    const workers = Array.from({ length: 200 }, (_, index) => `  Worker${index}:\n${worker}`);
    plain.open(uri, `Transform: AWS::Serverless-2016-10-31\nResources:\n${workers.join("")}`, "yaml");
    const document = plain.document(uri);
    const whole = { start: { line: 0, character: 0 }, end: document.positionAt(document.getText().length) };
    assert.deepEqual(creations(await actionsAt(plain, uri, whole)), []);
    assert.notDeepEqual(creations(await actionsFor(plain, uri)), []);
    plain.close(uri);
  });
});

const worker = `    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: src/
      VpcConfig:
`;

function verdictIn(text: string): string | undefined {
  return lint(parse(text)).functions.find(({ id }) => id === "Worker")?.verdict;
}

/** The place where somebody who has just pasted a function is: somewhere in it. */
function inFunction(session: Session, uri: string): Range {
  const at = session.document(uri).positionAt(session.text(uri).search(/VpcConfig|index\.handler/));
  return { start: at, end: at };
}

async function actionsFor(session: Session, uri: string): Promise<CodeAction[]> {
  return actionsAt(session, uri, inFunction(session, uri));
}

async function actionsAt(session: Session, uri: string, range: Range, only?: string[]): Promise<CodeAction[]> {
  const context = { diagnostics: [...(await session.diagnostics(uri))], ...(only && { only }) };
  return session.connection.sendRequest("textDocument/codeAction", { textDocument: { uri }, range, context });
}

function creations(actions: readonly CodeAction[]): CodeAction[] {
  return actions.filter(({ title }) => /^Create the (?:NAT topology|network) for/.test(title));
}

async function topologies(session: Session, uri: string, fn: string): Promise<TopologyData[]> {
  return session.connection.sendRequest("lambdaEgress/topology", { uri, function: fn });
}
