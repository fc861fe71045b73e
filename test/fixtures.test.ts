/** Every fixture says what lint says. `UPDATE=1` writes that down; read the diff before you keep it. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { annotate } from "./annotations";
import { applyEdits, lintAs, nameOf, newProblems, newRules, readFixtures } from "./harness";

const update = process.env.UPDATE === "1";

describe("fixtures", function () {
  // Some stand for hundreds of worlds, and the machine may have other things to do.
  this.timeout(20_000);
  const fixtures = readFixtures();

  it("are there", () => assert.notEqual(fixtures.length, 0));

  for (const fixture of fixtures) {
    it(fixture.name, () => {
      const expected = annotate(fixture.annotated, fixture.language, lintAs(fixture, fixture.text));
      if (update && expected !== fixture.annotated) fs.writeFileSync(fixture.file, expected);
      else assert.equal(fixture.annotated, expected);
    });

    const { fixed } = fixture;
    if (fixed === undefined) continue;
    // The first fix of the first finding that has one.
    it(`${fixture.name}, fixed`, () => {
      const before = lintAs(fixture, fixture.text);
      const finding = before.findings.find(({ fixes }) => fixes.length > 0);
      const fix = finding?.fixes[0];
      assert.ok(finding !== undefined && fix !== undefined, "no finding has a fix");
      const text = applyEdits(fixture.text, fix.edits);
      if (update) fs.writeFileSync(fixed, text);
      else assert.equal(fs.readFileSync(fixed, "utf8"), text);
      const after = lintAs(fixture, text);
      assert.deepEqual(newProblems(fixture.text, text), [], "the fixed text has new problems");
      assert.ok(!after.findings.some((other) => nameOf(other) === nameOf(finding)), "the finding is still there");
      // A fix that is offered, not safe, may leave something to wish for: one subnet in place of two is one zone.
      const hints = after.findings.filter(({ severity }) => severity === "hint").map(({ rule }) => rule);
      const brought = newRules(before, after).filter((rule) => fix.safe || !hints.includes(rule));
      assert.deepEqual(brought, [], "the fix brought new findings");
    });
  }
});
