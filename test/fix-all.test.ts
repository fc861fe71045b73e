/** Every safe fix at once: in the core, on the command line, and as the editor's source.fixAll. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { TextEdit } from "vscode-languageserver-protocol/node";
import { applyEdits } from "../server/src/edit/edit";
import { fixAll, lineEdits } from "../server/src/fix-all";
import { lint } from "../server/src/lint";
import { parse } from "../server/src/template/parse";
import { type CommandLine, commandLine } from "./command-line";
import { lintAs, newProblems, newRules, readFixtures } from "./harness";
import { type Session, startSession } from "./lsp-session";

/** Three faults with safe fixes, of which one comes up only when another is mended. */
const faulty = `# Comments stay.
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: { CidrBlock: 10.0.0.0/16 }
  Gateway:
    Type: AWS::EC2::InternetGateway
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway }
  Public:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24 }
  PublicTable:
    Type: AWS::EC2::RouteTable
    Properties: { VpcId: !Ref Vpc }
  PublicRoute: # the way out
    Type: AWS::EC2::Route
    Properties: { RouteTableId: PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway }
  PublicAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { SubnetId: Public, RouteTableId: !Ref PublicTable }
  Address:
    Type: AWS::EC2::EIP
    Properties: { Domain: vpc }
`;

