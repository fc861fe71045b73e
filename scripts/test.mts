/**
 * `npm test`: everything that can be checked on this machine, one step after the other.
 *
 * The last line counts what passed, failed and was skipped. A step that this machine cannot run is
 * skipped aloud; on CI nothing may be skipped, for there a skipped step would hide for good.
 */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { TestResult } from "../test/reporter";
import { readResult } from "../test/vscode/prepare.mjs";
import { runSuiteInServer } from "../test/vscode/server.mjs";
import { makePackage } from "./package.mjs";
import { current, findProgram, installChromium, installVSCode, Unavailable } from "./vscode/install.mjs";

interface Step {
  readonly name: string;
  run(): Promise<TestResult>;
}

const root = path.resolve(import.meta.dirname, "..");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-test-"));
process.once("exit", () => fs.rmSync(scratch, { recursive: true, force: true }));
const onCI = (process.env.CI ?? "") !== "";
// Mocha colours its marks wherever CI is set, even in a log.
if (!process.stdout.isTTY) process.env.NO_COLOR = "1";
/** What one program may take, in milliseconds. */
const limit = 12 * 60_000;
let vsix = "";

const steps: readonly Step[] = [
  { name: "formatting and lint (biome)", run: () => check("biome", "check", "--error-on-warnings") },
  { name: "types (tsc)", run: () => check("tsc", "-p", ".") },
  { name: "types of what runs in views (tsc)", run: () => check("tsc", "-p", "client/webview") },
  { name: "package.json is up to date", run: () => script("scripts/generate-package.mts", "--check") },
  { name: "rule pages are up to date", run: () => script("scripts/rule-pages.mts", "--check") },
  { name: "the report's schema is up to date", run: () => script("scripts/report-schema.mts", "--check") },
  { name: "case table is up to date", run: () => script("scripts/case-table.mts", "--check") },
  { name: "snippets are up to date", run: () => script("scripts/snippets.mts", "--check") },
  { name: "build", run: () => script("scripts/build.mts") },
  { name: "cfn-lint is there for the tests that use it", run: cfnLint },
  { name: "tests under Node.js", run: () => mocha(["test/*.test.ts"], true) },
  { name: "package", run: pack },
  { name: `tests in VS Code ${current.vscode}`, run: () => runSuiteInServer(current, packed()) },
  { name: "tests in the browser", run: browser },
];

const total = { passed: 0, failed: 0, skipped: 0 };
const bad: string[] = [];
for (const [index, { name, run }] of steps.entries()) {
  console.log(`\n[${index + 1}/${steps.length}] ${name}`);
  const start = Date.now();
  const result = await run().catch(outcome);
  for (const key of ["passed", "failed", "skipped"] as const) total[key] += result[key];
  if (result.failed > 0) bad.push(`failed: ${name}`);
  if (result.skipped > 0) bad.push(`skipped: ${name}`);
  const verdict = result.failed > 0 ? "FAILED" : result.skipped > 0 ? "ok, but for what was skipped" : "ok";
  console.log(`[${index + 1}/${steps.length}] ${name}: ${verdict} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

console.log(["", ...bad].join("\n"));
if (onCI && total.skipped > 0) console.log("On CI nothing may be skipped.");
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || (onCI && total.skipped > 0) ? 1 : 0;

/** A step that threw counts as one test: skipped where the machine lacks something, failed otherwise. */
function outcome(error: unknown): TestResult {
  if (error instanceof Unavailable) {
    console.log(`SKIPPED: ${error.message}`);
    return { passed: 0, failed: 0, skipped: 1 };
  }
  console.log(error instanceof Error ? error.message : error);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** Runs a program whose exit status is its verdict; counts as one test. */
async function check(program: string, ...args: readonly string[]): Promise<TestResult> {
  const status = await spawned(program, args);
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

function script(...args: readonly string[]): Promise<TestResult> {
  return check("node", "--import=tsx", ...args);
}

async function mocha(files: readonly string[], parallel = false): Promise<TestResult> {
  const result = path.join(scratch, `${files.join().replace(/\W+/g, "-")}.json`);
  // Started without its own wrapper, mocha runs in the very process that the time limit ends.
  const program = ["--import=tsx", "node_modules/mocha/bin/mocha.js"];
  // What drives a window has the screen to itself; everything else shares the processors file by file.
  const jobs = parallel ? ["--parallel", "--jobs", String(os.availableParallelism())] : [];
  const args = [...program, ...jobs, "--reporter", "test/reporter.ts", "--no-color", ...files];
  const status = await spawned("node", args, { LAMBDA_EGRESS_TEST_RESULT: result });
  const counts = readResult(result);
  // A run can go wrong behind the back of its tests, by an unhandled rejection after the last one, say.
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function cfnLint(): Promise<TestResult> {
  if (findProgram("cfn-lint") === undefined) throw new Unavailable("no cfn-lint on the PATH (pip install cfn-lint)");
  return check("cfn-lint", "--version");
}

async function pack(): Promise<TestResult> {
  vsix = makePackage();
  return { passed: 1, failed: 0, skipped: 0 };
}

function packed(): string {
  if (vsix === "") throw new Error("there is no package to install");
  return vsix;
}

async function browser(): Promise<TestResult> {
  packed();
  installChromium();
  installVSCode(current);
  return mocha([
    "test/vscode/browser.mts",
    "test/vscode/deployed.mts",
    "test/vscode/manners.mts",
    "test/vscode/map.mts",
    "test/vscode/newcomer.mts",
    "test/vscode/glance.mts",
    "test/vscode/outside.mts",
  ]);
}

/** Runs a program with its output in sight and no input; resolves to its exit status, 1 where it was killed. */
function spawned(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const PATH = [path.join(root, "node_modules/.bin"), process.env.PATH].join(path.delimiter);
  const child = spawn(program, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH, ...env },
    shell: process.platform === "win32",
  });
  const timer = setTimeout(() => {
    console.log(`not at its end after ${limit / 60_000} minutes, stopped (a test may have left something running)`);
    child.kill("SIGKILL");
  }, limit);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("exit", (status) => resolve(status ?? 1));
  }).finally(() => clearTimeout(timer));
}
