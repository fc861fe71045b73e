/** Whole programs, from the start of the process to its end. */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findProgram } from "../vscode/install.mjs";
import { median } from "./figures.mjs";
import { template } from "./templates.mjs";

const dist = path.resolve(import.meta.dirname, "../../dist");
const cli = path.join(dist, "cli.js");

/** Returns the median milliseconds that `lambda-egress check` takes for a text, and cfn-lint where it is installed. */
export function checkTimes(text: string, runs: number): { own: number; cfnLint: number | undefined } {
  return inFolder((folder) => {
    const file = path.join(folder, "template.yaml");
    fs.writeFileSync(file, text);
    const cfnLint = findProgram("cfn-lint");
    return {
      own: programTime(process.execPath, [cli, "check", file], runs),
      cfnLint: cfnLint === undefined ? undefined : programTime(cfnLint, ["-t", file], Math.ceil(runs / 2)),
    };
  });
}

/** Returns the median milliseconds of a bare parse by `yaml`, in processes that have parsed nothing before. */
export function coldParseTime(text: string, runs: number): number {
  return inFolder((folder) => {
    const file = path.join(folder, "template.yaml");
    fs.writeFileSync(file, text);
    const program = `const { parseDocument } = require("yaml"); const text = require("fs").readFileSync(${JSON.stringify(file)}, "utf8");
const start = performance.now(); parseDocument(text); console.log(performance.now() - start);`;
    const times = Array.from({ length: runs }, () =>
      Number(spawnSync(process.execPath, ["-e", program], { encoding: "utf8", cwd: path.dirname(cli) }).stdout),
    );
    return median(times);
  });
}

/** Returns the size in bytes of the language server: of its bundle, and of all others that it loads at its start. */
export function serverBytes(): number {
  // It takes standard output and the console for its own, and ends with its input.
  const program = `process.argv.push("server", "--stdio");
process.on("exit", () => require("fs").writeSync(2, JSON.stringify(Object.keys(require.cache))));
require("./server.js");`;
  const { stderr } = spawnSync(process.execPath, ["-e", program], { cwd: dist, encoding: "utf8", input: "" });
  const files: readonly string[] = JSON.parse(stderr);
  return files.reduce((sum, file) => sum + fs.statSync(file).size, 0);
}

/** What a check of many files takes. */
export interface Crowd {
  readonly seconds: number;
  /** Of all processors together, in the program and in the system for it. */
  readonly processorSeconds: number;
  /** The most resident memory. */
  readonly megabytes: number;
}

/** Checks a folder of so many templates of 100 and more lines, with so many threads; `isOnOne` leaves one processor to it. */
export async function checkMany(files: number, threads: number, { isOnOne = false } = {}): Promise<Crowd> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-bench-"));
  try {
    for (let index = 0; index < files; index++) {
      const text = template({ functions: 1 + (index % 5) });
      fs.writeFileSync(path.join(folder, `template-${index}.yaml`), text);
    }
    const command = [process.execPath, cli, "check", folder, "--quiet", "--threads", String(threads)];
    return await measured(isOnOne ? ["taskset", "--cpu-list", "0", ...command] : command);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Linux tells of a process while it runs, in ticks of a hundredth of a second. */
function measured([program = "", ...args]: readonly string[]): Promise<Crowd> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: "ignore" });
  let [megabytes, ticks] = [0, 0];
  const look = setInterval(() => {
    try {
      const status = fs.readFileSync(`/proc/${child.pid}/status`, "utf8");
      megabytes = Math.max(megabytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      const fields = fs
        .readFileSync(`/proc/${child.pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      ticks = Math.max(ticks, Number(fields[11]) + Number(fields[12]));
    } catch {
      // It has just ended.
    }
  }, 20);
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", () => {
      clearInterval(look);
      resolve({ seconds: (performance.now() - start) / 1000, processorSeconds: ticks / 100, megabytes });
    });
  });
}

function programTime(program: string, args: readonly string[], runs: number): number {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    spawnSync(program, args, { stdio: "ignore" });
    return performance.now() - start;
  });
  return median(times);
}

function inFolder<Result>(work: (folder: string) => Result): Result {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-bench-"));
  try {
    return work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
