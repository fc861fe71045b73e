/** What is read straight from the tokens of `yaml` is what its composer makes of them. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { Parser } from "yaml";
import { cut } from "../server/src/template/cut";
import { plainNodes } from "../server/src/template/yaml-plain";
import { readYaml } from "../server/src/template/yaml-tree";

const folder = path.join(import.meta.dirname, "..");
const texts = ["examples", "test/fixtures", "test/fixtures-linked", "test/fixtures-values"].flatMap((name) =>
  fs
    .readdirSync(path.join(folder, name), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => fs.readFileSync(path.join(folder, name, file), "utf8")),
);
const blocks = texts.flatMap((text) => (cut(text)?.cuts ?? []).map(({ start, end }) => text.slice(start, end)));
const around = { anchors: new Map(), budget: 1000 };

/** Tells whether a text is read without the composer; then both must say the same. */
function isPlain(text: string): boolean {
  const root = plainNodes([...new Parser().parse(text)], text, { start: 0 });
  if (root === undefined) return false;
  const { from, to } = root;
  // The mark at a document's end changes nothing in it, but is left to the composer.
  const { text: _, ...composed } = readYaml(`${text}${text.endsWith("\n") ? "" : "\n"}...\n`, around);
  const nothing = { faults: [], anchors: new Map(), borrowed: new Map(), spent: 0, clean: true, torn: false };
  assert.deepEqual({ root, from, to, ...nothing, block: { start: 0 } }, composed, JSON.stringify(text));
  return true;
}

/** Values as they may stand behind a colon or dash in so deep a column, with what may stand around them. */
function valueIn(column: number): fc.Arbitrary<string> {
  const indent = " ".repeat(column);
  const scalar = fc.constantFrom("a", "a b", "10.0.0.0/16", "'it''s'", '"\\u00e9 # b"', "é🚀", "-1", "::a");
  const tag = fc.constantFrom("", "", "", "!Ref ", "!Foo::Bar  ", "!Sub");
  const end = fc.constantFrom("", "", "", " # c", "  ", `\n${indent}# c`, "\n\n", "\n# c");
  const space = fc.constantFrom("", " ", ` # c\n${indent} `, `\n${indent} `);
  const { flow } = fc.letrec<{ flow: string }>((tie) => {
    const item = fc.tuple(fc.constantFrom("", "!Ref ", "!If"), fc.oneof({ maxDepth: 3 }, scalar, tie("flow")), space);
    const items = fc.array(
      item.map((parts) => parts.join("")),
      { maxLength: 3 },
    );
    const last = fc.constantFrom("", ",", " ,");
    return {
      flow: fc.oneof(
        fc
          .tuple(space, items, last)
          .map(([space, items, last]) => `[${space}${items.join(`,${space}`)}${last}${space}]`),
        fc.tuple(space, items, last).map(([space, items, last]) => {
          return `{${space}${items.map((item, index) => `k${index}:${space === "" ? " " : space}${item}`).join(", ")}${last}}`;
        }),
      ),
    };
  });
  const block = fc.constantFrom(
    ...["|", ">-", "|+", "|2", "> # c"].flatMap((head) => [
      ` ${head}\n${indent}  x\n\n${indent}   y`,
      ` ${head}\n\n${indent}  a: b\n${indent}  # c`,
    ]),
    `\n${indent}  a\n${indent}  b`,
    ` 'a\n${indent}  b'`,
  );
  const line = fc.tuple(tag, fc.oneof(scalar, flow), end).map(([tag, value, end]) => ` ${tag}${value}${end}`);
  const empty = fc.tuple(tag, end).map((parts) => ` ${parts.join("")}`);
  const own = fc.oneof({ arbitrary: line, weight: 4 }, empty, block);
  if (column > 6) return own;
  const inner = valueIn(column + 2);
  const below = fc.constantFrom("\n", " # c\n", `\n\n${indent}    # c\n`);
  const map = fc.array(fc.tuple(fc.constantFrom("", "\n", `${indent}  # c\n`, "# c\n"), inner), {
    minLength: 1,
    maxLength: 3,
  });
  return fc.oneof(
    own,
    fc.tuple(tag, below, map).map(([tag, below, entries]) => {
      const lines = entries.map(([above, value], index) => `${above}${indent}  k${index}:${value}`);
      return ` ${tag}${below}${lines.join("\n")}`;
    }),
    fc.tuple(tag, below, map, fc.boolean()).map(([tag, below, entries, isDeeper]) => {
      const lines = entries.map(([above, value]) => `${above}${indent}${isDeeper ? "  " : ""}-${value}`);
      return ` ${tag}${below}${lines.join("\n")}`;
    }),
  );
}

describe("YAML without the composer", function () {
  this.timeout(60_000);

  it("is the same in templates, and is most of them", () => {
    const plain = texts.filter(isPlain).length;
    assert.ok(plain > 0.9 * texts.length, `${plain} of ${texts.length}`);
  });

  it("is left to the composer where anything is unusual", () => {
    const lines = [
      `&a|*a|@|"\\d"|'|'b' c|'b' 'c'|b: c|- b|! b|!!str b|!<b> c|!Ref!Sub b|!A !B c|!Ref[b]|!Ref"b"|!Ref b: c|!Ref - b`,
      `[b|[b}|[b, , c]|[, b]|[-]|[b: c]|[b c]]|[b]c|{b}|{b: -}|{[b]: c}|{!Ref"b": c}|{b: c, b: d}|{<<: {b: c}}`,
    ];
    const blocks = ["b: c\n  b: d", "<<: {b: c}", "b: c\n d: e", "b\n  c: d", "? b", "\tb: c", "- !A -", "- b\n - c"];
    const more = ["[b]: c", "!Ref b: c", "- b\n  c: d", "'b\n  c': d"];
    const values = [...lines.flatMap((line) => line.split("|")), ...[...blocks, ...more].map((text) => `\n  ${text}`)];
    for (const value of [...values, "|b\n", "b\n---\na: c"]) assert.equal(isPlain(`a: ${value}`), false, value);
    for (const text of ["", "a", "- a", "--- a", "--- {a: b}", "%YAML 1.2\n---\na: b", "a: b\n...", "? a", ": a"]) {
      assert.equal(isPlain(text), false, text);
    }
  });

  it("is the same with something put in or taken out", () => {
    const marks = [
      ..."[]{}:,-?!&*|>'\"%@`#\\<~ \t\n",
      ": ",
      " #",
      "- ",
      "\r\n",
      "\n  ",
      "\n    ",
      "!Ref ",
      "&a ",
      "<<: ",
    ];
    const change = fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...marks, ""));
    let plain = 0;
    fc.assert(
      fc.property(fc.constantFrom(...blocks), fc.array(change, { minLength: 1, maxLength: 3 }), (block, changes) => {
        let text = block;
        for (const [where, drop, mark] of changes) {
          const at = where % (text.length + 1);
          text = text.slice(0, at) + mark + text.slice(at + drop);
        }
        if (isPlain(text)) plain++;
      }),
      { numRuns: 3000 },
    );
    assert.ok(plain > 300, `${plain} of 3,000`);
  });

  it("is the same in random texts", () => {
    let plain = 0;
    fc.assert(
      fc.property(valueIn(0), fc.boolean(), (value, isCrlf) => {
        const text = `A:${value}\n`;
        if (isPlain(isCrlf ? text.replaceAll("\n", "\r\n") : text)) plain++;
      }),
      { numRuns: 3000 },
    );
    assert.ok(plain > 300, `${plain} of 3,000`);
  });
});
