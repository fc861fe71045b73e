/**
 * What the editor shows without being asked, in a real window: the line above a function, the words behind its subnets,
 * the hover, and how they look in each kind of theme; and the safe fixes, made when a template is saved.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { eventually, has, insist, visit, vsix } from "./window.mjs";

describe("what a template shows at a glance", function () {
  this.timeout(180_000);
  this.slow(20_000);
  // Each step stands where the one before left the window.
  this.bail(true);
  const at = visit(async () => ({
    vsix: [vsix],
    settings: { "editor.codeActionsOnSave": { "source.fixAll.lambdaEgress": "explicit" } },
  }));
  const lens = (text: string) => at.page.locator(".codelens-decoration a", { hasText: text }).first();
  const background = () =>
    at.page.evaluate<string>(`getComputedStyle(document.querySelector(".monaco-editor-background")).backgroundColor`);

  it("the verdict above the function, and behind each subnet what it is", async () => {
    await at.open("forgotten-association.yaml", "VpcConfig:");
    await at.key("Control+B");
    await lens("From some subnets only").waitFor();
    const hints = at.page.locator(".view-line", { hasText: /SubnetPrivateA.*private.→.Nat/ });
    await eventually(
      () => hints.count(),
      (count) => count > 0,
    );
    await at.page.locator(".view-line", { hasText: /SubnetPrivateB.*isolated/ }).waitFor();
    await at.picture("glance");
  });

  it("the whole way out, where a person points", async () => {
    await at.click("Geocoder:");
    await at.key("Home");
    const texts = await at.hover((all) => has(all, /→/));
    assert.match(texts.join("\n"), /reaches the internet from some of its subnets only/);
    await at.picture("glance-hover");
    await at.key("Escape");
  });

  it("the map, at a click on the verdict", async () => {
    await at.press(lens("From some subnets only"));
    const map = await at.map();
    await eventually(
      () => map.locator("[data-node]:not(.dim)").count(),
      (count) => count > 3,
    );
    await at.palette("View: Close All Editors in Group");
  });

  for (const theme of ["Dark Modern", "Dark High Contrast"]) {
    it(`the same in the theme ${theme}`, async () => {
      const before = await background();
      await at.palette("Preferences: Color Theme");
      const wanted = at.page.locator(".quick-input-list .monaco-list-row", { hasText: theme }).first();
      await at.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
      await at.page.keyboard.type(theme);
      await wanted.waitFor();
      await at.key("Enter");
      await eventually(background, (now) => now !== before);
      await lens("From some subnets only").waitFor();
      await at.picture(`glance-${theme.replaceAll(" ", "-").toLowerCase()}`);
    });
  }

  it("safe fixes, made when the template is saved", async () => {
    const file = path.join(at.folder, "missing-permissions.json");
    const before = fs.readFileSync(file, "utf8");
    await at.open("missing-permissions.json", "AWSLambdaBasicExecutionRole");
    await at.page.waitForSelector(".squiggly-error");
    // The editor waits for fixes only so long, and saves without them on a busy machine.
    const after = await insist(
      () => at.key("Control+End", "Enter", "Control+S"),
      async () => fs.readFileSync(file, "utf8"),
      (now) => now.includes("AWSLambdaVPCAccessExecutionRole"),
    );
    assert.ok(!before.includes("AWSLambdaVPCAccessExecutionRole"));
    assert.equal(after.split("\n").filter((line) => !before.split("\n").includes(line)).length, 2);
    await eventually(
      () => at.page.locator(".squiggly-error").count(),
      (count) => count === 0,
    );
  });

  it("and no notification", async () => assert.deepEqual(await at.notifications(), []));
});
