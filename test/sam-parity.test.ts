/** The same verdicts and roles whether a SAM template is read as it stands or as AWS's translator expands it. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { fixtureFolder, readFixtures } from "./harness";
import { compareWithTranslator, hasTranslator } from "./sam-expansion";

describe("SAM parity with aws-sam-translator", function () {
  this.timeout(120_000);
  const files = readFixtures()
    .filter(({ text, parameters }) => text.includes("AWS::Serverless") && Object.keys(parameters).length === 0)
    .map(({ name }) => path.join(fixtureFolder, name));
  /** Loops are written out by the service before the translator runs; it refuses them. */
  const loops = files.filter((file) => fs.readFileSync(file, "utf8").includes("Fn::ForEach"));

  it("agrees on every SAM fixture", function () {
    if (!hasTranslator()) {
      assert.ok((process.env.CI ?? "") === "", "aws-sam-translator is missing: pip install aws-sam-translator");
      console.log("SKIPPED: aws-sam-translator is not on this machine (pip install aws-sam-translator)");
      this.skip();
    }
    const compared = compareWithTranslator(files.filter((file) => !loops.includes(file)));
    assert.ok(compared.length >= 10, `only ${compared.length} fixtures compared`);
    const refused = compared.filter((one) => one.refused !== undefined).map((one) => `${one.file}: ${one.refused}`);
    assert.deepEqual(refused, []);
    for (const { file, ours, theirs } of compared) assert.deepEqual(ours, theirs, file);
  });
});
