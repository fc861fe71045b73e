/**
 * What holds for every fix of every fixture, safe or not: the text stays a template in its author's hand, the finding
 * goes, and no error or warning comes in its place.
 */
import assert from "node:assert/strict";
import type { LintResult } from "../server/src/lint";
import { render } from "../server/src/message";
import { rules } from "../server/src/rules/index";
import type { Finding } from "../server/src/rules/rule";
import { parse } from "../server/src/template/parse";
import { applyEdits, lintAs, nameOf, newProblems, readFixtures } from "./harness";
import { toJsonText } from "./print-json";

/** Fixes that mend one fault of several, so that the next one comes to light; each with what it uncovers. */
const uncovers: Readonly<Record<string, string>> = {
  // Of several bad subnets of different kinds one is good afterwards.
  "implicit-main-route-table: Associate Forgotten with PrivateTable": "inconsistent-subnets",
  "internet-depends-on-condition: Create Spare always": "inconsistent-subnets",
  // Where the NAT gateway is not created the stack deploys now, and has no way out.
  "internet-depends-on-condition: Create PrivateRoute only together with Nat": "no-internet-route",
};

describe("fixes", function () {
  this.timeout(120_000);
  let fixed = 0;

  for (const fixture of readFixtures()) {
    const { root, problems } = parse(fixture.text);
    const comments = /#\s*lambda-egress-/.test(fixture.text);
    const texts = { as: fixture.text, ...(root && problems.length === 0 && !comments && { json: toJsonText(root) }) };
    for (const [language, text] of Object.entries(texts)) {
      it(`${fixture.name}${language === "json" ? ", in JSON" : ""}`, () => {
        const before = lintAs(fixture, text);
        for (const finding of before.findings) {
          for (const { title, edits, safe } of finding.fixes) {
            const name = `${finding.rule}: ${render(title)}`;
            const after = applyEdits(text, edits);
            fixed++;
            assert.notEqual(after, text, name);
            assert.deepEqual(newProblems(text, after), [], name);
            // In a broken text a fix may not be seen.
            if (parse(text).problems.length > 0) continue;
            assertStyle(text, after, name);
            const result = lintAs(fixture, after);
            assert.ok(count(result, finding) < count(before, finding), `${name} leaves the finding`);
            const fresh = newFaults(before, result).filter((rule) => safe || rule !== uncovers[name]);
            assert.deepEqual(fresh, [], name);
          }
        }
      });
    }
  }

  it("a finding that may have none belongs to a rule whose page says so", () => {
    const without = readFixtures().flatMap((fixture) =>
      lintAs(fixture, fixture.text)
        .findings.filter(({ fixes }) => fixes.length === 0)
        .map(({ rule }) => rule),
    );
    const silent = rules
      .filter(({ id, docs }) => without.includes(id) && !/quick\s+fix/.test(docs))
      .map(({ id }) => id);
    assert.deepEqual(silent, []);
  });

  it("are many", () => assert.ok(fixed > 800, `${fixed} fixes`));
});

/** JSON stays JSON, short calls stay short and long ones long, line breaks and comments outside the change stay. */
function assertStyle(before: string, after: string, name: string): void {
  if (before.trimStart().startsWith("{")) {
    assert.doesNotThrow(() => JSON.parse(after), name);
  } else {
    const short = /(?:^|[\s[,])!(?:Ref|GetAtt|Sub)\b/;
    const long = /(?:^|[\s{])(?:Ref|Fn::GetAtt|Fn::Sub): /;
    if (!short.test(before) && long.test(before)) assert.doesNotMatch(after, short, name);
    if (!long.test(before) && short.test(before)) assert.doesNotMatch(after, long, name);
    const kept = [...before.matchAll(/# .*/g)].filter(([comment]) => !after.includes(comment));
    if (!/^[\w-]+: (?:Remove|Take)\b/.test(name)) assert.deepEqual(kept.map(String), [], `${name} takes comments away`);
  }
  assert.equal(/\r\n/.test(after), /\r\n/.test(before), name);
  const tails = (text: string) => text.split("\n").filter((line) => / +$/.test(line)).length;
  assert.ok(tails(after) <= tails(before), `${name} leaves white space at the end of a line`);
}

function count({ findings }: LintResult, finding: Finding): number {
  return findings.filter((other) => nameOf(other) === nameOf(finding)).length;
}

/** Returns the rules that report more errors and warnings than before. */
function newFaults(before: LintResult, after: LintResult): string[] {
  const faults = ({ findings }: LintResult, rule: string) =>
    findings.filter((one) => one.rule === rule && (one.severity === "error" || one.severity === "warning")).length;
  return [...new Set(after.findings.map(({ rule }) => rule))].filter(
    (rule) => faults(after, rule) > faults(before, rule),
  );
}
