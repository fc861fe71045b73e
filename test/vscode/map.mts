/**
 * The egress map as a person uses it, in a real window: it opens beside the template, leads back to the text by mouse
 * and keys, follows what is typed and the theme. Each stop keeps a picture.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Frame, Locator } from "playwright-core";
import { root } from "./prepare.mjs";
import { eventually, insist, visit, vsix } from "./window.mjs";

const example = "public-subnet.yaml";

describe("Show Egress Map, in the window", function () {
  this.timeout(180_000);
  this.slow(20_000);
  this.bail(true);
  const at = visit(async () => ({ vsix: [vsix] }), { height: 1000 });

  it("opens beside the template, the fault in red with its reason", async () => {
    await at.open(example, "  OrderNotifier:");
    await at.page.waitForSelector(".squiggly-error");
    await at.palette("Lambda Egress: Show Egress Map");
    const map = await at.map();
    assert.equal(await textOf(map.locator("#notice")), "OrderNotifier: no internet");
    assert.deepEqual(await statesOf(map), {
      "function:OrderNotifier": "broken",
      "subnet:PublicSubnet": "lit",
      "route-table:PublicRoutes": "broken",
      "internet:": "broken",
    });
    assert.match(await textOf(node(map, "route-table:PublicRoutes")), /no public IPv4 address/);
    await at.key("Control+B");
    await at.picture("map-light");
  });

  it("leads to the text by a click, and by the keys in the order of the path", async () => {
    const map = await at.map();
    await node(map, "route-table:PublicRoutes").click();
    await cursorAt("PublicRoutes:");
    // The editor may still be taking the focus for the line that was clicked on.
    const walk = async () => {
      await node(map, "function:OrderNotifier").focus();
      await at.key("ArrowDown", "Enter");
    };
    await insist(
      walk,
      () => cursor("PublicSubnet:").isVisible(),
      (isThere) => isThere,
    );
    const words = map.locator("#paths li.failed button");
    assert.match(await textOf(words), /^failed: PublicDefault leads to .*no public IPv4 address$/);
    await words.click();
    await cursorAt("PublicDefault:");
  });

  it("grows and shrinks by its keys and buttons, and fits again", async () => {
    const map = await at.map();
    const width = () => map.locator("svg").evaluate((one) => one.getBoundingClientRect().width);
    const becomes = (holds: (now: number) => boolean) => eventually(width, holds);
    const fitted = await width();
    await map.locator("#in").click();
    await becomes((now) => now > fitted * 1.2);
    const press = (key: string) => async () => {
      await map.locator("#in").focus();
      await at.key(key);
    };
    await insist(press("0"), width, (now) => Math.abs(now - fitted) < fitted / 50);
    await insist(press("-"), width, (now) => now < fitted);
    await map.locator("#fit").click();
    await becomes((now) => Math.abs(now - fitted) < fitted / 50);
  });

  it("follows the theme", async () => {
    const map = await at.map();
    const paper = () => map.evaluate<string>(`getComputedStyle(document.querySelector(".paper")).fill`);
    const before = await paper();
    await at.palette("Preferences: Toggle between Light/Dark Themes");
    await eventually(paper, (now) => now !== before);
    await at.picture("map-dark");
  });

  it("follows the text", async () => {
    const map = await at.map();
    await map.locator("#paths h2 + ol li button").nth(1).click();
    // The editor goes there when it has heard of the click, and would go there from anywhere.
    await cursorAt("PublicAssociation:");
    await at.key("Control+G");
    await at.page.keyboard.type(`${lineOf("- !Ref PublicSubnet")}`);
    await at.key("Enter");
    await at.page.locator(".statusbar-item", { hasText: `Ln ${lineOf("- !Ref PublicSubnet")},` }).waitFor();
    await at.key("End");
    await at.key("Control+Shift+ArrowLeft");
    await at.page.keyboard.type("PrivateSubnet");
    await map.locator("#notice", { hasText: "reaches the internet" }).waitFor({ state: "attached" });
    const states = await statesOf(map);
    assert.equal(states["nat-gateway:Nat"], "lit");
    assert.equal(states["internet:"], "lit");
    assert.ok(!Object.values(states).includes("broken"));
  });

  it("copies the flowchart", async () => {
    const map = await at.map();
    await map.locator("#mermaid").click();
    await at.page.locator(".statusbar-item", { hasText: "copied" }).waitFor();
  });

  function lineOf(text: string): number {
    const lines = fs.readFileSync(path.join(root, "examples", example), "utf8").split("\n");
    return lines.findLastIndex((line) => line.includes(text)) + 1;
  }

  /** What the status bar says when the cursor is on the line that begins so. */
  function cursor(text: string): Locator {
    return at.page.locator(".statusbar-item", { hasText: `Ln ${lineOf(`  ${text}`)},` });
  }

  /** Waits until the cursor is on the line that begins so. */
  function cursorAt(text: string): Promise<void> {
    return cursor(text).waitFor();
  }

  async function textOf(one: Locator): Promise<string> {
    return (await one.textContent()) ?? "";
  }

  function node(map: Frame, id: string) {
    return map.locator(`[data-node="${id}"]`);
  }

  /** Returns the state of every node on the path. */
  async function statesOf(map: Frame): Promise<Record<string, string>> {
    const classes = await map
      .locator("[data-node]:not(.dim)")
      .evaluateAll((all) => all.map((one) => [one.getAttribute("data-node") ?? "", one.getAttribute("class") ?? ""]));
    return Object.fromEntries(classes.map(([id, names]) => [id, names?.split(" ").at(-1) ?? ""]));
  }
});
