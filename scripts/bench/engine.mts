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
  readonly half: number;
  /** No conditions; 60 with 6 in the slice; 12 in the slice. */
  readonly plain: number;
  readonly sixty: number;
  readonly twelve: number;
  /** Whether every world was looked at: a row of `dependsOn` and no reason that tells of a cap. */
  readonly sixtyComplete: boolean;
  readonly twelveComplete: boolean;
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
  half: fresh(template({ functions: 35 }), check),
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
