/**
 * Somebody copies a function with a VpcConfig from a blog into an empty file, or into one that has no name yet, and then
 * takes what the editor offers, with no documentation at hand: in the end the function reaches the internet, and cfn-lint
 * has nothing to say.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { root } from "./prepare.mjs";
import { eventually, has, insist, visit, vsix } from "./window.mjs";

interface Paste {
  readonly name: string;
  readonly text: string;
  /** The line and column of the first thing that is shown to be missing; absent where nothing is marked. */
  readonly marked?: string;
  /** Pasted into a document that is nowhere yet. */
  readonly untitled?: boolean;
}

const serverless: Paste = {
  name: "SAM",
  text: `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: |
        exports.handler = async () => (await fetch("https://example.com")).status;
      VpcConfig:
        SubnetIds:
          - !Ref PrivateSubnetA
          - !Ref PrivateSubnetB
        SecurityGroupIds:
          - !Ref LambdaSecurityGroup
`,
  marked: "Ln 13, Col 13",
};

const plain: Paste = {
  name: "CloudFormation",
  text: `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt WorkerRole.Arn
      Code:
        ZipFile: |
          exports.handler = async () => (await fetch("https://example.com")).status;
      VpcConfig:
        SubnetIds:
          - !Ref PrivateSubnetA
          - !Ref PrivateSubnetB
        SecurityGroupIds:
          - !Ref LambdaSecurityGroup
`,
  marked: "Ln 8, Col 13",
};

const ids: Paste = {
  name: "CloudFormation with the ids of an example",
  text: plain.text
    .replace("!Ref PrivateSubnetA", "subnet-0123456789abcdef0")
    .replace("!Ref PrivateSubnetB", "subnet-0fedcba9876543210")
    .replace("!Ref LambdaSecurityGroup", "sg-0123456789abcdef0")
    .replace("      Role: !GetAtt WorkerRole.Arn\n", ""),
};

/** Nothing but the function: neither the version of the format nor what makes SAM read it. */
const bare: Paste = {
  name: "SAM, alone in an untitled document",
  text: serverless.text.slice(serverless.text.indexOf("Resources:")),
  marked: "Ln 11, Col 13",
  untitled: true,
};

for (const { name, text, marked, untitled = false } of [serverless, plain, ids, bare]) {
  describe(`a newcomer with a function of a blog, in ${name}`, function () {
    this.timeout(180_000);
    this.slow(20_000);
    // Each step stands where the one before left the window.
    this.bail(true);
    const at = visit(async (folder) => {
      if (!untitled) fs.writeFileSync(path.join(folder, "examples/template.yaml"), "");
      return { vsix: [vsix], settings: { "files.autoSave": "off" } };
    });
    const file = () => path.join(at.folder, "template.yaml");
    const lenses = () => at.page.locator(".codelens-decoration");
    const choices = () => at.page.locator(".quick-input-list .monaco-list-row");
    const slug = `${untitled ? "untitled-" : ""}${name.replace(/\W.*/, "").toLowerCase()}`;
    const picture = (stop: string) => at.picture(`newcomer-${slug}-${stop}`);

    it("is told what is wrong", async () => {
      if (untitled) {
        await at.openEmpty();
        await at.palette("File: New Untitled Text File");
        await at.page.locator(".tab.active", { hasText: "Untitled-1" }).waitFor();
        await at.palette("Change Language Mode");
        await choices().first().waitFor();
        await at.page.keyboard.type("YAML");
        await at.page.locator(".quick-input-list .monaco-list-row.focused", { hasText: "YAML" }).waitFor();
        await at.key("Enter");
        await at.page.locator("#status\\.editor\\.mode", { hasText: "YAML" }).waitFor();
        await at.page.locator(".monaco-editor.focused").first().waitFor();
      } else await at.open("template.yaml", "");
      await at.key("Control+B");
      await at.paste(text);
      await lenses().filter({ hasText: "Create NAT topology…" }).first().waitFor();
      if (marked !== undefined) await at.page.locator(".squiggly-info").first().waitFor();
      await picture("pasted");
    });

    it("finds the way out among the quick fixes, or above the function", async () => {
      if (marked === undefined) {
        // A click is lost while lines are still moving.
        await insist(
          () => at.press(lenses().getByText("Create NAT topology…").first()),
          () => choices().first().isVisible(),
          (isOpen) => isOpen,
        );
        return;
      }
      await at.key("F8");
      await at.page.locator(".statusbar-item", { hasText: marked }).waitFor();
      await at.key("Escape");
      const titles = await at.quickFixes(/Create the NAT topology/);
      await picture("quick-fix");
      assert.match(titles[0] ?? "", /Create the NAT topology for Worker…/, titles.join(" | "));
      await at.key("Enter");
    });

    it("chooses one, with what it costs in sight", async () => {
      await choices().first().waitFor();
      await picture("topology");
      assert.match((await choices().first().textContent()) ?? "", /One NAT gateway[\s\S]*NAT gateway: per hour and GB/);
      await at.key("Enter");
      await lenses().filter({ hasText: "Internet: via NatGateway" }).first().waitFor();
      await picture("written");
    });

    it("is done: nothing is underlined, and both checks are content", async () => {
      const faults = at.page.locator(".squiggly-error, .squiggly-warning");
      await eventually(
        () => faults.count(),
        (count) => count === 0,
      );
      await at.key("Control+S");
      if (untitled) {
        const name = at.page.locator(".quick-input-box input");
        // The dialog proposes a name, and takes no other before that.
        await eventually(
          () => name.inputValue(),
          (proposal) => proposal.endsWith(".yaml"),
        );
        await insist(
          () => name.fill(file()),
          () => name.inputValue(),
          (value) => value === file(),
        );
        await at.key("Enter");
      }
      const saved = await eventually(
        async () => (fs.existsSync(file()) ? fs.readFileSync(file(), "utf8") : ""),
        (now) => now.includes("AWS::EC2::NatGateway"),
      );
      assert.ok(!saved.includes("${" + "1:"), "a placeholder is left");
      const cli = spawnSync("node", [path.join(root, "dist/cli.js"), "check", file(), "--format", "json"], {
        encoding: "utf8",
      });
      const [report] = JSON.parse(cli.stdout).files;
      assert.deepEqual([cli.status, report.functions[0].verdict, report.findings], [0, "internet", []]);
      const { status, stdout, stderr } = spawnSync("cfn-lint", [file()], { encoding: "utf8" });
      assert.deepEqual([status, stdout, stderr], [0, "", ""]);
    });

    it("goes on in the saved document", async () => {
      await at.page.locator(".tab.active", { hasText: "template.yaml" }).waitFor();
      await lenses().filter({ hasText: "Internet: via NatGateway" }).first().waitFor();
    });

    it("has nothing left over on the screen", async () => {
      assert.deepEqual(await at.notifications(), []);
      assert.ok(!has(await at.page.locator(".quick-input-widget:visible").allInnerTexts(), /./));
    });
  });
}
