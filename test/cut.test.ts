/** A text cut after an edit is cut as if nothing had been there before, and what was read of its blocks goes along. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { cut, type RecutText as RecutYaml } from "../server/src/template/cut";
import { cutJson, type RecutText as RecutJson } from "../server/src/template/json-cut";
import type { JsonReading } from "../server/src/template/json-tree";
import { sameEnds } from "../server/src/template/remembered";
import type { Reading } from "../server/src/template/yaml-tree";

interface Block<R> {
  readonly start: number;
  readonly end: number;
  reading?: R | undefined;
}

/** Changes of a list of pieces of text: put in, taken out, moved, or all as it was before. */
const changes = fc.array(
  fc.record({
    kind: fc.constantFrom("put", "put", "take", "replace", "move", "back"),
    at: fc.nat(),
    to: fc.nat(),
    count: fc.integer({ min: 1, max: 3 }),
    piece: fc.nat(),
  }),
  { minLength: 1, maxLength: 6 },
);
type Change = typeof changes extends fc.Arbitrary<(infer C)[]> ? C : never;

function changed(history: readonly (readonly string[])[], pieces: readonly string[], change: Change): string[] {
  const next = [...(history.at(-1) ?? [])];
  const at = change.at % (next.length + 1);
  const piece = pieces[change.piece % pieces.length] ?? "";
  if (change.kind === "back") return [...(history.at(-2) ?? next)];
  if (change.kind === "put") next.splice(at, 0, piece);
  else if (change.kind === "replace") next.splice(at, change.count, piece);
  else {
    const taken = next.splice(at, change.count);
    if (change.kind === "move") next.splice(change.to % (next.length + 1), 0, ...taken);
  }
  return next;
}

/** Holds the cuts of each text to those of the text alone. */
function hold<R extends { readonly text: string }, C extends { readonly gone: readonly Block<R>[] }>(
  pieces: readonly string[],
  most: number,
  cutText: (text: string, before?: C) => C | undefined,
  blocksOf: (found: C) => readonly Block<R>[],
  whole = (text: string) => text,
): { readonly kept: number; readonly all: number } {
  let [kept, all] = [0, 0];
  const start = fc
    .array(fc.constantFrom(...pieces), { minLength: 3, maxLength: most })
    .map((all) => [pieces[0] ?? "", ...all]);
  fc.assert(
    fc.property(start, changes, (first, steps) => {
      const history: (readonly string[])[] = [first];
      let before: C | undefined;
      for (const step of [undefined, ...steps]) {
        if (step !== undefined) history.push(changed(history, pieces, step));
        const text = whole((history.at(-1) ?? []).join(""));
        const marked = (before && blocksOf(before).map(({ reading }) => reading)) ?? [];
        const found = cutText(text, before);
        const alone = cutText(text);
        assert.deepEqual(found && bare(found), alone && bare(alone), JSON.stringify([before, text]));
        if (found === undefined) continue;
        for (const block of blocksOf(found)) {
          const own = text.slice(block.start, block.end);
          all++;
          if (block.reading !== undefined) kept++;
          assert.equal(block.reading?.text ?? own, own);
        }
        const left = [...blocksOf(found), ...found.gone].flatMap(({ reading }) => reading ?? []);
        assert.deepEqual(new Set(left), new Set(marked));
        assert.equal(left.length, marked.length);
        for (const block of blocksOf(found)) block.reading ??= { text: text.slice(block.start, block.end) } as R;
        before = found;
      }
    }),
    { numRuns: 3000 },
  );
  return { kept, all };
}

function bare(found: object): unknown {
  return JSON.parse(JSON.stringify({ ...found, gone: [] }, (key, value) => (key === "reading" ? undefined : value)));
}

describe("cut", function () {
  this.timeout(60_000);

  it("of YAML", () => {
    const lines = ["A:", "B:", "C: 1", "  a: 1", "  b:", "    c: d", "# x", "", "- x", "  - y", "]", "  }", "? z"];
    const more = [
      "  <<: {}",
      "---",
      "...",
      '  "q" : 1',
      "\t",
      " odd: 1",
      "Wor",
      "  Wor",
      "   deep: 1",
      "  # y",
      "é: {",
    ];
    const pieces = [...lines, ...lines, ...more].flatMap((line) => [`${line}\n`, `${line}\n`, `${line}\r\n`, line]);
    const { kept, all } = hold<Reading, RecutYaml>(
      pieces,
      16,
      cut,
      ({ cuts }) => cuts,
      (text) => `# x\n${text}`,
    );
    assert.ok(kept > all / 4, `${kept} of ${all}`);
  });

  it("of JSON", () => {
    const members = ['"a": 1', '"b": [{"x": 2}, []]', '"c": {"d": 3, "e": {}}', '"f": {"g": "}, \\""}', '"h": {}'];
    const pieces = [...members, ...members].map((member) => `${member},\n`);
    const broken = ['"i": {', "}", '"j": "', " ", ",", "x", '"k": {"l": [', "]"];
    const whole = (text: string) => `{${text}"end": 0}`;
    for (const [all, part] of [
      [pieces, 4],
      [[...pieces, ...pieces, ...broken], 10],
    ] as const) {
      const held = hold<JsonReading, RecutJson>(all, 12, cutJson, ({ runs }) => runs, whole);
      assert.ok(held.kept > held.all / part, `${held.kept} of ${held.all}`);
    }
  });

  it("knows what texts have in common at their ends", () => {
    const text = fc.array(fc.constantFrom("a", "b", "é", "🚀"), { maxLength: 30 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, text, text, (head, one, other, tail) => {
        const [a, b] = [head + one + tail, head + other + tail];
        const { front, back } = sameEnds(a, b);
        assert.equal(a.slice(0, front), b.slice(0, front));
        assert.equal(a.slice(a.length - back), b.slice(b.length - back));
        assert.ok(front + back <= Math.min(a.length, b.length));
        assert.ok(front >= head.length && front + back >= Math.min(a.length, b.length, head.length + tail.length));
        assert.notEqual(front < Math.min(a.length, b.length) && a[front], b[front] ?? "");
      }),
    );
  });
});
