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

const runs = 9;
const medium = template({ functions: 70 });
const plain = template({ functions: 10 });

/** Runs the work on texts that differ in a comment, the way a text differs that was never read before. */
function fresh(text: string, work: (text: string) => unknown, warmUp = 4): number {
  const times: number[] = [];
  for (let run = -warmUp; run < runs; run++) {
    const own = `${text}# ${run}\n`;
    const start = performance.now();
    work(own);
    if (run >= 0) times.push(performance.now() - start);
  }
  return median(times);
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
  const time = fresh(
    medium,
    (text) => {
      fs.writeFileSync(file, text);
      return engine.validateStandard(new TemplateFile(file));
    },
    2,
  );
  engine.free();
  return time;
};

const sixty = template({ functions: 10, conditions: 60, slice: 6 });
const twelve = template({ functions: 1, conditions: 12, slice: 12 });
const figures: EngineFigures = {
  parse: fresh(medium, parseDocument),
  lint: fresh(medium, check),
  resources: [35, 70, 140].map((functions) => ({
    size: 9 + 7 * functions,
    time: fresh(template({ functions }), check),
  })),
  conditions: [0, 1, 2, 4, 8].map((count) => ({
    size: count,
    time: fresh(template({ functions: 1, conditions: count, slice: count }), check),
  })),
  plain: fresh(plain, check),
  sixty: fresh(sixty, check),
  twelve: fresh(twelve, check),
  sixtyComplete: isComplete(check(sixty)),
  twelveComplete: isComplete(check(twelve)),
  cel: peer(() => new CelEngine()),
  rego: peer(() => new RegoEngine()),
};
fs.rmSync(folder, { recursive: true });
console.log(JSON.stringify(figures));
