/**
 * Mocha's spec output for the person, and the counts as JSON for the script that adds them up.
 *
 * The JSON goes to the file named by LAMBDA_EGRESS_TEST_RESULT, and only when the run is over: a run
 * that died writes none, and whoever reads it must take that as a failure.
 */
import * as fs from "node:fs";
import Mocha from "mocha";

export interface TestResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once("end", () => {
      const file = process.env.LAMBDA_EGRESS_TEST_RESULT;
      const { passes, failures, pending } = this.stats;
      const result: TestResult = { passed: passes, failed: failures, skipped: pending };
      if (file !== undefined) fs.writeFileSync(file, JSON.stringify(result));
    });
  }
}
