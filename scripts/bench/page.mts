/** docs/performance.md and the runs that it is made of. */
import * as fs from "node:fs";
import * as path from "node:path";

export interface Row {
  readonly what: string;
  /** Absent where the figure is told and not judged; 0 where it cannot count. */
  readonly goal: number | undefined;
  readonly unit: "ms" | "MB" | "×" | "s";
  readonly value: number;
  readonly note?: string;
}

export interface Run {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly rows: readonly Row[];
}

/** Adds a run to the history in `folder` and writes the page anew. */
export function writePage(folder: string, run: Run): void {
  const file = path.join(folder, "performance.json");
  const before: readonly Run[] = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : [];
  const runs = [...before.filter(({ commit }) => commit !== run.commit), run];
  fs.writeFileSync(file, `${JSON.stringify(runs, undefined, 2)}\n`);
  fs.writeFileSync(path.join(folder, "performance.md"), toPage(runs));
}

function toPage(runs: readonly Run[]): string {
  const last = runs.at(-1);
  if (last === undefined) return "";
  return `# Performance

Made by \`npm run bench\`, which measures every row in one run. The last one: ${last.date}, commit ${last.commit}, on
${last.machine}.

| what | measured | goal | reached |
| --- | --- | --- | --- |
${last.rows.map(toRow).join("\n")}

The templates are made by the bench: one function (50 lines), 70 functions with a subnet, table, group and role each
(499 resources, 5,162 lines), and the same filled up to CloudFormation's limit of 1 MB. An edit is a letter in a text, a
new line or a new resource, anywhere in the file, and each is taken back by the next one.

## How cost grows

- **An edit** costs a look at the start of every line, the parse of one block, and the rules. The analysis of a
  function is done again only where an edit touched something that bears on it.
- **A first lint** grows with the text: \`yaml\` reads every block once. Analyses grow with functions and with what
  bears on each, not with the template around it.
- **Conditions** cost only where something on a function's path depends on them. Each independent one that does
  doubles the worlds to look at, up to 256; then the report says that there are more.
- **JSON** is cut and parsed by member as YAML is by block; a text whose brackets do not match is parsed whole.

## History

| date | commit | ${last.rows.map(({ what }) => what).join(" | ")} |
| --- | --- | ${last.rows.map(() => "---").join(" | ")} |
${runs.map((run) => `| ${run.date} | ${run.commit} | ${last.rows.map(({ what }) => cell(run.rows.find((row) => row.what === what))).join(" | ")} |`).join("\n")}
`;
}

function toRow({ what, value, unit, goal, note }: Row): string {
  const reached = goal === undefined ? "" : value <= goal ? "yes" : "**no**";
  const wanted = goal === undefined || goal === 0 ? "" : `≤ ${goal} ${unit}`;
  return `| ${what} | ${value} ${unit}${note === undefined ? "" : ` (${note})`} | ${wanted} | ${reached} |`;
}

function cell(row: Row | undefined): string {
  return row === undefined ? "" : `${row.value} ${row.unit}`;
}
