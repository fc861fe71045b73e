/**
 * How the extension behaves among others, in a real window: beside the YAML extension, in a workspace that nobody
 * trusts, and towards somebody who has just installed it. Each stop keeps a picture.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { packYamlExtension, root } from "./prepare.mjs";
import { eventually, has, visit, vsix } from "./window.mjs";

/** What the YAML extension knows of templates here, so that it has something to say beside us. */
const schema = {
  type: "object",
  properties: {
    Resources: {
      type: "object",
      additionalProperties: {
        properties: {
          Properties: {
            properties: {
              VpcConfig: {
                description: "The schema speaks of VpcConfig.",
                properties: {
                  SubnetIds: { description: "The schema speaks of SubnetIds." },
                  SchemaOnly: { type: "boolean" },
                },
              },
            },
          },
        },
      },
    },
  },
};

describe("in a workspace that nobody trusts", function () {
  this.timeout(180_000);
  this.slow(20_000);
  this.bail(true);
  const at = visit(async () => ({ vsix: [vsix], untrusted: true }));

  it("underlines what is wrong, in restricted mode", async () => {
    await at.open("public-subnet.yaml", "SubnetIds:");
    await at.page.waitForSelector(".squiggly-error");
    await at.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await at.picture("untrusted");
  });

  it("lists no command that asks AWS or speaks of it", async () => {
    await at.page.keyboard.press("F1");
    await at.page.keyboard.type("Lambda Egress:");
    const rows = at.page.locator(".quick-input-list .monaco-list-row .label-name");
    const titles = await eventually(
      () => rows.allInnerTexts(),
      (all) => has(all, /Restart Server/),
    );
    await at.picture("untrusted-commands");
    assert.ok(has(titles, /Insert Lambda-with-NAT VPC/));
    assert.ok(!has(titles, /Check Deployed|IAM|AWS/), titles.join("\n"));
    await at.key("Escape");
  });

  it("offers none beside the text either", async () => {
    await at.click("SubnetIds:");
    await at.key("Shift+F10");
    const rows = at.page.locator(".monaco-menu .action-label");
    const titles = await eventually(
      () => rows.allInnerTexts(),
      (all) => has(all, /Insert Lambda-with-NAT VPC/),
    );
    assert.ok(!has(titles, /Check Deployed/), titles.join("\n"));
    await at.key("Escape");
  });

  it("says itself that the text is broken, where nobody else does", async () => {
    await at.key("Control+Shift+M");
    await at.click("SubnetIds:");
    await at.key("End");
    await at.page.keyboard.type(" [");
    await at.problems("", (rows) => has(rows, /template-syntax/));
  });

  it("has shown no notification", async () => assert.deepEqual(await at.notifications(), []));
});

describe("getting started", function () {
  this.timeout(180_000);
  this.slow(20_000);
  this.bail(true);
  const at = visit(async () => ({ vsix: [vsix] }));
  const steps = () => at.page.locator(".getting-started-step");

  it("opens with its steps, each with a picture", async () => {
    await at.open("good.yaml", "Resources:");
    // In a narrow editor the steps stand without their pictures.
    await at.key("Control+B");
    await at.palette("Lambda Egress: Get Started");
    await steps().first().waitFor();
    const { walkthroughs } = read("package.json").contributes;
    const texts = read("package.nls.json");
    // That on the tags of the YAML extension is for those who have it.
    const shown = walkthroughs[0].steps.filter(({ id }: { id: string }) => id !== "yaml-tags");
    await eventually(
      () => steps().count(),
      (count) => count === shown.length,
    );
    for (const [index, { id, title }] of shown.entries()) {
      await steps().nth(index).click();
      await steps()
        .nth(index)
        .filter({ hasText: texts[title.slice(1, -1)] })
        .waitFor();
      await at.picture(`walkthrough-${id}`);
    }
  });

  it("ticks a step off once it is done", async () => {
    await steps().first().click();
    await at.page.locator(".getting-started-step .monaco-button", { hasText: "Open Example" }).click();
    await at.page.waitForSelector(".squiggly-error");
    await at.page.locator("#status\\.languageStatus").click();
    const status = at.page.locator(".hover-language-status");
    await status.filter({ hasText: "Lambda Egress: 1 function, 1 without internet" }).waitFor();
    await at.picture("walkthrough-example-opened");
    await at.palette("Lambda Egress: Get Started");
    await at.page.locator(".getting-started-step .codicon-getting-started-step-checked.complete").first().waitFor();
    await at.picture("walkthrough-ticked");
  });

  it("leads to the settings, which stand in groups", async () => {
    await steps().filter({ hasText: "on purpose" }).click();
    await at.page.locator(".getting-started-step .monaco-button", { hasText: "Open Settings" }).click();
    const titles = at.page.locator(".settings-toc-container .monaco-list-row");
    await eventually(
      () => titles.allInnerTexts(),
      (all) => has(all, /Templates/) && has(all, /AWS Account/) && has(all, /Troubleshooting/),
    );
    await at.picture("settings");
  });

  it("has shown no notification", async () => assert.deepEqual(await at.notifications(), []));
});

