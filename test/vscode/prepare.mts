/** What both runners need: the bundled suite, an empty extension to develop, a workspace to open. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { build } from "esbuild";
import { packFolder } from "../../scripts/package.mjs";
import type { TestResult } from "../reporter";

export const root = path.resolve(import.meta.dirname, "../..");

export interface Suite {
  /** The module whose `run` the editor calls. */
  readonly tests: string;
  /** An extension that does nothing: an editor runs tests only for an extension under development, and the
   * one that is tested is the installed package. */
  readonly stub: string;
  /** A throw-away folder for the editor to open. */
  readonly workspace: string;
  /** Where the run leaves its counts. */
  readonly result: string;
}

/** Bundles the tests and lays out the folders under `out/`. */
export async function prepareSuite(): Promise<Suite> {
  const source = path.join(root, "test/vscode/suite");
  const names = fs.readdirSync(source).filter((name) => name === "run.ts" || name.endsWith(".test.ts"));
  const tests = path.join(root, "out/vscode-suite");
  fs.rmSync(tests, { recursive: true, force: true });
  await build({
    entryPoints: names.map((name) => path.join(source, name)),
    outdir: tests,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // Mocha loads itself by path and does not survive a bundle.
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });

  const stub = path.join(root, "out/vscode-stub");
  fs.rmSync(stub, { recursive: true, force: true });
  fs.mkdirSync(stub, { recursive: true });
  const manifest = { name: "stub", publisher: "test", version: "0.0.0", engines: { vscode: "^1.100.0" } };
  fs.writeFileSync(path.join(stub, "package.json"), JSON.stringify(manifest));

  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-suite-"));
  process.once("exit", () => fs.rmSync(scratch, { recursive: true, force: true }));
  const workspace = path.join(scratch, "workspace");
  fs.cpSync(path.join(root, "test/vscode/workspace"), workspace, { recursive: true });
  return { tests: path.join(tests, "run"), stub, workspace, result: path.join(scratch, "result.json") };
}

/** Packs the YAML extension of our tests, which runs npm's yaml-language-server from this checkout, and returns its path. */
export async function packYamlExtension(): Promise<string> {
  const folder = path.join(root, "out/vscode-yaml");
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(root, "test/vscode/yaml/package.json"), path.join(folder, "package.json"));
  const server = path.join(root, "node_modules/yaml-language-server/out/server/src/server.js");
  await build({
    entryPoints: [path.join(root, "test/vscode/yaml/extension.ts")],
    outfile: path.join(folder, "extension.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    external: ["vscode"],
    define: { YAML_LANGUAGE_SERVER: JSON.stringify(server) },
    logLevel: "warning",
  });
  const file = path.join(folder, "vscode-yaml.vsix");
  packFolder(folder, file, "--skip-license", "--allow-missing-repository");
  return file;
}

/** Returns the counts a run left; throws where it left none, for then it did not run to its end. */
export function readResult(file: string): TestResult {
  if (!fs.existsSync(file)) throw new Error("the test run left no result: it did not come to its end");
  const result: TestResult = JSON.parse(fs.readFileSync(file, "utf8"));
  if (result.passed + result.failed === 0) throw new Error("the test run ran no test");
  return result;
}
