/**
 * Runs the same suite in a desktop VS Code: the one named by VSCODE_EXECUTABLE, or the one that
 * @vscode/test-electron downloads (VSCODE_VERSION, the latest by default).
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from "@vscode/test-electron";
import { makePackage } from "../../scripts/package.mjs";
import { prepareSuite, readResult } from "./prepare.mjs";

const vsix = makePackage();
const suite = await prepareSuite();
const vscodeExecutablePath =
  process.env.VSCODE_EXECUTABLE ?? (await downloadAndUnzipVSCode(process.env.VSCODE_VERSION ?? "stable"));

const profile = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-desktop-"));
process.once("exit", () => fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
const directories = [
  `--user-data-dir=${path.join(profile, "data")}`,
  `--extensions-dir=${path.join(profile, "extensions")}`,
];
// Electron's sandbox refuses to run as root, which containers usually are.
const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

const machine = { reuseMachineInstall: true };
const [cli = vscodeExecutablePath, ...args] = resolveCliArgsFromVSCodeExecutablePath(vscodeExecutablePath, machine);
const installed = spawnSync(cli, [...args, ...directories, ...asRoot, "--install-extension", vsix, "--force"], {
  stdio: "inherit",
  shell: process.platform === "win32",
});
if (installed.status !== 0) throw new Error(`cannot install ${vsix}`);

await runTests({
  vscodeExecutablePath,
  extensionDevelopmentPath: suite.stub,
  extensionTestsPath: suite.tests,
  extensionTestsEnv: { LAMBDA_EGRESS_TEST_RESULT: suite.result },
  launchArgs: [suite.workspace, ...directories, ...asRoot, "--disable-workspace-trust", "--skip-welcome"],
});
const { passed, failed, skipped } = readResult(suite.result);
console.log(`desktop VS Code: ${passed} passed, ${failed} failed, ${skipped} skipped.`);
process.exitCode = failed === 0 ? 0 : 1;
