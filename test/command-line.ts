/** The command line for tests: the bundled program in a process of its own, in a folder of its own. */
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { build } from "esbuild";
import type { JsonReport } from "../server/src/report/json";

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /** Returns a fresh folder with these files. */
  folder(files: Readonly<Record<string, string>>): string;
  /** Runs `lambda-egress` with these arguments in a folder. */
  run(folder: string, args: readonly string[], input?: string, env?: NodeJS.ProcessEnv): Promise<Run>;
  /** Runs `lambda-egress check --format json`. */
  json(folder: string, args: readonly string[]): Promise<JsonReport & Pick<Run, "status" | "stderr">>;
  /** Removes every folder. */
  remove(): void;
}

/** Bundles the program. */
export async function commandLine(): Promise<CommandLine> {
  const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-")));
  const program = path.join(scratch, "cli.js");
  await build({
    entryPoints: ["../server/src/cli.ts", "../server/src/cli/worker.ts"].map((file) =>
      path.resolve(import.meta.dirname, file),
    ),
    outdir: scratch,
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  const run: CommandLine["run"] = async (folder, args, input = "", wanted = {}) => {
    // Whoever runs the tests may read another language, and colours.
    const { CI, NO_COLOR, FORCE_COLOR, LC_ALL, LC_MESSAGES, LANG, ...env } = process.env;
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...env, ...wanted } });
    const result = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (chunk: string) => {
        result[stream] += chunk;
      });
    }
    child.stdin.on("error", () => {}).end(input);
    const status = await new Promise<number | null>((done) => child.once("close", done));
    return { status, ...result };
  };
  return {
    run,
    folder: (files) => {
      const folder = fs.mkdtempSync(path.join(scratch, "case-"));
      write(folder, files);
      return folder;
    },
    json: async (folder, args) => {
      const { status, stdout, stderr } = await run(folder, ["check", "--format", "json", ...args]);
      return { ...(JSON.parse(stdout) as JsonReport), status, stderr };
    },
    remove: () => fs.rmSync(scratch, { recursive: true, force: true }),
  };
}

/** Writes files below a folder, with the folders that they lie in. */
export function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
}
