/** docs/performance.md and the runs that it is made of. */
import * as fs from "node:fs";
import * as path from "node:path";

export interface Row {
  /** Stays the same when the words change: by it the history and the reasons for misses find their rows. */
  readonly id: string;
  readonly what: string;
  /** What the value must not exceed; absent where the figure is told and not judged, 0 where it cannot count. */
  readonly goal?: number;
  readonly unit: Unit;
  readonly value: number;
  /** What it is measured against in the same run, with its own figure. */
  readonly peer?: string;
  /** The history has a column for it. */
  readonly main?: boolean;
}

export type Unit = "ms" | "kB" | "MB" | "×" | "s";

/** How a cost grows: the same work at several sizes. */
export interface Growth {
  readonly what: string;
  readonly unit: Unit;
  readonly points: readonly { readonly size: string; readonly value: number }[];
}

export interface Run {
  /** The day, in UTC. */
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}

/** Adds a run to the history in `folder` and writes the page anew; `misses` says why a row misses its goal, by its id. */
export function writePage(folder: string, run: Run, misses: Readonly<Record<string, string>>): void {
  const file = path.join(folder, "performance.json");
  const before: readonly Run[] = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : [];
  const isOther = ({ date, commit }: Run) => date !== run.date || commit !== run.commit;
  const runs = [...before.filter(isOther), run];
  fs.writeFileSync(file, `${JSON.stringify(runs, undefined, 2)}\n`);
  fs.writeFileSync(path.join(folder, "performance.md"), toPage(run, runs, misses));
}

/** Returns the page on the last of the runs. */
export function toPage(run: Run, runs: readonly Run[], misses: Readonly<Record<string, string>>): string {
  const missed = run.rows.filter(isMissed);
  const reasons = missed.map(({ id, what }) => `- **${what}**: ${misses[id] ?? "not explained yet."}`);
  return `# Performance

Made by \`npm run bench\`, which measures every row in one run.

| | |
| --- | --- |
| date | ${run.date} |
| commit | ${run.commit} |
| machine | ${run.machine} |
| Node.js | ${run.node} |

${table(["what", "measured", "beside it", "goal", "met"], run.rows.map(toRow))}
${reasons.length === 0 ? "" : `## Goals that are missed\n\n${reasons.join("\n")}\n\n`}## How cost grows

Each at several sizes, with how many times the first size's cost it is.

${run.growth.map(growthTable).join("\n")}
## What is measured

The templates are made by the bench: one function (47 lines), 70 functions with a subnet, table, group and role each
(499 resources, 5,162 lines), and the same filled up to CloudFormation's limit of 1 MB; as JSON they are printed as CDK
prints them, each resource with its path. An edit is a letter in a text, a new line or a new resource, anywhere in the
file, and each is taken back by the next one. Activation is read from the marks that VS Code itself leaves in its
extension host, as the median of three windows that open a template of \`examples/\`; the language client and the server
are loaded after it, and count in the row below. "Cold" is a process of its own, from its start to its end. The many
templates have one to five functions and lie in one folder; on one core they are checked by one thread, which on several
cores would have V8 collect garbage and compile beside it.

## History

${history(runs, run)}`;
}

function toRow({ what, value, unit, goal, peer = "", ...row }: Row): readonly string[] {
  const met = goal === undefined ? "" : isMissed({ what, value, unit, goal, ...row }) ? "**no**" : "yes";
  const wanted = goal === undefined || goal === 0 ? "" : `≤ ${goal} ${unit}`;
  return [what, `${value} ${unit}`, peer, wanted, met];
}

function isMissed({ goal, value }: Row): boolean {
  return goal !== undefined && value > goal;
}

function growthTable({ what, unit, points }: Growth): string {
  const first = points[0]?.value ?? Number.NaN;
  return table(
    [what, ...points.map(({ size }) => size)],
    [
      [unit, ...points.map(({ value }) => String(value))],
      ["×", ...points.map(({ value }) => (value / first).toFixed(2))],
    ],
  );
}

/** One line a run; a figure that a run did not take yet stays empty. */
function history(runs: readonly Run[], { rows }: Run): string {
  const main = rows.filter((row) => row.main === true);
  const lines = runs.toReversed().map(({ date, commit, node, rows: own }) => [
    date,
    commit,
    node,
    ...main.map(({ id }) => {
      const row = own.find((one) => one.id === id);
      return row === undefined ? "" : `${row.value} ${row.unit}`;
    }),
  ]);
  return table(["date", "commit", "Node.js", ...main.map(({ what }) => what)], lines);
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
