/** Runs a module inside the extension host of a window, as an editor runs an extension's tests. */
import { setTimeout as sleep } from "node:timers/promises";
import { format } from "node:util";
import type { Browser } from "playwright-core";
import { viewport } from "./browser.mjs";
import type { Server } from "./serve.mjs";

export interface Hosted {
  /** The folder that the window opens. */
  readonly folder: string;
  /** The extension under development; an editor runs a module only where there is one. */
  readonly extension: string;
  /** The module, whose `run` the editor calls. */
  readonly module: string;
  /** The milliseconds after which it counts as hanging. */
  readonly limit: number;
  /** Where the page's picture goes when it hangs. */
  readonly picture: string;
  /** Hears each line that the window or the module says. */
  said(line: string): void;
}

/** Returns the exit status of the run; throws where it does not end in time. The server must have the test driver. */
export async function runHosted(server: Server, browser: Browser, hosted: Hosted): Promise<number> {
  const page = await browser.newPage({ viewport });
  try {
    await page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => hosted.said(format(...args)));
    const ended = new Promise<number>((resolve) => page.exposeFunction("codeAutomationExit", resolve));
    await page.goto(
      server.page(hosted.folder, [
        ["extensionDevelopmentPath", server.remote(hosted.extension)],
        ["extensionTestsPath", server.remote(hosted.module)],
        ["skipWelcome", "true"],
        ["skipReleaseNotes", "true"],
      ]),
    );
    const status = await Promise.race([ended, sleep(hosted.limit, undefined, { ref: false })]);
    if (status !== undefined) return status;
    await page.screenshot({ path: hosted.picture });
    throw new Error(`the run did not end in ${hosted.limit / 1000} seconds, see ${hosted.picture}`);
  } finally {
    await page.close();
  }
}
