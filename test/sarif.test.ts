/** The SARIF report: valid by its schema for every fixture, and right in what it says. */
import assert from "node:assert/strict";
import type { ArtifactChange, Fix, Log, Region, Replacement, Result } from "sarif";
import { lint } from "../server/src/lint";
import { english, render } from "../server/src/message";
import type { CheckedFile, FileReport } from "../server/src/report/file";
import { toSarif, toSarifLog } from "../server/src/report/sarif";
import { rules } from "../server/src/rules/index";
import { parse } from "../server/src/template/parse";
import { type CommandLine, commandLine } from "./command-line";
import { applyEdits, type Fixture, lintAs, readFixture, readFixtures } from "./harness";
import { validSarif } from "./sarif-schema";

const broken = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Type: AWS::SNS::Topic\n";
const options = { version: "1.2.3", homepage: "https://example.com/", problems: [], exitCode: 0, catalogue: english };

describe("SARIF", function () {
  this.timeout(60_000);

  describe("is valid by its schema", () => {
    it("for all fixtures together, and says of each what lint says", () => {
      const files = readFixtures().map(check);
      const results = resultsOf(files);
      let fixes = 0;
      for (const { path, text, result: linted } of files) {
        for (const finding of linted.findings) {
          const result = results.shift();
          assert.equal(result?.locations?.[0]?.physicalLocation?.artifactLocation?.uri, path);
          assert.deepEqual([result.ruleId, result.message.text], [finding.rule, render(finding.message)]);
          assert.equal(cut(text, regionOf(result)), text.slice(finding.span.start, finding.span.end));
          assert.deepEqual(
            result.relatedLocations?.map(({ message }) => message?.text) ?? [],
            finding.notes.map(({ message }) => render(message)),
          );
          for (const [number, { edits, title }] of finding.fixes.entries()) {
            const fix: Fix | undefined = result.fixes?.[number];
            assert.equal(fix?.description?.text, render(title));
            const [change, ...others]: readonly ArtifactChange[] = fix?.artifactChanges ?? [];
            assert.equal(others.length, 0);
            assert.equal(replaced(text, change?.replacements ?? []), applyEdits(text, edits));
            fixes++;
          }
        }
      }
      assert.equal(results.length, 0);
      assert.ok(fixes > 20, `${fixes} fixes`);
    });

    it("without files", () => {
      assert.deepEqual(valid([]).runs[0]?.results, []);
    });
  });

  it("describes every rule, and results point at theirs", () => {
    const file = check(readFixture("public-subnet/default-route.yaml"));
    const { tool, results = [] } = run(valid([file]));
    assert.deepEqual(
      tool.driver.rules?.map(({ id }) => id),
      rules.map(({ id }) => id),
    );
    for (const rule of tool.driver.rules ?? []) {
      assert.ok(rule.shortDescription?.text && rule.fullDescription?.text && rule.help?.text && rule.help.markdown);
      assert.doesNotMatch(rule.help.text, /^#|\]\(|\*\*/m);
      assert.match(rule.helpUri ?? "", new RegExp(`/docs/rules/${rule.id}\\.md$`));
    }
    const levels = Object.fromEntries(
      tool.driver.rules?.map(({ id, defaultConfiguration }) => [id, defaultConfiguration]) ?? [],
    );
    assert.deepEqual(levels["public-subnet"], { level: "error", enabled: true });
    assert.equal(
      tool.driver.rules?.filter(({ defaultConfiguration }) => defaultConfiguration?.enabled === false).length,
      rules.filter(({ offByDefault }) => offByDefault === true).length,
    );
    assert.ok(results.length > 0);
    for (const { ruleId, ruleIndex = -1 } of results) assert.equal(rules[ruleIndex]?.id, ruleId);
  });

  it("points at the marked text, counted from one in UTF-16 units", () => {
    const text =
      'Resources:\r\n  "🚀é":\r\n    Type: AWS::SNS::Topic\r\n  A: { "🚀": 1, Type: AWS::SNS::Topic, Type: AWS::SNS::Topic }\r\n';
    const [result] = resultsOf([checked("a.yaml", text)]);
    const [finding] = lint(parse(text)).findings;
    assert.ok(result && finding);
    assert.equal(cut(text, regionOf(result)), text.slice(finding.span.start, finding.span.end));
    assert.equal(regionOf(result).startLine, 4);
    assert.equal(regionOf(result).startColumn, (text.split("\r\n")[3]?.lastIndexOf("Type:") ?? 0) + 1);
  });

  it("names a finding by what stays when lines move, and no two alike", () => {
    const { text } = readFixture("public-subnet/default-route.yaml");
    const prints = (source: string, path = "a.yaml") =>
      resultsOf([checked(path, source)]).map(({ partialFingerprints }) => partialFingerprints?.["lambdaEgress/v1"]);
    const usual = prints(text);
    assert.ok(usual.length > 0 && usual.every((print) => /^[0-9a-f]{16}:\d+$/.test(print ?? "")));
    assert.deepEqual(prints(`# moved\n\n${text}`), usual);
    assert.notDeepEqual(prints(text, "b.yaml"), usual);
    const twice = prints(broken.replace(/( {4}Type.*\n)/g, "$1$1"));
    assert.ok(twice.length > 1);
    assert.equal(new Set(twice).size, twice.length);
  });

  it("writes paths as references that can be resolved", () => {
    const uri = (path: string) =>
      valid([checked(path, broken)]).runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
    assert.equal(uri("./a b/#1.yaml"), "a%20b/%231.yaml");
    assert.equal(uri("../x.yaml"), "../x.yaml");
    assert.equal(uri("/tmp/é.yaml"), "file:///tmp/%C3%A9.yaml");
    assert.equal(uri("C:/x/a.yaml"), "file:///C:/x/a.yaml");
  });

  describe("on the command line", () => {
    let command: CommandLine;
    before(async () => {
      command = await commandLine();
    });
    after(() => command.remove());

    it("tells of files that could not be read, and of the others", async () => {
      const { text } = readFixture("public-subnet/default-route.yaml");
      const folder = command.folder({ "a.yaml": text, "bad.yaml": "\0" });
      const args = ["check", "--format", "sarif", "a.yaml", "bad.yaml", "missing.yaml"];
      const { status, stdout, stderr } = await command.run(folder, args);
      assert.equal(status, 2);
      assert.match(stderr, /bad\.yaml: is a binary file\n.*missing\.yaml: no such file/);
      const { invocations, results = [], tool } = run(validSarif(JSON.parse(stdout)));
      assert.deepEqual(
        invocations?.map(({ executionSuccessful, exitCode, toolExecutionNotifications = [] }) => [
          executionSuccessful,
          exitCode,
          toolExecutionNotifications.map(({ level, message }) => `${level} ${message.text}`),
        ]),
        [[false, 2, ["error bad.yaml: is a binary file", "error missing.yaml: no such file or folder"]]],
      );
      assert.ok(results.length > 0);
      assert.match(tool.driver.version ?? "", /^\d+\.\d+\.\d+/);
    });

    it("says that all went well, whatever was found", async () => {
      const folder = command.folder({ "a.yaml": broken });
      const { status, stdout } = await command.run(folder, ["check", "--format", "sarif", "."]);
      const [invocation] = run(validSarif(JSON.parse(stdout))).invocations ?? [];
      assert.deepEqual([status, invocation?.executionSuccessful, invocation?.exitCode], [1, true, 1]);
    });
  });
});

function check(fixture: Fixture): CheckedFile {
  return { path: fixture.name, text: fixture.text, result: lintAs(fixture, fixture.text) };
}

function checked(path: string, text: string): CheckedFile {
  return { path, text, result: lint(parse(text)) };
}

/** Returns the log as a reader gets it, after holding it against the schema. */
function valid(files: readonly FileReport[]): Log {
  const text = toSarif(files, options);
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(toSarifLog(files, options))));
  return validSarif(JSON.parse(text));
}

function run(log: Log): Log["runs"][number] {
  const [only, ...others] = log.runs;
  assert.ok(only && others.length === 0);
  assert.equal(only.columnKind, "utf16CodeUnits");
  return only;
}

function resultsOf(files: readonly FileReport[]): Result[] {
  return run(valid(files)).results ?? [];
}

function regionOf(result: Result): Region {
  const region = result.locations?.[0]?.physicalLocation?.region;
  assert.ok(region);
  return region;
}

/** Reads a region as the standard says, on its own. */
function offsets(text: string, { startLine = 1, startColumn = 1, endLine = 1, endColumn = 1 }: Region) {
  const lines = text.split(/(?<=\n)/);
  const offset = (line: number, column: number) => lines.slice(0, line - 1).join("").length + column - 1;
  return { start: offset(startLine, startColumn), end: offset(endLine, endColumn) };
}

function cut(text: string, region: Region): string {
  const { start, end } = offsets(text, region);
  return text.slice(start, end);
}

function replaced(text: string, replacements: readonly Replacement[]): string {
  return applyEdits(
    text,
    replacements.map(({ deletedRegion, insertedContent }) => ({
      span: offsets(text, deletedRegion),
      text: insertedContent?.text ?? "",
    })),
  );
}
