/**
 * One walk through the window as a person takes it: a squiggle, the Problems panel, the hover, the quick
 * fix, the saved file. Each stop asserts what is on the screen and keeps a picture.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { eventually, has, visit, vsix } from "./window.mjs";

const example = "public-subnet.yaml";
const squiggle = ".squiggly-error";

describe("the window, as a person sees it", function () {
  this.timeout(180_000);
  this.slow(20_000);
  // Each step stands where the one before left the window.
  this.bail(true);
  const at = visit(async () => ({ vsix: [vsix] }));
  const lens = (text: string) => at.page.locator(".codelens-decoration", { hasText: text });

  it("underlines the subnet, and says above the function how it stands", async () => {
    await at.open(example, "- !Ref PublicSubnet");
    await at.page.waitForSelector(squiggle);
    await lens("No internet: ").waitFor();
    // The side bar's list of files comes after the editor.
    await at.page.waitForSelector(".explorer-folders-view .monaco-list-row");
    await at.picture("squiggle");
  });

  it("lists it in the Problems panel", async () => {
    await at.key("Control+Shift+M");
    const texts = await at.problems("", (rows) => has(rows, /public-subnet/));
    assert.ok(has(texts, /OrderNotifier cannot reach the internet/), texts.join("\n"));
    await at.page.locator(".markers-panel", { hasText: example }).waitFor();
    await at.picture("problems");
  });

  it("says in the hover what is wrong", async () => {
    await at.press(at.page.locator(squiggle).first());
    const texts = await at.hover((all) => has(all, /public-subnet/));
    assert.match(texts.join("\n"), /internet/);
    await at.picture("hover");
    await at.key("Escape");
  });

  it("offers the private subnet in the quick-fix menu", async () => {
    await at.press(at.page.locator(squiggle).first());
    const titles = await at.quickFixes(/Private/);
    assert.match(titles[0] ?? "", /Use PrivateSubnet/, titles.join(" | "));
    await at.picture("quick-fix");
  });

  it("applies the fix and the squiggle is gone", async () => {
    const file = path.join(at.folder, example);
    const before = lines(file);
    await at.key("Enter");
    await at.page.locator(squiggle).first().waitFor({ state: "detached" });
    await lens("Internet: via Nat").waitFor();
    await at.key("Control+S");
    const changed = await eventually(
      async () => lines(file).filter((line) => !before.includes(line)),
      ({ length }) => length > 0,
    );
    assert.deepEqual(changed, ["          - !Ref PrivateSubnet"]);
    await at.picture("fixed");
  });

  it("has its commands in the palette", async () => {
    await at.key("F1");
    await at.page.keyboard.type("Lambda Egress");
    const rows = at.page.locator(".quick-input-list .monaco-list-row");
    await eventually(
      () => rows.allInnerTexts(),
      (titles) => has(titles, /NAT/) && has(titles, /Restart/),
    );
    await at.picture("commands");
  });
});

function lines(file: string): string[] {
  return fs.readFileSync(file, "utf8").split("\n");
}
