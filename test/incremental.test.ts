/** A lint that builds on the one before says exactly what a fresh lint says, whatever was edited in between. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type LintOptions, type LintResult, lint, meaningOf } from "../server/src/lint";
import { parse } from "../server/src/template/parse";
import { spanOf } from "../server/src/template/syntax";
import { readFixtures } from "./harness";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** One change of a text; the numbers choose among what the text offers. */
type Change = readonly [kind: (typeof kinds)[number], where: number, other: number];
const kinds = ["type", "type", "cut", "undo", "drop resource", "copy resource", "move resource", "rename"] as const;

describe(`lint after lint (SEED=${seed})`, function () {
  this.timeout(120_000);
  let kept = 0;
  let all = 0;

  for (const { name, text: original, settings, parameters } of readFixtures()) {
    it(name, () => {
      fc.assert(
        fc.property(fc.array(change(), { minLength: 3, maxLength: 6 }), (changes) => {
          const options: LintOptions = { settings, parameters };
          const history = [original];
          let document = parse(original);
          let memory = meaningOf(document, options)?.memory;
          for (const one of changes) {
            const text = changed(history, one);
            history.push(text);
            document = parse(text, document);
            const before = memory;
            const meaning = meaningOf(document, { ...options, memory });
            assert.equal(told(lint(document, options, meaning)), told(lint(parse(text), options)), text);
            memory = meaning?.memory;
            for (const [id, { analysis }] of memory?.get("")?.analyses ?? []) {
              all++;
              if (before?.get("")?.analyses.get(id)?.analysis === analysis) kept++;
            }
          }
        }),
        { seed, numRuns: 1 },
      );
    });
  }

  it("keeps what no edit touched", () => assert.ok(kept > all / 10, `${kept} of ${all} analyses were kept`));
});

function told(result: LintResult): string {
  return JSON.stringify(result, undefined, 1);
}

function change(): fc.Arbitrary<Change> {
  return fc.tuple(fc.constantFrom(...kinds), fc.nat(1_000_000), fc.nat(1_000_000));
}

function changed(history: readonly string[], [kind, where, other]: Change): string {
  const text = history.at(-1) ?? "";
  const at = where % (text.length + 1);
  const marks = ["x", " ", "\n", '"', ":", "!Ref ", "#", "- ", "NatGateway", "0.0.0.0/0"];
  switch (kind) {
    case "type":
      return text.slice(0, at) + (marks[other % marks.length] ?? "") + text.slice(at);
    case "cut":
      return text.slice(0, at) + text.slice(at + (other % 12));
    case "undo":
      return history.at(-2) ?? text;
    default: {
      const entries = resourcesOf(text);
      const [one, two] = [entries[where % entries.length], entries[other % entries.length]];
      if (one === undefined || two === undefined) return text;
      const body = text.slice(one.start, one.end);
      const without = text.slice(0, one.start) + text.slice(one.end);
      if (kind === "drop resource") return without;
      if (kind === "rename") return text.slice(0, one.start) + two.id + text.slice(one.start + one.id.length);
      const copy = kind === "copy resource" ? `${one.id}${other % 3}${body.slice(one.id.length)}` : body;
      const base = kind === "copy resource" ? text : without;
      const place = kind === "copy resource" || two.start < one.start ? two.start : two.start - body.length;
      return base.slice(0, Math.max(0, place)) + copy + base.slice(Math.max(0, place));
    }
  }
}

/** Where the entries of `Resources` stand, up to the next one's key. */
function resourcesOf(text: string): { id: string; start: number; end: number }[] {
  const { root } = parse(text);
  const section = root?.kind === "map" ? root.entries.find(({ key }) => key.text === "Resources")?.value : undefined;
  if (section?.kind !== "map") return [];
  const starts = section.entries.map(({ key }) => ({ id: key.text, start: spanOf(key).start }));
  return starts.flatMap((entry, index) => {
    const next = starts[index + 1];
    return next === undefined ? [] : [{ ...entry, end: next.start }];
  });
}
