/** A window of the real VS Code with our package in it, and what several walks do there. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser, Frame, Locator, Page } from "playwright-core";
import { launchBrowser, viewport } from "../../scripts/vscode/browser.mjs";
import { current, installChromium, installVSCode } from "../../scripts/vscode/install.mjs";
import { type ServeOptions, type Server, serve } from "../../scripts/vscode/serve.mjs";
import { root } from "./prepare.mjs";

const { name, version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));

/** The package that `npm run package` makes. */
export const vsix = path.join(root, `${name}-${version}.vsix`);

/** A machine that does ten other things at once is slow, and nothing else is wrong. */
const patience = 90_000;

interface Look {
  /** The display language. */
  readonly language?: string;
  /** How many pixels of the page are seen from top to bottom. */
  readonly height?: number;
}

/** A folder with our examples, a server and a window on it, for one suite. */
export function visit(prepare: (folder: string) => Promise<ServeOptions>, { language, height }: Look = {}) {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let page: Page;
  let folder: string;

  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-window-"));
    fs.cpSync(path.join(root, "examples"), path.join(folder, "examples"), { recursive: true });
    server = await serve(installVSCode(current), await prepare(folder));
    browser = await launchBrowser(installChromium());
    page = await browser.newPage({ viewport: { ...viewport, ...(height !== undefined && { height }) } });
    page.setDefaultTimeout(patience);
    // What a language pack says first; without its texts the editor's own stay English, and extensions do not.
    if (language !== undefined) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = "${language}";`);
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    fs.mkdirSync(path.join(root, "out"), { recursive: true });
    await page?.screenshot({ path: path.join(root, "out/window-failed.png") });
  });

  const go = async (payload: readonly (readonly [string, string])[]): Promise<void> => {
    assert.ok(server !== undefined);
    await page.goto(server.page(path.join(folder, "examples"), payload));
  };

  return {
    get page() {
      return page;
    },
    get folder() {
      return path.join(folder, "examples");
    },
    /** Opens the window with nothing in it, once it knows the extension's commands. */
    async openEmpty(): Promise<void> {
      await go([]);
      await page.waitForSelector(".explorer-folders-view .monaco-list-row");
    },
    /** Opens the window, at the line of an example that has this text. */
    async open(example: string, text: string): Promise<void> {
      assert.ok(server !== undefined);
      const file = path.join(this.folder, example);
      const lines = fs.readFileSync(file, "utf8").split("\n");
      const line = lines.findIndex((one) => one.includes(text)) + 1;
      await go([
        ["openFile", `${server.remote(file)}:${line}`],
        ["gotoLineMode", "true"],
      ]);
      await page.locator(".view-line", { hasText: text }).first().waitFor();
      await page.locator(".monaco-editor.focused").first().waitFor();
    },
    async key(...keys: readonly string[]): Promise<void> {
      for (const key of keys) await page.keyboard.press(key);
    },
    /** Runs a command from the palette, which lists it only once the workbench knows the extension. */
    async palette(title: string): Promise<void> {
      const wanted = page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first();
      const ask = async (): Promise<void> => {
        await page.keyboard.press("Escape");
        await page.keyboard.press("F1");
        await page.keyboard.type(title);
      };
      await insist(
        ask,
        () => wanted.isVisible(),
        (isListed) => isListed,
      );
      // By the key, where that will do: a view below the list takes the focus when the mouse is over it.
      const isFirst = /focused/.test((await wanted.getAttribute("class")) ?? "");
      if (isFirst) await page.keyboard.press("Enter");
      else await wanted.click();
    },
    /** Pastes a text where the cursor is, from the clipboard: what is typed is indented anew at each line. */
    async paste(text: string): Promise<void> {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.keyboard.press("Control+V");
    },
    /** Opens the menu of quick fixes at the cursor, and returns its titles once they are as wanted. */
    async quickFixes(wanted: RegExp = /./): Promise<readonly string[]> {
      const rows = page.locator(".action-widget .monaco-list-row.action");
      const ask = async (): Promise<void> => {
        // One that came before all fixes were there is asked for anew.
        if (await rows.first().isVisible()) await page.keyboard.press("Escape");
        await page.keyboard.press("Control+.");
      };
      return insist(
        ask,
        () => rows.allInnerTexts(),
        (titles) => has(titles, wanted),
      );
    },
    /** Shows the hover at the cursor, and returns what it says once that is as wanted. */
    async hover(wanted: (texts: readonly string[]) => boolean): Promise<readonly string[]> {
      const rows = page.locator(".monaco-hover .hover-row");
      return insist(
        () => this.key("Control+K", "Control+I"),
        async () => (await rows.allInnerTexts()).filter((text) => text !== ""),
        wanted,
      );
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
    /** Returns the inside of the map once it shows a picture. */
    async map(): Promise<Frame> {
      const found = await eventually(
        () => frameWith(page, "svg.egress-map"),
        (frame) => frame !== undefined,
      );
      assert.ok(found !== undefined);
      return found;
    },
    notifications(): Promise<string[]> {
      return page.locator(".notifications-toasts .notification-list-item").allInnerTexts();
    },
    /** Keeps a picture of the window: with UPDATE=1 in `docs/images/`, if it has one of that name, or else in `out/`. */
    async picture(picture: string): Promise<void> {
      const shown = path.join(root, "docs/images", `${picture}.png`);
      const isShown = process.env.UPDATE === "1" && fs.existsSync(shown);
      const file = isShown ? shown : path.join(root, "out/screenshots", `${picture}.png`);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, await atRest(page));
    },
  };
}

/** Returns a picture in which all that moves has come to rest. A blinking cursor is no news. */
async function atRest(page: Page): Promise<Buffer> {
  const take = () => page.screenshot({ caret: "hide", animations: "disabled" });
  let before = await take();
  for (let attempt = 0; attempt < 20; attempt++) {
    await sleep(200);
    const now = await take();
    if (now.equals(before)) return now;
    before = now;
  }
  return before;
}

async function frameWith(page: Page, selector: string): Promise<Frame | undefined> {
  for (const frame of page.frames()) {
    // A frame may go while it is asked.
    const count = await frame
      .locator(selector)
      .count()
      .catch(() => 0);
    if (count > 0) return frame;
  }
  return undefined;
}

/** By the mouse: a locator's click scrolls the whole workbench. */
async function clickMiddle(page: Page, place: Locator): Promise<void> {
  const box = await eventually(
    () => place.boundingBox(),
    (found) => found !== null,
  );
  if (box !== null) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Returns what is seen once it is as wanted; fails when that takes too long for any machine. */
export async function eventually<T>(look: () => Promise<T>, wanted: (seen: T) => boolean): Promise<T> {
  const seen = await watch(look, wanted, patience);
  assert.ok(wanted(seen), `never came: ${JSON.stringify(seen)}`);
  return seen;
}

/**
 * Does something until what is seen is as wanted, and returns that: a key or a click that comes while something else has
 * the focus is lost. Each time there is more time to see what came of it.
 */
export async function insist<T>(
  act: () => Promise<unknown>,
  look: () => Promise<T>,
  wanted: (seen: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + patience;
  for (let wait = 2000; ; wait *= 1.5) {
    await act();
    const seen = await watch(look, wanted, wait);
    if (wanted(seen)) return seen;
    assert.ok(Date.now() < deadline, `never came: ${JSON.stringify(seen)}`);
  }
}

async function watch<T>(look: () => Promise<T>, wanted: (seen: T) => boolean, milliseconds: number): Promise<T> {
  const deadline = Date.now() + milliseconds;
  let seen = await look();
  while (!wanted(seen) && Date.now() < deadline) {
    await sleep(100);
    seen = await look();
  }
  return seen;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function has(texts: readonly string[], pattern: RegExp): boolean {
  return texts.some((text) => pattern.test(text));
}
