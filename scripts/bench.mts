/**
 * `npm run bench`: measures what docs/performance.md says, in one run, and writes it there.
 *
 * Run it on a machine that does nothing else; `npm run build` comes first. A figure is a median or, where it says
 * p95, the time that 95 of 100 do not exceed. Beside a peer, the peer is measured in the same run.
 */
import { spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "../server/src/template/parse";
import { toJsonText } from "../test/print-json";
import { askTimes, editTimes, memory, openTime, startTime } from "./bench/editing.mjs";
import type { EngineFigures } from "./bench/engine.mjs";
import { percentile } from "./bench/figures.mjs";
import { type Row, type Run, writePage } from "./bench/page.mjs";
import { checkMany, checkTimes, coldParseTime } from "./bench/programs.mjs";
import { small, template } from "./bench/templates.mjs";

const root = path.resolve(import.meta.dirname, "..");
const medium = template({ functions: 70 });
/** As many resources as a template may have, at the size that it may have. */
const large = template({ functions: 70, padding: 12_800 });
const json = toJsonText(parse(medium).root ?? fail("the template has no root"));

const rows: Row[] = [];
await measure("edit → diagnostics, 50 lines, p95", 5, "ms", async () => percentile(await editTimes(small, 200), 95));
await measure("edit → diagnostics, 5,162 lines, p95", 10, "ms", async () =>
  percentile(await editTimes(medium, 200), 95),
);
await measure("edit → diagnostics, 1 MB, p95", 20, "ms", async () => percentile(await editTimes(large, 200), 95));
await measure("edit → diagnostics, 5,162 lines as JSON, p95", undefined, "ms", async () =>
  percentile(await editTimes(json, 100, "json"), 95),
);
await measure("open → diagnostics, 5,162 lines, to a bare parse in a fresh process", 1.3, "×", async () =>
  ratio(await openTime(medium, 7), coldParseTime(medium, 7)),
);
const asked = await askTimes(medium, 200);
await measure("hover, 5,162 lines, p95", 5, "ms", async () => percentile(asked.hover, 95));
await measure("code actions, 5,162 lines, p95", 5, "ms", async () => percentile(asked.actions, 95));
await measure("spawn → initialized", 150, "ms", () => startTime(11));
const resident = await memory(large, 1000);
await measure("memory, idle", 70, "MB", async () => resident.idle);
await measure("memory after 1,000 edits at 1 MB", 160, "MB", async () => resident.edited);

const [cold, coldMedium] = [checkTimes(small, 11), checkTimes(medium, 7)];
await measure("command line, cold, 50 lines", 120, "ms", async () => cold.own, peer("cfn-lint", cold.cfnLint));
await measure(
  "command line, cold, 5,162 lines",
  350,
  "ms",
  async () => coldMedium.own,
  peer("cfn-lint", coldMedium.cfnLint),
);

const engine = engineFigures();
await measure("whole lint, 5,162 lines, to a bare parse, both warm", 1.5, "×", async () =>
  ratio(engine.lint, engine.parse),
);
await measure("whole lint, 5,162 lines, to the CEL engine of cloudformation-validate", 1, "×", async () =>
  ratio(engine.lint, engine.cel),
);
await measure("whole lint, 5,162 lines, to its Rego engine", 1, "×", async () => ratio(engine.lint, engine.rego));
await measure("twice the resources", 2.1, "×", async () => ratio(engine.lint, engine.half));
await measure("60 conditions, 6 in the slice, to none", engine.sixtyComplete ? 2 : 0, "×", async () =>
  ratio(engine.sixty, engine.plain),
);
await measure(
  `12 conditions in the slice${engine.twelveComplete ? "" : " (not complete: 256 worlds were looked at)"}`,
  engine.twelveComplete ? 100 : 0,
  "ms",
  async () => engine.twelve,
);
const [alone, together] = [await checkMany(2000, 1), await checkMany(2000, os.cpus().length)];
await measure(`2,000 templates, 1 thread to ${os.cpus().length}`, undefined, "×", async () =>
  ratio(alone.seconds, together.seconds),
);
await measure("2,000 templates, all cores", undefined, "s", async () => together.seconds);
await measure("2,000 templates, memory", undefined, "MB", async () => together.megabytes);

const run: Run = {
  date: new Date().toISOString().slice(0, 10),
  commit: spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).stdout.trim(),
  machine: `${os.cpus()[0]?.model.trim() ?? "unknown processor"}, ${os.cpus().length} cores, Node.js ${process.version}`,
  rows,
};
writePage(path.join(root, "docs"), run);

async function measure(
  what: string,
  goal: number | undefined,
  unit: Row["unit"],
  work: () => Promise<number>,
  note = "",
) {
  const value = await work();
  rows.push({ what, goal, unit, value: Math.round(value * 100) / 100, ...(note === "" ? {} : { note }) });
  console.log(
    `${what}: ${value.toFixed(2)} ${unit}${goal === undefined ? "" : ` (goal ${goal})`}${note === "" ? "" : `; ${note}`}`,
  );
}

function engineFigures(): EngineFigures {
  const { stdout, status } = spawnSync(process.execPath, ["--import=tsx", "scripts/bench/engine.mts"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return status === 0 ? JSON.parse(stdout) : fail("the engine's figures could not be taken");
}

function ratio(own: number, other: number): number {
  return own / other;
}

function peer(name: string, time: number | undefined): string {
  return time === undefined ? "" : `${name}: ${Math.round(time)} ms`;
}

function fail(why: string): never {
  throw new Error(why);
}