describe("the window, beside the YAML extension", function () {
  this.timeout(180_000);
  this.slow(20_000);
  // Each step stands where the one before left the window.
  this.bail(true);
  const at = visit(async (folder) => {
    const file = path.join(folder, "schema.json");
    fs.writeFileSync(file, JSON.stringify(schema));
    return {
      vsix: [vsix, await packYamlExtension()],
      settings: {
        "yaml.schemas": { [`file://${file}`]: "*.yaml" },
        "yaml.schemaStore.enable": false,
        "files.autoSave": "off",
      },
    };
  });

  const settings = () => path.join(at.folder, ".vscode/settings.json");
  const scope = (label: string) => at.page.locator(".quick-input-list .monaco-list-row", { hasText: label });

  it("underlines what each of the two finds", async () => {
    await at.open("public-subnet.yaml", "SubnetIds:");
    await at.page.waitForSelector(".squiggly-error");
    await at.key("Control+Shift+M");
    await at.problems("Unresolved tag", (rows) => rows.length > 3);
    await at.picture("beside-yaml");
    const own = await at.problems("lambda-egress", (rows) => has(rows, /public-subnet/));
    assert.equal(new Set(own).size, own.length, own.join("\n"));
  });

  it("shows the answers of both in one hover", async () => {
    await at.click("SubnetIds:");
    // A hint is marked at its beginning only.
    await at.key("Home", "ArrowRight");
    const texts = await at.hover((all) => has(all, /The schema speaks of SubnetIds/) && has(all, /single-az/));
    assert.equal(texts.join().split("single-az").length, 2, texts.join("\n"));
    await at.picture("beside-yaml-hover");
    await at.key("Escape");
  });

  it("leaves the other's completions where they are, and what a parser sees", async () => {
    await at.click("SubnetIds:");
    await at.key("Home", "Enter", "ArrowUp");
    await at.page.keyboard.type("Sch");
    await at.key("Control+Space");
    await at.page.locator(".suggest-widget .monaco-list-row", { hasText: "SchemaOnly" }).first().waitFor();
    await at.picture("beside-yaml-completion");
    await at.key("Escape");
    await at.problems("Implicit", (rows) => has(rows, /YAML/));
    await at.problems("template-syntax", (rows) => rows.length === 0);
    await at.picture("beside-yaml-broken");
    await at.palette("File: Revert File");
    await at.problems("lambda-egress", (rows) => has(rows, /public-subnet/));
  });

  it("says at a glance how the functions stand, and offers the tags", async () => {
    await at.page.locator("#status\\.languageStatus").click();
    const status = at.page.locator(".hover-language-status");
    await status.filter({ hasText: "Lambda Egress: 1 function, 1 without internet" }).waitFor();
    const text = (await status.allInnerTexts()).join("\n");
    assert.match(text, /Show Problems/);
    assert.match(text, /does not know CloudFormation's tags/);
    await at.picture("status");
  });

  it("asks first, and writes nothing unless told where", async () => {
    await at.page.locator(".hover-language-status a", { hasText: "Add Them" }).click();
    await scope("Workspace").waitFor();
    await at.picture("yaml-tags");
    await at.key("Escape");
    await scope("Workspace").waitFor({ state: "hidden" });
    assert.ok(!fs.existsSync(settings()));
  });

  it("adds the tags where it is told to, and ticks the walkthrough's step off", async () => {
    // In a narrow or low editor the steps stand without their pictures.
    await at.key("Control+J", "Control+B");
    await at.palette("Lambda Egress: Get Started");
    const step = at.page.locator(".getting-started-step", { hasText: "YAML extension" });
    await step.click();
    // A step that unfolds takes the focus, and a list that loses it closes.
    await at.picture("walkthrough-yaml-tags");
    await step.locator(".monaco-button", { hasText: "Add Tags" }).click();
    await scope("Workspace").waitFor();
    await at.key("ArrowDown", "Enter");
    await step.locator(".codicon-getting-started-step-checked.complete").waitFor();
    await at.picture("walkthrough-yaml-tags-ticked");
    await at.key("Control+Shift+M");
    await at.problems("Unresolved tag", (texts) => texts.length === 0);
    await at.problems("lambda-egress", (texts) => has(texts, /public-subnet/));
    const { "yaml.customTags": tags, ...others } = JSON.parse(fs.readFileSync(settings(), "utf8"));
    assert.ok(tags.includes("!Ref scalar") && tags.includes("!Sub sequence"));
    assert.deepEqual(others, {});
  });

  it("has shown no notification", async () => assert.deepEqual(await at.notifications(), []));
});

describe("in a window that speaks German", function () {
  this.timeout(180_000);
  this.slow(20_000);
  this.bail(true);
  const at = visit(async () => ({ vsix: [vsix], settings: { "editor.lightbulb.enabled": "off" } }), { language: "de" });

  it("says above the function how it stands, and below it why", async () => {
    await at.open("public-subnet.yaml", "SubnetIds:");
    await at.page.locator(".codelens-decoration", { hasText: "Kein Internet: " }).waitFor();
    await at.key("Control+Shift+M");
    await at.problems("lambda-egress", (rows) => has(rows, /kann das Internet aus .* nicht erreichen/));
    await at.picture("german");
  });

  it("offers fixes", async () => {
    await at.click("SubnetIds:");
    const titles = await at.quickFixes(/NAT-Topologie für \w+ erstellen/);
    await at.picture("german-fixes");
    assert.ok(!has(titles, /Create|Move/), titles.join("\n"));
    await at.key("Escape");
  });

  it("has names for its commands and settings", async () => {
    await at.page.keyboard.press("F1");
    await at.page.keyboard.type("Lambda Egress:");
    const rows = at.page.locator(".quick-input-list .monaco-list-row .label-name");
    await eventually(
      () => rows.allInnerTexts(),
      (all) => has(all, /Ausgabe anzeigen/) && has(all, /Beispiel-Template öffnen/),
    );
    await at.picture("german-commands");
    await at.key("Escape");
    await at.palette("Preferences: Open Settings (UI)");
    await at.page.keyboard.type("@ext:lambda-egress.lambda-egress");
    await at.page
      .locator(".setting-item-description", { hasText: "Was Funktionen erreichen sollen" })
      .first()
      .waitFor();
    await at.picture("german-settings");
  });

  it("tells at a glance how the functions stand", async () => {
    await at.open("public-subnet.yaml", "SubnetIds:");
    await at.page.locator("#status\\.languageStatus").click();
    const status = at.page.locator(".hover-language-status");
    await status.filter({ hasText: "Lambda Egress: 1 Funktion, 1 ohne Internet" }).waitFor();
    assert.match((await status.allInnerTexts()).join("\n"), /Probleme anzeigen/);
  });

  it("explains itself to who has just installed it", async () => {
    await at.key("Escape", "Control+B");
    await at.palette("Lambda Egress: Erste Schritte");
    const texts = Object.entries(read("package.nls.de.json")).filter(([key]) => /steps\.example\.title$/.test(key));
    for (const [, title] of texts) await at.page.locator(".getting-started-step", { hasText: String(title) }).waitFor();
    assert.equal(texts.length, 1);
    await at.picture("german-walkthrough");
  });

  it("has shown no notification", async () => assert.deepEqual(await at.notifications(), []));
});

function read(file: string) {
  return JSON.parse(fs.readFileSync(path.join(root, file), "utf8"));
}
