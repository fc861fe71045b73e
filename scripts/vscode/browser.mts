/** Debian's Chromium under Playwright, kept from calling anything but this machine. */
import { type Browser, chromium } from "playwright-core";

export const viewport = { width: 1280, height: 800 };

/** Starts a headless browser; `executable` is a Chromium's path. */
export function launchBrowser(executable: string): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ],
  });
}
