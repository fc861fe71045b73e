/**
 * The egress map as a person uses it, in a real window: it opens beside the template, leads back to the text by mouse
 * and keys, follows what is typed and the theme. Each stop keeps a picture.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser, Frame, Locator, Page } from "playwright-core";
import { launchBrowser } from "../../scripts/vscode/browser.mjs";
import { current, installChromium, installVSCode } from "../../scripts/vscode/install.mjs";
import { type Server, serve } from "../../scripts/vscode/serve.mjs";
import { root } from "./prepare.mjs";

const example = "public-subnet.yaml";
const pictures = path.join(root, process.env.UPDATE === "1" ? "docs/images" : "out/screenshots");

describe("Show Egress Map, in the window", function () {
  this.timeout(90_000);
  this.slow(20_000);
  this.bail(true);

  let server: Server;
  let browser: Browser;
  let page: Page;
  let folder: string;

  before(async () => {
    const { name, version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
    fs.mkdirSync(pictures, { recursive: true });
    server = await serve(installVSCode(current), { vsix: [path.join(root, `${name}-${version}.vsix`)] });
    browser = await launchBrowser(installChromium());
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-map-"));
    const work = path.join(folder, "examples");
    fs.cpSync(path.join(root, "examples"), work, { recursive: true });
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    const file = path.join(work, example);
    await page.goto(
      server.page(work, [
        ["openFile", `${server.remote(file)}:${lineOf("OrderNotifier:")}`],
        ["gotoLineMode", "true"],
      ]),
    );
    await page.waitForSelector(squiggle, { timeout: 60_000 });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed") await page.screenshot({ path: path.join(root, "out/map-failed.png") });
  });

  it("opens beside the template, the fault in red with its reason", async () => {
    await command("Lambda Egress: Show Egress Map");
    const map = await frame();
    assert.equal(await textOf(map.locator("#notice")), "OrderNotifier: no internet");
    assert.deepEqual(await statesOf(map), {
      "function:OrderNotifier": "broken",
      "subnet:PublicSubnet": "lit",
      "route-table:PublicRoutes": "broken",
      "internet:": "broken",
    });
    assert.match(await textOf(node(map, "route-table:PublicRoutes")), /no public IPv4 address/);
    await page.keyboard.press("Control+B");
    await picture("map-light");
  });

  it("leads to the text by a click, and by the keys in the order of the path", async () => {
    const map = await frame();
    await node(map, "route-table:PublicRoutes").click();
    await cursorAt("PublicRoutes:");
    await node(map, "function:OrderNotifier").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await cursorAt("PublicSubnet:");
    const words = map.locator("#paths li.failed button");
    assert.match(await textOf(words), /^failed: PublicDefault leads to .*no public IPv4 address$/);
    await words.click();
    await cursorAt("PublicDefault:");
  });

  it("grows and shrinks by its keys and buttons, and fits again", async () => {
    const map = await frame();
    const width = () => map.locator("svg").evaluate((one) => one.getBoundingClientRect().width);
    const becomes = async (holds: (now: number) => boolean): Promise<void> => {
      for (let attempt = 0; attempt < 50 && !holds(await width()); attempt++) await page.waitForTimeout(100);
      assert.ok(holds(await width()), `${await width()}`);
    };
    const fitted = await width();
    await map.locator("#in").click();
    await becomes((now) => now > fitted * 1.2);
    await page.keyboard.press("0");
    await becomes((now) => Math.abs(now - fitted) < fitted / 50);
    await page.keyboard.press("-");
    await becomes((now) => now < fitted);
    await map.locator("#fit").click();
    await becomes((now) => Math.abs(now - fitted) < fitted / 50);
  });

  it("follows the theme", async () => {
    const map = await frame();
    const paper = () => map.evaluate<string>(`getComputedStyle(document.querySelector(".paper")).fill`);
    const before = await paper();
    await command("Preferences: Toggle between Light/Dark Themes");
    for (let attempt = 0; attempt < 50 && (await paper()) === before; attempt++) await page.waitForTimeout(100);
    assert.notEqual(await paper(), before);
    await picture("map-dark");
  });

  it("follows the text", async () => {
    const map = await frame();
    await map.locator("#paths h2 + ol li button").nth(1).click();
    // The editor goes there when it has heard of the click, and would go there from anywhere.
    await cursorAt("PublicAssociation:");
    await page.keyboard.press("Control+G");
    await page.keyboard.type(`${lineOf("- !Ref PublicSubnet")}`);
    await page.keyboard.press("Enter");
    await page.locator(".statusbar-item", { hasText: `Ln ${lineOf("- !Ref PublicSubnet")},` }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.press("Control+Shift+ArrowLeft");
    await page.keyboard.type("PrivateSubnet");
    await map.locator("#notice", { hasText: "reaches the internet" }).waitFor({ state: "attached" });
    const states = await statesOf(map);
    assert.equal(states["nat-gateway:Nat"], "lit");
    assert.equal(states["internet:"], "lit");
    assert.ok(!Object.values(states).includes("broken"));
  });

  it("copies the flowchart", async () => {
    const map = await frame();
    await map.locator("#mermaid").click();
    await page.locator(".statusbar-item", { hasText: "copied" }).waitFor();
  });

  function lineOf(text: string): number {
    const lines = fs.readFileSync(path.join(root, "examples", example), "utf8").split("\n");
    return lines.findLastIndex((line) => line.includes(text)) + 1;
  }

  /** Waits until the cursor is on the line that begins so. */
  async function cursorAt(text: string): Promise<void> {
    await page.locator(".statusbar-item", { hasText: `Ln ${lineOf(`  ${text}`)},` }).waitFor();
  }

  async function command(title: string): Promise<void> {
    const wanted = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
    for (let attempt = 0; attempt < 20 && !(await wanted.isVisible()); attempt++) {
      await page.keyboard.press("Escape");
      await page.keyboard.press("F1");
      await page.keyboard.type(title);
      await wanted.waitFor({ timeout: 2000 }).catch(() => undefined);
    }
    await page.keyboard.press("Enter");
  }

  /** Returns the inside of the view once it shows a picture. */
  async function frame(): Promise<Frame> {
    for (let attempt = 0; attempt < 150; attempt++) {
      for (const one of page.frames()) {
        const count = await one
          .locator("svg.egress-map")
          .count()
          .catch(() => 0);
        if (count > 0) return one;
      }
      await page.waitForTimeout(100);
    }
    throw new Error("no map is shown");
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

  async function picture(name: string): Promise<void> {
    await page.waitForTimeout(700);
    await page.screenshot({ path: path.join(pictures, `${name}.png`), caret: "hide" });
  }
});

const squiggle = ":is(.squiggly-error, .squiggly-warning)";
