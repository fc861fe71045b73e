/**
 * What the engine takes by itself: a program of its own, so that nothing measured before it is in its caches.
 * Prints one object of figures, in milliseconds, as JSON.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CelEngine, type Engine, RegoEngine, TemplateFile } from "@aws/cloudformation-validate";
import { parseDocument } from "yaml";
import { type LintResult, lint } from "../../server/src/lint";
import { parse } from "../../server/src/template/parse";
import { median } from "./figures.mjs";
import { template } from "./templates.mjs";

export interface EngineFigures {
  /** A bare parse by `yaml`, warm. */
  readonly parse: number;
  /** The whole lint of a text never seen before, warm code. */
  readonly lint: number;
  readonly cel: number;
  readonly rego: number;
  /** Whole lints of 1, 2 and 4 times so many functions. */
  readonly resources: readonly Point[];
  /** One function with so many conditions that its network depends on. */
  readonly conditions: readonly Point[];
  /** No conditions; 60 with 6 in the slice; 12 in the slice. */
  readonly plain: number;
  readonly sixty: number;
  readonly twelve: number;
  /** Whether every world was looked at: a row of `dependsOn` and no reason that tells of a cap. */
  readonly sixtyComplete: boolean;
  readonly twelveComplete: boolean;
}

export interface Point {
  readonly size: number;
  readonly time: number;
}

const runs = 15;
const medium = template({ functions: 70 });
const plain = template({ functions: 10 });

type Task = readonly [text: string, work: (text: string) => unknown];

/**
 * Returns the median time of each task, on texts that differ in a comment, the way a text differs that was never read
 * before. The tasks take turns, so that what changes with time changes for all of them.
 */
function fresh(tasks: readonly Task[], warmUp = 15): number[] {
  const times = tasks.map((): number[] => []);
  for (let run = -warmUp; run < runs; run++) {
    for (const [index, [text, work]] of tasks.entries()) {
      const own = `${text}# ${run}\n`;
      const start = performance.now();
      work(own);
      if (run >= 0) times[index]?.push(performance.now() - start);
    }
  }
  return times.map(median);
}

function check(text: string): LintResult {
  return lint(parse(text));
}

function isComplete({ functions }: LintResult): boolean {
  return functions.every(({ reasons }) => !reasons.some((reason) => reason.template.includes("more combinations")));
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-bench-"));
const peer = (make: () => Engine): number => {
  const engine = make();
  const file = path.join(folder, "template.yaml");
  const validate = (text: string): unknown => {
    fs.writeFileSync(file, text);
    return engine.validateStandard(new TemplateFile(file));
  };
  const [time = Number.NaN] = fresh([[medium, validate]], 2);
  engine.free();
  return time;
};
const points = (sizes: readonly number[], texts: readonly string[]): Point[] => {
  const times = fresh(texts.map((text): Task => [text, check]));
  return sizes.map((size, index) => ({ size, time: times[index] ?? Number.NaN }));
};

const functions = [35, 70, 140];
const counts = [0, 1, 2, 4, 8];
const sixty = template({ functions: 10, conditions: 60, slice: 6 });
const twelve = template({ functions: 1, conditions: 12, slice: 12 });
const [parseTime = Number.NaN, lintTime = Number.NaN] = fresh([
  [medium, parseDocument],
  [medium, check],
]);
const [plainTime = Number.NaN, sixtyTime = Number.NaN, twelveTime = Number.NaN] = fresh([
  [plain, check],
  [sixty, check],
  [twelve, check],
]);
const figures: EngineFigures = {
  parse: parseTime,
  lint: lintTime,
  resources: points(
    functions.map((count) => 9 + 7 * count),
    functions.map((count) => template({ functions: count })),
  ),
  conditions: points(
    counts,
    counts.map((count) => template({ functions: 1, conditions: count, slice: count })),
  ),
  plain: plainTime,
  sixty: sixtyTime,
  twelve: twelveTime,
  sixtyComplete: isComplete(check(sixty)),
  twelveComplete: isComplete(check(twelve)),
  cel: peer(() => new CelEngine()),
  rego: peer(() => new RegoEngine()),
};
fs.rmSync(folder, { recursive: true });
console.log(JSON.stringify(figures));
