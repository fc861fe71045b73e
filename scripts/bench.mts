/**
 * `npm run bench`: measures what docs/performance.md says, in one run, and writes it there.
 *
 * Run it on a machine that does nothing else; `npm run build` comes first. A figure is a median or, where it says
 * p95, the time that 95 of 100 do not exceed. Beside a peer, the peer is measured in the same run.
 */
import { spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { buildSync } from "esbuild";
import { type Activation, activationTimes } from "./bench/activation.mjs";
import { askTimes, editTimes, memory, openTime, startTime } from "./bench/editing.mjs";
import type { EngineFigures, Point } from "./bench/engine.mjs";
import { percentile } from "./bench/figures.mjs";
import { misses } from "./bench/misses.mjs";
import { type Growth, type Row, type Run, writePage } from "./bench/page.mjs";
import { type Crowd, checkMany, checkTimes, coldParseTime, serverBytes } from "./bench/programs.mjs";
import { asCdk, small, template } from "./bench/templates.mjs";
import { Unavailable } from "./vscode/install.mjs";

const root = path.resolve(import.meta.dirname, "..");
const cores = os.cpus().length;
const medium = template({ functions: 70 });
/** As many resources as a template may have, at the size that it may have. */
const large = template({ functions: 70, padding: 12_800 });

const rows: Row[] = [];
const growth: Growth[] = [];

await editing();
await commandLine();
engine();
await manyFiles();

const run: Run = {
  date: new Date().toISOString().slice(0, 10),
  commit: spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).stdout.trim(),
  machine: `${os.cpus()[0]?.model.trim() ?? "unknown processor"}, ${cores} cores, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()}`,
  node: process.version,
  rows,
  growth,
};
writePage(path.join(root, "docs"), run, misses);

/** What is felt in an editor. */
async function editing(): Promise<void> {
  const p95: number[] = [];
  const edits = async (id: string, what: string, text: string, goal: number, languageId = "yaml"): Promise<void> => {
    const times = await editTimes(text, 200, languageId);
    const value = percentile(times, 95);
    if (languageId === "yaml") p95.push(value);
    told({ id, what: `edit → diagnostics, ${what}, p95`, goal, unit: "ms", value, main: true });
  };
  await edits("edit-small", "47 lines", small, 5);
  await edits("edit-medium", "5,162 lines", medium, 10);
  await edits("edit-large", "1 MB", large, 20);
  await edits("edit-json-small", "47 lines as JSON of CDK", asCdk(small), 5, "json");
  await edits("edit-json-medium", "5,162 lines as JSON of CDK", asCdk(medium), 10, "json");
  await edits("edit-json-large", "1 MB as JSON of CDK", asCdk(large), 20, "json");
  growth.push(
    toGrowth(
      "an edit, by lines",
      "ms",
      ["47", "5,162", `${large.split("\n").length.toLocaleString("en")} (1 MB)`],
      p95,
    ),
  );

  const [bare, opened] = [coldParseTime(medium, 7), await openTime(medium, 7)];
  const toParse = "open → diagnostics, 5,162 lines, to a bare parse in a fresh process";
  const peer = `${ms(opened)} to ${ms(bare)} of \`yaml\``;
  told({ id: "open", what: toParse, goal: 1.3, unit: "×", value: opened / bare, peer, main: true });
  const json = await openTime(asCdk(medium), 7, "json");
  told({ id: "open-json", what: "open → diagnostics, the same as JSON of CDK", unit: "ms", value: json });

  const asked = await askTimes(medium, 200);
  const p95Of = (times: readonly number[]) => ({ goal: 5, unit: "ms", value: percentile(times, 95) }) as const;
  told({ id: "hover", what: "hover, 5,162 lines, p95", ...p95Of(asked.hover) });
  told({ id: "actions", what: "code actions, 5,162 lines, p95", ...p95Of(asked.actions) });
  told({ id: "start", what: "spawn → initialized", goal: 150, unit: "ms", value: await startTime(11), main: true });
  const bundle = "the server's bundle, with what it loads at its start";
  told({ id: "server-bundle", what: bundle, goal: 650, unit: "kB", value: serverBytes() / 1024 });
  const activation = await inVSCode(() => activationTimes(3));
  if (activation !== undefined) activating(activation);
  const { idle, edited } = await memory(large, 1000);
  told({ id: "memory-idle", what: "memory of the server, idle", goal: 70, unit: "MB", value: idle });
  const what = "memory of the server after 1,000 edits at 1 MB";
  told({ id: "memory", what, goal: 160, unit: "MB", value: edited, main: true });
}

/** What the editor itself does until it has the extension, and what follows until the first finding. */
function activating({ activated, found }: Activation): void {
  const what = "activation in VS Code, loading and `activate`";
  told({ id: "activation", what, goal: 80, unit: "ms", value: activated, main: true });
  told({ id: "activation-found", what: "from there to the first finding, server started", unit: "ms", value: found });
}

/** Returns undefined, and says why, where this machine cannot run VS Code. */
async function inVSCode<Figures>(measure: () => Promise<Figures>): Promise<Figures | undefined> {
  try {
    return await measure();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`activation in VS Code is left out: ${error.message}`);
    return undefined;
  }
}