describe("every safe fix at once", function () {
  this.timeout(60_000);

  it("goes on until no safe fix is left, and says what it did", () => {
    const { text, made } = fixAll(parse(faulty));
    assert.ok(made.length >= 3, `${made.length} fixes`);
    assert.match(text, /RouteTableId: !Ref PublicTable, DestinationCidrBlock/);
    assert.match(text, /SubnetId: !Ref Public,/);
    assert.match(text, /PublicRoute: # the way out\n {4}Type: AWS::EC2::Route\n {4}DependsOn: Attachment/);
    assert.deepEqual(fixAll(parse(text)), { text, made: [] });
  });

  it("leaves a sound text without new faults for every fixture, and ends there", () => {
    let changed = 0;
    for (const fixture of readFixtures()) {
      const { settings, parameters, text: before } = fixture;
      const options = { settings, parameters };
      const { text } = fixAll(parse(before), options);
      assert.deepEqual(fixAll(parse(text), options).text, text, fixture.name);
      if (text === before) continue;
      changed++;
      assert.deepEqual(newProblems(before, text), [], fixture.name);
      assert.deepEqual(newRules(lintAs(fixture, before), lintAs(fixture, text)), [], fixture.name);
      assert.equal(applyEdits(before, lineEdits(before, text)), text, fixture.name);
    }
    assert.ok(changed > 20, `only ${changed} fixtures have safe fixes`);
  });

  describe("on the command line", () => {
    let cli: CommandLine;
    before(async () => {
      cli = await commandLine();
    });
    after(() => cli.remove());
    const expected = fixAll(parse(faulty)).text;

    it("writes the files, keeps line breaks, byte order marks and modes, and reports what is left", async () => {
      const folder = cli.folder({
        "plain.yaml": faulty,
        "windows.yaml": `\ufeff${faulty.replaceAll("\n", "\r\n")}`,
        "clean.yaml": "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n",
        "other.json": '{ "name": "x" }',
      });
      const at = (name: string) => path.join(folder, name);
      fs.chmodSync(at("plain.yaml"), 0o640);
      fs.symlinkSync("plain.yaml", at("link.yaml"));
      const times = fs.statSync(at("clean.yaml")).mtimeMs;
      const { status, stdout, stderr } = await cli.run(folder, ["check", ".", "--fix", "--quiet"]);
      assert.equal(status, 0, stdout + stderr);
      assert.equal(fs.readFileSync(at("plain.yaml"), "utf8"), expected);
      assert.equal(fs.readFileSync(at("windows.yaml"), "utf8"), `\ufeff${expected.replaceAll("\n", "\r\n")}`);
      assert.equal(fs.statSync(at("plain.yaml")).mode & 0o777, 0o640);
      assert.ok(fs.lstatSync(at("link.yaml")).isSymbolicLink());
      assert.equal(fs.statSync(at("clean.yaml")).mtimeMs, times);
      assert.match(stderr, /(?:plain|link)\.yaml: \d fixes made/);
      assert.deepEqual(fs.readdirSync(folder).sort(), [
        "clean.yaml",
        "link.yaml",
        "other.json",
        "plain.yaml",
        "windows.yaml",
      ]);
      const again = await cli.run(folder, ["check", ".", "--fix"]);
      assert.doesNotMatch(again.stderr, /made/);
    });

    it("ends with 1 for what it cannot mend", async () => {
      const bad = `${faulty.replace("Resources:", "Resources:\n  Worker:\n    Type: AWS::Lambda::Function\n    Properties: { VpcConfig: { SubnetIds: [!Ref Public], SecurityGroupIds: [] } }")}`;
      const folder = cli.folder({ "template.yaml": bad });
      const { status, stdout } = await cli.run(folder, ["check", "template.yaml", "--fix"]);
      assert.equal(status, 1);
      assert.match(stdout, /incomplete-vpc-config/);
      assert.doesNotMatch(stdout, /name-instead-of-reference/);
    });

    it("prints a patch with --dry-run, which git applies, and writes nothing", async () => {
      for (const text of [faulty, `\ufeff${faulty.replaceAll("\n", "\r\n")}`, faulty.trimEnd()]) {
        const folder = cli.folder({ "stacks/template.yaml": text });
        const { status, stdout } = await cli.run(folder, ["check", ".", "--fix", "--dry-run"]);
        assert.equal(status, 0);
        assert.match(stdout, /^--- a\/stacks\/template\.yaml\t?\r?\n\+\+\+ b\/stacks\/template\.yaml/);
        const file = path.join(folder, "stacks/template.yaml");
        assert.equal(fs.readFileSync(file, "utf8"), text);
        const applied = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], {
          cwd: folder,
          input: stdout,
          encoding: "utf8",
        });
        assert.equal(applied.status, 0, applied.stderr);
        const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
        assert.equal(fs.readFileSync(file, "utf8"), mark + fixAll(parse(text.slice(mark.length))).text);
      }
    });

    it("refuses what makes no sense, and says what it cannot write", async () => {
      const folder = cli.folder({ "template.yaml": faulty });
      assert.equal((await cli.run(folder, ["check", "template.yaml", "--dry-run"])).status, 2);
      assert.equal((await cli.run(folder, ["check", "-", "--fix"], faulty)).status, 2);
      const { status, stdout } = await cli.run(folder, ["check", "-", "--fix", "--dry-run"], faulty);
      assert.equal(status, 0);
      assert.match(stdout, /^--- a\/-/);
      assert.equal(fs.readFileSync(path.join(folder, "template.yaml"), "utf8"), faulty);
    });
  });

  describe("in an editor", () => {
    let session: Session;
    before(async function () {
      this.timeout(60_000);
      session = await startSession();
    });
    after(async () => assert.equal(await session.stop(), 0));

    it("comes for its own kind and the kinds above it, right after a change too, and only then", async () => {
      const uri = session.open("file:///all/template.yaml", faulty);
      const ask = (only?: string[]) => session.codeActions(uri, [], only);
      for (const kind of ["source.fixAll.lambdaEgress", "source.fixAll", "source"]) {
        assert.equal((await ask([kind])).length, 1, kind);
      }
      for (const only of [undefined, ["source.organizeImports"], ["source.fixAll.other"], ["quickfix"]]) {
        assert.deepEqual(await ask(only), [], String(only));
      }
      session.replace(uri, "# Comments stay.", "# Typed just now.");
      const [action] = await ask(["source.fixAll.lambdaEgress"]);
      const [change] = action?.edit?.documentChanges ?? [];
      assert.ok(change && "edits" in change);
      session.edit(uri, ...(change.edits as TextEdit[]));
      const text = session.text(uri);
      assert.equal(text, fixAll(parse(faulty)).text.replace("# Comments stay.", "# Typed just now."));
      assert.deepEqual(
        lint(parse(text)).findings.flatMap(({ fixes }) => fixes.filter(({ safe }) => safe)),
        [],
      );
      assert.deepEqual(await ask(["source.fixAll"]), []);
    });
  });
});
