/** What is said of all worlds at once is what is said of each by itself, its parameters bound. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { analyse } from "../server/src/analysis";
import { type Dependence, type LintResult, lint } from "../server/src/lint";
import { english, render } from "../server/src/message";
import { internet } from "../server/src/network/egress";
import { verdictsOf } from "../server/src/network/verdict-alone";
import { subjectOf } from "../server/src/subject";
import { parse } from "../server/src/template/parse";
import { readTemplate } from "../server/src/template/read";
import { expandSam } from "../server/src/template/sam";
import { onlyOnce } from "../server/src/template/stage";
import { conditionalTemplate, type Shape, slots } from "./conditional-template";
import { readFixtures } from "./harness";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

describe(`worlds, each by itself (SEED=${seed})`, function () {
  this.timeout(300_000);

  it("a verdict, its rows and the findings hold in every world", () => {
    fc.assert(
      fc.property(shape(), (one) => {
        const text = conditionalTemplate(one);
        const all = lint(parse(text));
        for (const values of assignments(one)) {
          const single = lint(parse(text), { parameters: values });
          const context = `${JSON.stringify(values)}\n${text}`;
          assert.deepEqual(verdictsIn(all, values), verdictsIn(single, values), context);
          assert.deepEqual(missing(all, single), [], `found only by itself: ${context}`);
          assert.deepEqual(missing(single, holding(all, values)), [], `not found by itself: ${context}`);
        }
      }),
      { seed, numRuns: 6 },
    );
  });

  it("a verdict alone is the verdict of the whole answer", () => {
    let seen = 0;
    for (const { name, text, parameters } of readFixtures()) {
      const template = readTemplate(parse(text), parameters);
      if (template === undefined) continue;
      for (const { exploration } of analyse(subjectOf(expandSam(template), parameters, internet)).functions) {
        for (const { result } of exploration.leaves) {
          if (result.fn === undefined) continue;
          seen++;
          assert.equal(verdictsOf(result.network, internet, onlyOnce)(result.fn.fn), result.fn.verdict, name);
        }
      }
    }
    assert.ok(seen > 500, `${seen} worlds`);
  });
});

/** Which of up to six conditions decides about each part of the template, and what the conditions read. */
function shape(): fc.Arbitrary<Shape> {
  const condition = fc.record({
    kind: fc.constantFrom("is", "is", "not", "and", "or"),
    parameter: fc.nat(5),
    other: fc.nat(5),
  });
  const uses = fc.array(fc.record({ slot: fc.constantFrom(...slots), condition: fc.nat(5) }), {
    minLength: 2,
    maxLength: 7,
  });
  return fc.record({ conditions: fc.array(condition, { minLength: 6, maxLength: 6 }), uses });
}

function assignments({ conditions }: Shape): Record<string, string>[] {
  const names = [...new Set(conditions.flatMap(({ parameter, other }) => [parameter, other]))].map((at) => `P${at}`);
  return names.reduce<Record<string, string>[]>(
    (all, name) => all.flatMap((values) => ["yes", "no"].map((value) => ({ ...values, [name]: value }))),
    [{}],
  );
}

/** Returns the verdicts that hold under these values; one outside a VPC has the internet. */
function verdictsIn({ functions }: LintResult, values: Record<string, string>): string[][] {
  return functions.map(({ id, verdict, dependsOn }) => {
    const rows = dependsOn.filter(({ when }) => isTrue(when, values)).map((row) => row.verdict);
    const verdicts = dependsOn.length === 0 ? [verdict] : rows;
    return [id, ...new Set(verdicts.map((one) => (one === "not-in-vpc" ? "internet" : one)))];
  });
}

function isTrue(when: Dependence["when"], values: Record<string, string>): boolean {
  return Object.entries(when).every(([name, choice]) =>
    typeof choice === "string" ? values[name] === choice : !choice.not.includes(values[name] ?? ""),
  );
}

/** Returns the findings whose condition holds under these values. */
function holding(all: LintResult, values: Record<string, string>): LintResult {
  const findings = all.findings.filter(({ message }) => {
    const [, words] = / \(when (.*)\)$/.exec(render(message, english)) ?? [];
    return (words?.split(" and ") ?? []).every((word) => {
      const [, name = "", not, value = ""] = /^(\w+) is (not )?(.*)$/.exec(word) ?? [];
      return not === undefined ? values[name] === value : !value.split(", ").includes(values[name] ?? "");
    });
  });
  return { ...all, findings };
}

/** Returns what one result finds and the other does not. */
function missing(from: LintResult, wanted: LintResult): string[] {
  const names = ({ findings }: LintResult): string[] =>
    findings.map(({ rule, span }) => `${rule} ${span.start}-${span.end}`);
  const there = new Set(names(from));
  return names(wanted).filter((name) => !there.has(name));
}