/** One template on the command line. */
async function commandLine(): Promise<void> {
  for (const [id, what, text, goal] of [
    ["check-small", "47 lines", small, 120],
    ["check-medium", "5,162 lines", medium, 350],
  ] as const) {
    const { own, cfnLint } = checkTimes(text, 11);
    const peer = cfnLint === undefined ? {} : { peer: `cfn-lint: ${ms(cfnLint)}` };
    told({ id, what: `\`check\`, cold, ${what}`, goal, unit: "ms", value: own, ...peer, main: true });
  }
}

/** The engine by itself, in a process of its own. */
function engine(): void {
  const figures = engineFigures();
  const { parse, lint, cel, rego, plain, sixty, twelve, resources, conditions } = figures;
  for (const [id, what, goal, other] of [
    ["lint-parse", "a bare parse, both warm", 1.5, parse],
    ["lint-cel", "the CEL engine of cloudformation-validate", 1, cel],
    ["lint-rego", "its Rego engine", 1, rego],
  ] as const) {
    const peer = `${ms(lint)} to ${ms(other)}`;
    told({ id, what: `whole lint, 5,162 lines, to ${what}`, goal, unit: "×", value: lint / other, peer });
  }
  const [half, whole] = [resources[0]?.time ?? Number.NaN, resources[1]?.time ?? Number.NaN];
  told({ id: "twice", what: "twice the resources", goal: 2.1, unit: "×", value: whole / half });
  const isOpen = figures.sixtyComplete ? 2 : 0;
  const conditional = "60 conditions, 6 in the slice, to none";
  told({ id: "conditions-60", what: conditional, goal: isOpen, unit: "×", value: sixty / plain, main: true });
  const limit = figures.twelveComplete ? "" : " (not complete: 256 worlds were looked at)";
  const all = { goal: figures.twelveComplete ? 100 : 0, unit: "ms", value: twelve } as const;
  told({ id: "conditions-12", what: `12 conditions in the slice${limit}`, ...all });
  const by = (what: string, points: readonly Point[]): Growth =>
    toGrowth(
      what,
      "ms",
      points.map(({ size }) => String(size)),
      points.map(({ time }) => time),
    );
  growth.push(by("a whole lint, by resources", resources));
  growth.push(by("a lint of one function, by conditions that it depends on", conditions));
}

/** Whole folders, on one processor and on all. */
async function manyFiles(): Promise<void> {
  const sizes = [250, 500, 1000, 2000];
  const crowds: Crowd[] = [];
  for (const size of sizes) crowds.push(await checkMany(size, cores));
  const [least, most] = [crowds[0], crowds.at(-1)];
  if (least === undefined || most === undefined) throw new Error("nothing was checked");
  // One thread alone has more than one processor work: V8 collects garbage and compiles beside it.
  const alone = await checkMany(2000, 1, { isOnOne: true });
  const many = "2,000 templates";
  told({ id: "many", what: `${many}, all cores`, unit: "s", value: most.seconds, main: true });
  const threads = "all cores to an even share of one core";
  const ideal = alone.seconds / cores;
  const peer = `${alone.seconds.toFixed(1)} s on one core`;
  told({ id: "threads", what: `${many}, ${threads}`, goal: 1.25, unit: "×", value: most.seconds / ideal, peer });
  const work = most.processorSeconds / alone.processorSeconds;
  told({
    id: "threads-work",
    what: `${many}, processor time on all cores to that on one`,
    goal: 1.25,
    unit: "×",
    value: work,
  });
  told({ id: "many-memory", what: `${many}, memory`, unit: "MB", value: most.megabytes, main: true });
  const flat = most.megabytes / least.megabytes;
  told({ id: "memory-flat", what: "memory at 2,000 templates to that at 250", goal: 1.25, unit: "×", value: flat });
  const labels = sizes.map((size) => size.toLocaleString("en"));
  const of = (figure: "seconds" | "megabytes") => crowds.map((crowd) => crowd[figure]);
  growth.push(toGrowth("time on all cores, by files", "s", labels, of("seconds")));
  growth.push(toGrowth("memory, by files", "MB", labels, of("megabytes")));
}

function engineFigures(): EngineFigures {
  // Bundled as what is shipped is: a module loader's own work between modules would be a fifth of what is measured.
  const outfile = path.join(root, "out/bench/engine.cjs");
  buildSync({
    entryPoints: [path.join(root, "scripts/bench/engine.mts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    external: ["@aws/cloudformation-validate"],
    logLevel: "error",
  });
  const { stdout, status } = spawnSync(process.execPath, [outfile], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error("the engine's figures could not be taken");
  return JSON.parse(stdout);
}

/** Takes a row, and shows it to whoever waits. */
function told(row: Row): void {
  rows.push({ ...row, value: rounded(row.value) });
  const { what, value, unit, goal, peer } = row;
  console.log([`${what}: ${rounded(value)} ${unit}`, goal && `goal ${goal}`, peer].filter(Boolean).join("; "));
}

function toGrowth(what: string, unit: Growth["unit"], sizes: readonly string[], values: readonly number[]): Growth {
  return { what, unit, points: sizes.map((size, index) => ({ size, value: rounded(values[index] ?? Number.NaN) })) };
}

/** More digits than three say more than a measurement can. */
function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
