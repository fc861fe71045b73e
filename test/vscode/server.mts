/**
 * Runs the suite inside the extension host of the VS Code from npm, against the packaged extension.
 *
 * `tsx test/vscode/server.mts [--oldest]` exits with 0 when all passed, 1 when a test failed, 2 when
 * this machine cannot run it.
 */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { makePackage } from "../../scripts/package.mjs";
import { launchBrowser } from "../../scripts/vscode/browser.mjs";
import { runHosted } from "../../scripts/vscode/hosted.mjs";
import {
  current,
  installChromium,
  installVSCode,
  oldest,
  type Release,
  Unavailable,
} from "../../scripts/vscode/install.mjs";
import { serve } from "../../scripts/vscode/serve.mjs";
import type { TestResult } from "../reporter";
import { prepareSuite, readResult, root } from "./prepare.mjs";

/** A whole run takes some 20 seconds; one that hangs must not hold up everything else. */
const limit = 180_000;

/** What the workbench says of itself on its console; the rest comes from the extension host. */
const chatter =
  /^(%c|Ignoring fetching|Resolv|Creating a socket|\[reconnection|\[Service Worker|\[AgentHost|\[AccountPolicy|Updating additional|Timed out waiting for authentication|ChatSessionStore)/;

/** Returns the counts of a run in `release`; throws `Unavailable` where this machine cannot, and when the run died. */
export async function runSuiteInServer(release: Release, vsix: string): Promise<TestResult> {
  const chromium = installChromium();
  const installation = installVSCode(release);
  const suite = await prepareSuite();
  const server = await serve(installation, {
    vsix: [vsix],
    testDriver: true,
    env: { LAMBDA_EGRESS_TEST_RESULT: suite.result },
  });
  const browser = await launchBrowser(chromium);
  try {
    console.log(`VS Code ${release.vscode} at ${server.url}`);
    const status = await runHosted(server, browser, {
      folder: suite.workspace,
      extension: suite.stub,
      module: suite.tests,
      limit,
      picture: path.join(root, "out/vscode-suite.png"),
      said: (line) => chatter.test(line) || console.log(line),
    });
    // The status alone is worth little: an extension host that died reports 0 too.
    const result = readResult(suite.result);
    return status === 0 || result.failed > 0 ? result : { ...result, failed: 1 };
  } finally {
    await browser.close();
    await server.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const release = process.argv.includes("--oldest") ? oldest : current;
    const { passed, failed, skipped } = await runSuiteInServer(release, makePackage());
    console.log(`VS Code ${release.vscode}: ${passed} passed, ${failed} failed, ${skipped} skipped.`);
    process.exitCode = failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.error(`not available: ${error.message}`);
    process.exitCode = 2;
  }
}
