/** A window of the real VS Code with our package in it, and what several walks do there. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { launchBrowser, viewport } from "../../scripts/vscode/browser.mjs";
import { current, installChromium, installVSCode } from "../../scripts/vscode/install.mjs";
import { type ServeOptions, type Server, serve } from "../../scripts/vscode/serve.mjs";
import { root } from "./prepare.mjs";

const pictures = path.join(root, process.env.UPDATE === "1" ? "docs/images" : "out/screenshots");
const { name, version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));

/** The package that `npm run package` makes. */
export const vsix = path.join(root, `${name}-${version}.vsix`);

/** A folder with our examples, a server and a window on it, for one suite. */
export function visit(prepare: (folder: string) => Promise<ServeOptions>, language?: string) {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;
  let folder: string;

  before(async () => {
    fs.mkdirSync(pictures, { recursive: true });
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-manners-"));
    fs.cpSync(path.join(root, "examples"), path.join(folder, "examples"), { recursive: true });
    server = await serve(installVSCode(current), await prepare(folder));
    browser = await launchBrowser(installChromium());
    page = await browser.newPage({ viewport });
    // What a language pack says first; without its texts the editor's own stay English, and extensions do not.
    if (language !== undefined) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = "${language}";`);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === "failed")
      await page?.screenshot({ path: path.join(root, "out/window-failed.png") });
  });

  return {
    get page() {
      return page;
    },
    get folder() {
      return path.join(folder, "examples");
    },
    /** Opens the window, at the line of an example that has this text. */
    async open(example: string, text: string): Promise<void> {
      assert.ok(server !== undefined);
      const file = path.join(this.folder, example);
      const line =
        fs
          .readFileSync(file, "utf8")
          .split("\n")
          .findIndex((one) => one.includes(text)) + 1;
      const payload = [
        ["openFile", `${server.remote(file)}:${line}`],
        ["gotoLineMode", "true"],
      ] as const;
      await page.goto(server.page(this.folder, payload));
      await page.locator(".view-line", { hasText: text }).first().waitFor();
      await page.locator(".monaco-editor.focused").first().waitFor();
    },
    async key(...keys: readonly string[]): Promise<void> {
      for (const key of keys) await page.keyboard.press(key);
    },
    /** Runs a command from the palette, which lists it only once the workbench knows the extension. */
    async palette(title: string): Promise<void> {
      const wanted = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
      for (let attempt = 0; attempt < 20 && !(await wanted.isVisible()); attempt++) {
        await page.keyboard.press("Escape");
        await page.keyboard.press("F1");
        await page.keyboard.type(title);
        await wanted.waitFor({ timeout: 2000 }).catch(() => undefined);
      }
      await wanted.click();
    },
    /** Pastes a text where the cursor is, from the clipboard: what is typed is indented anew at each line. */
    async paste(text: string): Promise<void> {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.keyboard.press("Control+V");
    },
    /** Opens the menu of quick fixes at the cursor, and returns its titles. */
    async quickFixes(): Promise<readonly string[]> {
      const rows = page.locator(".action-widget .monaco-list-row.action");
      // A key that comes while something else still has the focus is lost.
      for (let attempt = 0; attempt < 20 && !(await rows.first().isVisible()); attempt++) {
        await page.keyboard.press("Control+.");
        await rows
          .first()
          .waitFor({ timeout: 2000 })
          .catch(() => undefined);
      }
      return rows.allInnerTexts();
    },
    /** Clicks on something beside or above the text. */
    press: (place: Locator) => clickMiddle(page, place),
    /** Puts the cursor into the line's text. */
    async click(text: string): Promise<void> {
      await clickMiddle(page, page.locator(".view-line", { hasText: text }).first().locator("span span").last());
    },
    /** Returns what the Problems panel lists with this text in it, once that is as wanted. */
    async problems(text: string, wanted: (texts: readonly string[]) => boolean): Promise<readonly string[]> {
      const filter = page.locator(".viewpane-filter-container input");
      const rows = page.locator(".markers-panel .monaco-list-row .marker-message-details-container");
      return eventually(
        async () => {
          // A panel that is being drawn forgets what is typed.
          if ((await filter.inputValue()) !== text) await filter.fill(text);
          return rows.allInnerTexts();
        },
        (texts) => texts.every((row) => row.includes(text)) && wanted(texts),
      );
    },
    notifications(): Promise<string[]> {
      return page.locator(".notifications-toasts .notification-list-item").allInnerTexts();
    },
    async picture(picture: string): Promise<void> {
      // What fades in has to be there, and a blinking cursor is no news.
      await page.waitForTimeout(500);
      await page.screenshot({ path: path.join(pictures, `${picture}.png`), caret: "hide" });
    },
  };
}

/** By the mouse: a locator's click scrolls the whole workbench. */
async function clickMiddle(page: Page, place: Locator): Promise<void> {
  const box = await eventually(
    () => place.boundingBox(),
    (found) => found !== null,
  );
  if (box !== null) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Returns what is seen once it is as wanted; fails after a minute. */
export async function eventually<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000;
  let seen = await look();
  while (!wanted(seen) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    seen = await look();
  }
  assert.ok(wanted(seen), `never came: ${JSON.stringify(seen)}`);
  return seen;
}

export function has(texts: readonly string[], pattern: RegExp): boolean {
  return texts.some((text) => pattern.test(text));
}
