/** The same verdicts and roles whether a SAM template is read as it stands or as AWS's translator expands it. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "../server/src/template/parse";
import { type Fixture, readFixtures } from "./harness";
import { compareWithTranslator, hasTranslator } from "./sam-expansion";

/** What the translator refuses, with the reason: nothing can be compared there. */
const refusedOnes: Readonly<Record<string, string>> = {
  "engine/not-in-vpc.yaml": "resource attributes of unusual types",
  "engine/wrong-properties.yaml": "wrong types on purpose",
  "engine/wrong-sections.yaml": "wrong types on purpose",
  "undefined-reference/sam.yaml": "it refers to what is not there",
};

describe("SAM parity with aws-sam-translator", function () {
  this.timeout(300_000);
  // Loops are written out by the service before the translator runs; given parameters are not the defaults it uses;
  // and broken text is for no translator.
  const fixtures = readFixtures().filter(
    ({ text, parameters }) =>
      text.includes("AWS::Serverless") &&
      !text.includes("Fn::ForEach") &&
      Object.keys(parameters).length === 0 &&
      parse(text).problems.length === 0,
  );

  it("agrees on every SAM fixture", function () {
    if (!hasTranslator()) {
      assert.ok((process.env.CI ?? "") === "", "aws-sam-translator is missing: pip install aws-sam-translator");
      console.log("SKIPPED: aws-sam-translator is not on this machine (pip install aws-sam-translator)");
      this.skip();
    }
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-sam-"));
    try {
      const names = new Map(fixtures.map((fixture, index) => [written(folder, fixture, index), fixture.name]));
      const compared = compareWithTranslator([...names.keys()]);
      assert.ok(compared.length >= 100, `only ${compared.length} fixtures compared`);
      const nameOf = (file: string): string => names.get(file) ?? file;
      for (const { file, ours, theirs, refused } of compared) {
        if (refused === undefined) assert.deepEqual(ours, theirs, nameOf(file));
      }
      const refusals = compared.flatMap(({ file, refused }) => (refused === undefined ? [] : [nameOf(file)]));
      assert.deepEqual(refusals.sort(), Object.keys(refusedOnes).sort());
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The template alone, without the annotations that only our own reader skips. */
function written(folder: string, { text, language }: Fixture, index: number): string {
  const file = path.join(folder, `${index}.${language}`);
  fs.writeFileSync(file, text);
  return file;
}
