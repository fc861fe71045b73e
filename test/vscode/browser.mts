/**
 * One walk through the window as a person takes it: a squiggle, the Problems panel, the hover, the quick
 * fix, the saved file. Each stop asserts what is on the screen and keeps a picture, in `out/screenshots/`, or
 * with UPDATE=1 in `docs/images/`, where the README shows them.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, viewport } from "../../scripts/vscode/browser.mjs";
import { current, installChromium, installVSCode } from "../../scripts/vscode/install.mjs";
import { type Server, serve } from "../../scripts/vscode/serve.mjs";
import { root } from "./prepare.mjs";

const example = "public-subnet.yaml";
const wanted = process.env.UPDATE === "1" || process.argv.includes("--screenshots");
const pictures = path.join(root, wanted ? "docs/images" : "out/screenshots");

describe("the window, as a person sees it", function () {
  this.timeout(90_000);
  this.slow(20_000);
  // Each step stands where the one before left the window.
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
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-browser-"));
    fs.cpSync(path.join(root, "examples"), path.join(folder, "examples"), { recursive: true });
    page = await browser.newPage({ viewport });
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await page.screenshot({ path: path.join(root, "out/browser-failed.png") });
  });

  it("underlines the subnet", async () => {
    const file = path.join(folder, "examples", example);
    const line = lines(fs.readFileSync(file, "utf8")).findIndex((text) => text.includes("SubnetIds:")) + 2;
    await page.goto(
      server.page(path.join(folder, "examples"), [
        ["openFile", `${server.remote(file)}:${line}`],
        ["gotoLineMode", "true"],
      ]),
    );
    await page.waitForSelector(squiggle, { timeout: 60_000 });
    // The side bar's list of files comes after the editor.
    await page.waitForSelector(".explorer-folders-view .monaco-list-row");
    await picture("squiggle");
  });

  it("lists it in the Problems panel", async () => {
    await page.keyboard.press("Control+Shift+M");
    const rows = page.locator(".markers-panel .monaco-list-row");
    await rows.first().waitFor();
    const text = (await rows.allInnerTexts()).join("\n");
    assert.match(text, /public-subnet/);
    assert.match(text, new RegExp(example.replace(".", "\\.")));
    await picture("problems");
  });

  it("says in the hover what is wrong", async () => {
    await clickSubnet();
    await page.keyboard.press("Control+K");
    await page.keyboard.press("Control+I");
    const rows = page.locator(".monaco-hover .hover-row");
    await rows.first().waitFor();
    const text = (await rows.allInnerTexts()).join("\n");
    assert.match(text, /internet/);
    assert.match(text, /public-subnet/);
    await picture("hover");
    await page.keyboard.press("Escape");
  });

  it("offers the private subnet in the quick-fix menu", async () => {
    await clickSubnet();
    await page.keyboard.press("Control+.");
    const rows = page.locator(".action-widget .monaco-list-row.action");
    await rows.first().waitFor();
    const titles = await rows.allInnerTexts();
    assert.match(titles.join("\n"), /Private/, titles.join(" | "));
    await picture("quick-fix");
  });

  it("applies the fix and the squiggle is gone", async () => {
    const file = path.join(folder, "examples", example);
    const before = fs.readFileSync(file, "utf8");
    await page.keyboard.press("Enter");
    await page.locator(squiggle).first().waitFor({ state: "detached" });
    await page.keyboard.press("Control+S");
    for (let attempt = 0; attempt < 100 && fs.readFileSync(file, "utf8") === before; attempt++) {
      await page.waitForTimeout(100);
    }
    const changed = lines(fs.readFileSync(file, "utf8")).filter((line) => !lines(before).includes(line));
    assert.deepEqual(changed.length, 1, changed.join("\n"));
    assert.match(changed[0] ?? "", /Private/);
    await picture("fixed");
  });

  it("has its commands in the palette", async () => {
    await page.keyboard.press("F1");
    await page.keyboard.type("Lambda Egress");
    const rows = page.locator(".quick-input-list .monaco-list-row");
    await rows.filter({ hasText: "Lambda Egress" }).first().waitFor();
    const titles = (await rows.allInnerTexts()).join("\n");
    assert.match(titles, /NAT/);
    assert.match(titles, /Restart/);
    await picture("commands");
  });

  /** Puts the cursor on the underlined text. By the mouse: a locator's click scrolls the whole workbench. */
  async function clickSubnet(): Promise<void> {
    // The editor draws its decorations anew at any time, and one that is being replaced has no box.
    let box = await page.locator(squiggle).first().boundingBox();
    for (let attempt = 0; box === null && attempt < 50; attempt++) {
      await page.waitForTimeout(100);
      box = await page.locator(squiggle).first().boundingBox();
    }
    assert.ok(box !== null, "the squiggle is not on the screen");
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  }

  async function picture(name: string): Promise<void> {
    // What fades in has to be there, and a blinking cursor is no news.
    await page.waitForTimeout(500);
    await page.screenshot({ path: path.join(pictures, `${name}.png`), caret: "hide" });
  }
});

const squiggle = ":is(.squiggly-error, .squiggly-warning)";

function lines(text: string): string[] {
  return text.split("\n");
}
