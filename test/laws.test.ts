/** What holds for every fixture, whatever it is about. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { LintResult } from "../server/src/lint";
import { positionAt, toLines } from "../server/src/report/file";
import { parse } from "../server/src/template/parse";
import type { Entry } from "../server/src/template/syntax";
import { applyEdits, type Fixture, lintAs, nameOf, newProblems, newRules, readFixtures } from "./harness";
import { pathOf, toJsonText } from "./print-json";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** Few a fixture, for there are hundreds of them and every run draws others. */
const cuts = 12;
const edits = 5;

/** Rules that speak of the first or the second of two, whichever it is, so that order moves them. */
const ordered = new Set(["invalid-route", "standalone-egress-removes-allow-all"]);

describe(`laws (SEED=${seed})`, function () {
  // Hundreds of lints a test, on machines with other things to do.
  this.timeout(120_000);
  const fixtures = readFixtures();
  it("have fixtures to hold for", () => assert.notEqual(fixtures.length, 0));

  for (const fixture of fixtures) {
    const { text } = fixture;

    describe(fixture.name, () => {
      it("any prefix is linted", () => {
        for (let cut = 0; cut < cuts; cut++) {
          const prefix = text.slice(0, Math.floor((text.length * (cut + (seed % 97) / 97)) / cuts));
          assert.doesNotThrow(() => lintAs(fixture, prefix), `at offset ${prefix.length}`);
        }
      });

      it("any edit of it is linted, with every place inside the text", () => {
        fc.assert(
          fc.property(edited(text), (broken) => {
            for (const place of places(lintAs(fixture, broken))) {
              assert.ok(
                0 <= place.start && place.start <= place.end && place.end <= broken.length,
                JSON.stringify(place),
              );
            }
          }),
          { seed, numRuns: edits },
        );
      });

      it("line breaks change nothing but offsets", () => {
        const crlf = text.replace(/\r?\n/g, "\r\n");
        assert.deepEqual(places2d(crlf, lintAs(fixture, crlf)), places2d(text, lintAs(fixture, text)));
      });

      it("fixes apply, leave a sound text, and safe ones do what they say", () => {
        const before = lintAs(fixture, text);
        for (const finding of before.findings) {
          for (const { safe, edits } of finding.fixes) {
            const after = applyEdits(text, edits);
            assert.deepEqual(newProblems(text, after), [], nameOf(finding));
            if (!safe) continue;
            const result = lintAs(fixture, after);
            const count = (all: LintResult) => all.findings.filter((other) => nameOf(other) === nameOf(finding)).length;
            assert.ok(count(result) < count(before), `${nameOf(finding)} is still there`);
            assert.deepEqual(newRules(before, result), [], nameOf(finding));
          }
        }
      });

      // Comments that steer lint, and broken texts, have no equal in JSON.
      const document = parse(text);
      const { root } = document;
      if (root === undefined || document.problems.length > 0 || /# *lambda-egress-/.test(text)) return;

      it("means the same as JSON", () => {
        const json = lintAs(fixture, toJsonText(root));
        assert.deepEqual(json.findings.map(nameOf).sort(), lintAs(fixture, text).findings.map(nameOf).sort());
      });

      it("the order of keys changes nothing", () => {
        const straight = toJsonText(root);
        const expected = paths(fixture, straight);
        fc.assert(
          fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
            const shuffled = toJsonText(root, (entries) => shuffle(entries, numbers));
            assert.deepEqual(paths(fixture, shuffled), expected);
          }),
          { seed, numRuns: 2 },
        );
      });
    });
  }
});

/** The text after one to four random replacements: pieces of it, marks that YAML and JSON give meaning to, or nothing. */
function edited(text: string): fc.Arbitrary<string> {
  const mark = fc.constantFrom(
    "",
    "\n",
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    "!Ref ",
    "&a ",
    "*a",
    "#",
    "|\n",
    "\u0000",
    "\ud800",
    "<<: ",
    "? ",
    "---\n",
  );
  const offset = fc.nat({ max: text.length });
  const piece = fc.tuple(offset, fc.nat({ max: 200 })).map(([start, length]) => text.slice(start, start + length));
  const edit = fc.record({ at: offset, length: fc.nat({ max: 40 }), put: fc.oneof(mark, piece) });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((all) =>
      all.reduce((result, { at, length, put }) => result.slice(0, at) + put + result.slice(at + length), text),
    );
}

function places({ findings, functions }: LintResult) {
  const spans = [
    ...findings.flatMap(({ span, notes, fixes }) => [
      span,
      ...notes.map((note) => note.span),
      ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.span)),
    ]),
    ...functions.flatMap(({ span, subnets }) => [span, ...subnets.flatMap((subnet) => subnet.span ?? [])]),
  ];
  return spans.filter(({ file }) => file === undefined);
}

function places2d(text: string, { findings, functions }: LintResult) {
  const lines = toLines(text);
  return {
    findings: findings.map((finding) => [
      nameOf(finding),
      positionAt(lines, finding.span.start),
      positionAt(lines, finding.span.end),
      finding.notes.map(({ span }) => positionAt(lines, span.start)),
    ]),
    verdicts: functions.map(({ id, verdict }) => [id, verdict]),
  };
}

function paths(fixture: Fixture, json: string): string[] {
  const { root } = parse(json);
  assert.ok(root !== undefined);
  const { findings, functions } = lintAs(fixture, json);
  return [
    ...findings.map(({ rule, span }) => (ordered.has(rule) ? rule : `${rule} ${pathOf(root, span)}`)),
    ...functions.map(({ id, verdict }) => `${id} ${verdict}`),
  ].sort();
}

/** Fisher and Yates. */
function shuffle(entries: readonly Entry[], numbers: Iterator<number>): Entry[] {
  const result = [...entries];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Number(numbers.next().value) % (last + 1);
    const [a, b] = [result[last], result[other]];
    if (a === undefined || b === undefined) continue;
    result[last] = b;
    result[other] = a;
  }
  return result;
}
