/**
 * Somebody copies a function with a VpcConfig from a blog into an empty file, and then takes what the editor offers, with
 * no documentation at hand: in the end the function reaches the internet, and cfn-lint has nothing to say.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { root } from "./prepare.mjs";
import { eventually, has, visit, vsix } from "./window.mjs";

interface Paste {
  readonly name: string;
  readonly text: string;
  /** What the pasted text is shown to lack, before anything is offered. */
  readonly squiggles: boolean;
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
  squiggles: true,
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
  squiggles: true,
};

const ids: Paste = {
  name: "CloudFormation with the ids of an example",
  text: plain.text
    .replace("!Ref PrivateSubnetA", "subnet-0123456789abcdef0")
    .replace("!Ref PrivateSubnetB", "subnet-0fedcba9876543210")
    .replace("!Ref LambdaSecurityGroup", "sg-0123456789abcdef0")
    .replace("      Role: !GetAtt WorkerRole.Arn\n", ""),
  squiggles: false,
};

for (const { name, text, squiggles } of [serverless, plain, ids]) {
  describe(`a newcomer with a function of a blog, in ${name}`, function () {
    this.timeout(120_000);
    this.slow(20_000);
    // Each step stands where the one before left the window.
    this.bail(true);
    const at = visit(async (folder) => {
      fs.writeFileSync(path.join(folder, "examples/template.yaml"), "");
      return { vsix: [vsix], settings: { "files.autoSave": "off" } };
    });
    const file = () => path.join(at.folder, "template.yaml");
    const lenses = () => at.page.locator(".codelens-decoration");
    const picture = (stop: string) => at.picture(`newcomer-${name.replace(/\W.*/, "").toLowerCase()}-${stop}`);

    it("is told what is wrong", async () => {
      await at.open("template.yaml", "");
      await at.key("Control+B");
      await at.paste(text);
      await lenses().filter({ hasText: "Create NAT topology…" }).first().waitFor();
      if (squiggles) await at.page.locator(".squiggly-info").first().waitFor();
      await picture("pasted");
    });

    it("finds the way out among the quick fixes, or above the function", async () => {
      if (squiggles) {
        await at.key("F8");
        await at.page.locator(".statusbar-item", { hasText: /Ln 13, Col 13|Ln 8, Col 13/ }).waitFor();
        await at.key("Escape");
        const titles = await at.quickFixes();
        await picture("quick-fix");
        assert.match(titles[0] ?? "", /Create the NAT topology for Worker…/, titles.join(" | "));
        await at.key("Enter");
      } else {
        // A click is lost while lines are still moving.
        await eventually(
          async () => {
            await at.press(lenses().getByText("Create NAT topology…").first());
            return at.page
              .locator(".quick-input-list .monaco-list-row")
              .first()
              .waitFor({ timeout: 3000 })
              .then(
                () => true,
                () => false,
              );
          },
          (isOpen) => isOpen,
        );
      }
    });

    it("chooses one, with what it costs in sight", async () => {
      const choices = at.page.locator(".quick-input-list .monaco-list-row");
      await choices.first().waitFor();
      await picture("topology");
      assert.match((await choices.first().textContent()) ?? "", /One NAT gateway[\s\S]*NAT gateway: per hour and GB/);
      await at.key("Enter");
      await lenses().filter({ hasText: "Internet: via NatGateway" }).first().waitFor();
      await picture("written");
    });

    it("is done: nothing is underlined, and both checks are content", async () => {
      assert.equal(await at.page.locator(".squiggly-error, .squiggly-warning").count(), 0);
      await at.key("Control+S");
      const saved = await eventually(
        async () => fs.readFileSync(file(), "utf8"),
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

    it("has nothing left over on the screen", async () => {
      assert.deepEqual(await at.notifications(), []);
      assert.ok(!has(await at.page.locator(".quick-input-widget:visible").allInnerTexts(), /./));
    });
  });
}
