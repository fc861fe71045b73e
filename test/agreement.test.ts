/**
 * Editor and command line say the same of every fixture, through the shipped server and the bundled
 * program, and the command line's JSON is what docs/report.schema.json says.
 *
 * What a fixture's head sets stands in a folder file beside it, which both read.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { CodeAction, Diagnostic } from "vscode-languageserver-protocol/node";
import { stringify } from "yaml";
import schema from "../docs/report.schema.json";
import type { JsonFinding, JsonReport } from "../server/src/report/json";
import { type CommandLine, commandLine } from "./command-line";
import { type Fixture, readFixtures } from "./harness";
import { type Session, startSession } from "./lsp-session";

const ajv = new Ajv2020({ allErrors: true });
const isReport = ajv.compile(schema);

describe("agreement", function () {
  this.timeout(180_000);
  let command: CommandLine;
  let folder = "";
  let report: JsonReport;
  let session: Session | undefined;
  const fixtures = readFixtures();

  before("check every fixture", async () => {
    command = await commandLine();
    folder = command.folder(Object.fromEntries(fixtures.flatMap(filesOf)));
    const { version, files } = await command.json(folder, [".", "--fail-on", "never"]);
    report = { version, files };
    session = await startSession({ folders: [pathToFileURL(folder).href] });
  });
  after(async () => {
    const status = await session?.stop();
    command.remove();
    assert.equal(status, 0);
    assert.equal(session?.stderr, "");
  });

  it("of the report and its schema, for every fixture", () => {
    assert.ok(isReport(report), ajv.errorsText(isReport.errors));
    assert.ok(report.files.length > fixtures.length / 2, `${report.files.length} of ${fixtures.length}`);
  });

  it("of the schema with what is wrong: nothing else passes", () => {
    const [file] = report.files.filter(({ findings, functions }) => findings.length > 0 && functions.length > 0);
    assert.ok(file);
    const [finding] = file.findings;
    const [fn] = file.functions;
    for (const wrong of [
      { ...report, version: 2 },
      { ...report, extra: 1 },
      { ...report, files: [{ ...file, kind: "terraform" }] },
      { ...report, files: [{ ...file, functions: [{ ...fn, verdict: "maybe" }] }] },
      { ...report, files: [{ ...file, findings: [{ ...finding, severity: "fatal" }] }] },
      { ...report, files: [{ ...file, findings: [{ ...finding, range: undefined }] }] },
    ]) {
      assert.equal(isReport(JSON.parse(JSON.stringify(wrong))), false, JSON.stringify(Object.keys(wrong)));
    }
  });

  it("of what is unreadable and what is no template with the schema", async () => {
    const { version, files } = await command.json(folder, ["missing.yaml", "none.yaml"]);
    assert.ok(isReport({ version, files }), ajv.errorsText(isReport.errors));
    assert.deepEqual(
      files.map(({ kind }) => kind),
      ["unreadable", "unreadable"],
    );
  });

  it("of the server with the command line, for every fixture", async () => {
    assert.ok(session);
    let findings = 0;
    const silent = new Map<string, Fixture>();
    for (const fixture of fixtures) {
      const file = path.join(folder, placeOf(fixture));
      const uri = session.open(pathToFileURL(file).href, fs.readFileSync(file, "utf8"), fixture.language);
      const expected = report.files.find((one) => one.path === placeOf(fixture));
      if (expected === undefined) silent.set(uri, fixture);
      else {
        const diagnostics = await session.diagnostics(uri);
        const fixes: CodeAction[][] = await session.fixes(uri, diagnostics);
        const found = diagnostics.map((diagnostic, index) => toFinding(diagnostic, fixes[index] ?? []));
        assert.deepEqual(found, expected.findings.map(comparable), fixture.name);
        findings += diagnostics.length;
      }
    }
    assert.ok(findings > 50, `${findings} findings`);
    // Whatever comes after all of them was published after all of them.
    await session.diagnostics(session.open("untitled:last", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"));
    for (const { uri } of session.published) {
      assert.equal(silent.get(uri)?.name, undefined, "is no template on the command line");
    }
  });
});

/** Each fixture lies in a folder of its own, so that its settings are its own. */
function placeOf({ name }: Fixture): string {
  return `${name.replace(/\.(\w+)$/, "-$1")}/${path.posix.basename(name)}`;
}

function filesOf(fixture: Fixture): [string, string][] {
  const { expect, rules } = fixture.settings;
  const place = placeOf(fixture);
  return [
    [place, fixture.text],
    [`${path.posix.dirname(place)}/.lambda-egress.yaml`, stringify({ expect, rules })],
  ];
}

/** What both must agree on; notes come along, as they lie in the same file. */
function comparable({ rule, severity, message, range, notes, fixes }: JsonFinding) {
  return { rule, severity, message, range, notes: notes.map(({ message, range }) => ({ message, range })), fixes };
}

function toFinding(
  { code, severity, message, range, relatedInformation = [] }: Diagnostic,
  fixes: readonly CodeAction[],
) {
  return {
    rule: code,
    severity: ["", "error", "warning", "information", "hint"][severity ?? 0],
    message,
    range,
    notes: relatedInformation.map(({ message, location }) => ({ message, range: location.range })),
    fixes: fixes.map(({ title }) => title),
  };
}
