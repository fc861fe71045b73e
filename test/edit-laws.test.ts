/**
 * Laws of edits, for random documents in random styles: the edited text parses without problems to exactly
 * what was meant, for every version of YAML, and additions take nothing away.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as yaml from "yaml";
import { applyEdits, type Edit, sortEdits } from "../server/src/edit/edit";
import { appendItem, setKey } from "../server/src/edit/insert";
import { removeItem, removeKey } from "../server/src/edit/remove";
import { replaceValue } from "../server/src/edit/replace";
import type { Value, ValueMap } from "../server/src/edit/value";
import { parse } from "../server/src/template/parse";
import type { Node } from "../server/src/template/syntax";
import { at, type Data, dataOf, doTo, editsOf, type Operation, type Path } from "./edit-operations";

const nasty =
  "yes|No|null|~|*|a: b|a #b|#|012|1e3|22:22|2012-10-17|.5|- x|?|::/0|it's|\"q\"|a, b|[x]|{y}|a:|!x|&a|%|@|`|<<|=|.inf|'|\\|é|…|---|...|| x|x |a\tb|a\u2028b|\ufeff|a\nb|a\n\n b\n|\n|a\r\nb|| "
    .split("|")
    .concat("a\n  ", "a\n\n\n", "|", ">-", "#\n#", "a\u0085b", "\ud800", "- a\n- b", "🙂");

const word = fc.oneof(fc.constantFrom("x", "Name", "10.0.0.0/16", "arn:aws:x", "a b"), fc.constantFrom(...nasty));
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("A", "B", "C", "Key", "Ref2", "SubnetIds") },
  { weight: 1, arbitrary: fc.constantFrom("yes", "12", "a b", "a: b", "#", "- a", "x::y", "é", "*") },
);
const call: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ Ref: fc.constantFrom("X", "AWS::Region") }),
  fc.record({ "Fn::GetAtt": fc.constantFrom(["X", "Arn"]) }),
  fc.record({ "Fn::Sub": word }),
  fc.record({ "Fn::Base64": fc.record({ "Fn::Sub": word }) }),
  fc.record({ "Fn::Join": fc.tuple(word, fc.array(fc.oneof(word, fc.record({ Ref: word })), { maxLength: 2 })) }),
);
const scalar = fc.oneof(word, fc.string({ maxLength: 6 }), fc.integer({ min: -9, max: 999 }), fc.boolean());
const { value } = fc.letrec<{ value: Value; map: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: scalar },
    { weight: 2, arbitrary: call },
    { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
    { weight: 2, arbitrary: tie("map") },
  ),
  map: fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
}));
const map = fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<ValueMap>;

const template = fc
  .dictionary(
    fc.constantFrom("One", "Two", "Three"),
    fc.record({ Type: fc.constant("AWS::X::Y"), Properties: map }, { requiredKeys: ["Type"] }),
    { minKeys: 1, noNullPrototype: true },
  )
  .map((resources): ValueMap => ({ Description: "x", Resources: resources }));

const layout = fc.record({
  json: fc.boolean(),
  indent: fc.constantFrom(2, 4, 3),
  jsonIndent: fc.constantFrom(undefined, 2, 4, "\t"),
  indentSeq: fc.boolean(),
  single: fc.boolean(),
  short: fc.boolean(),
  /** Which collections have brackets: none, lists, small maps, all. */
  brackets: fc.constantFrom("none", "lists", "inner", "all"),
  padding: fc.boolean(),
  /** A narrow one spreads brackets and texts over several lines. */
  lineWidth: fc.constantFrom(0, 24),
  crlf: fc.boolean(),
  newlineAtEnd: fc.boolean(),
  comments: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
});
type Layout = typeof layout extends fc.Arbitrary<infer L> ? L : never;

/** Writes a template with the package `yaml`, or as JSON. */
function write(data: ValueMap, style: Layout): string {
  let text: string;
  if (style.json) text = `${JSON.stringify(data, null, style.jsonIndent)}\n`;
  else {
    const document = new yaml.Document(null, { version: "1.1" });
    document.contents = toYaml(document, data, style, 0) as typeof document.contents;
    text = document.toString({
      indent: style.indent,
      indentSeq: style.indentSeq,
      singleQuote: style.single,
      lineWidth: style.lineWidth,
      flowCollectionPadding: style.padding,
      directives: false,
    });
    text = comment(text, style.comments);
  }
  if (!style.newlineAtEnd) text = text.trimEnd();
  return style.crlf ? text.replaceAll(/\r?\n/g, "\r\n") : text;
}

function toYaml(document: yaml.Document, data: Value, style: Layout, depth: number): yaml.Node {
  if (typeof data !== "object") return document.createNode(data);
  const flow = style.brackets === "all" || (style.brackets === "inner" && depth > 4);
  if (Array.isArray(data)) {
    const list = new yaml.YAMLSeq();
    list.flow = flow || data.length === 0 || style.brackets === "lists";
    list.items = data.map((item: Value) => toYaml(document, item, style, depth + 1));
    return list;
  }
  const entries = Object.entries(data as ValueMap);
  const [only] = entries;
  const name = only?.[0].replace("Fn::", "") ?? "";
  if (style.short && only !== undefined && entries.length === 1 && /^(?:Ref|GetAtt|Sub|Join)$/.test(name)) {
    const node = toYaml(document, name === "GetAtt" ? (only[1] as string[]).join(".") : only[1], style, depth);
    node.tag = `!${name}`;
    return node;
  }
  const node = new yaml.YAMLMap();
  node.flow = flow || entries.length === 0;
  node.items = entries.map(
    ([name, item]) => new yaml.Pair(document.createNode(name), toYaml(document, item, style, depth + 1)),
  );
  return node;
}

/** Adds comments behind some lines and between them, where they change nothing. */
function comment(text: string, places: readonly number[]): string {
  const meaning = dataOf(text);
  let result = text;
  for (const place of places) {
    const lines = result.split("\n");
    const at = place % lines.length;
    const indent = " ".repeat((place * 7) % 9);
    const commented =
      place % 2 === 0 ? [`${lines[at]} # behind ${place}`] : [lines[at] ?? "", `${indent}# below ${place}`];
    const candidate = [...lines.slice(0, at), ...commented, ...lines.slice(at + 1)].join("\n");
    const isSame =
      yaml.parseDocument(candidate, { logLevel: "silent" }).errors.length === 0 &&
      parse(candidate).problems.length === 0;
    if (isSame && JSON.stringify(dataOf(candidate)) === JSON.stringify(meaning)) result = candidate;
  }
  return result;
}

/** Does operations on a text, and checks all that must hold whatever they are. */
function check(
  before: string,
  operations: readonly Operation[],
): { readonly edits: readonly Edit[]; readonly after: string } {
  const document = parse(before);
  assert.deepEqual(document.problems, []);
  const edits = operations.flatMap((operation) => editsOf(document, operation));
  const after = applyEdits(before, edits);
  assert.ok(after !== undefined, "edits overlap");
  assert.deepEqual(parse(after).problems, [], after);
  const meaning = dataOf(before);
  for (const operation of operations) doTo(meaning, operation);
  assert.deepEqual(dataOf(after), meaning, after);
  assert.deepEqual(dataOf(after, "1.1"), meaning, after);
  return { edits, after };
}

/** Returns the places of all lists, or of all maps that are no calls, in a template's properties. */
function places(data: Data, kind: "list" | "map"): Path[] {
  const found: Path[] = [];
  const visit = (inner: Data, path: Path) => {
    if (typeof inner !== "object" || inner === null) return;
    const isCall =
      !Array.isArray(inner) && Object.keys(inner).some((name) => name === "Ref" || name.startsWith("Fn::"));
    if (Array.isArray(inner) ? kind === "list" : kind === "map" && !isCall && path.length !== 2) found.push(path);
    if (isCall && "Fn::GetAtt" in inner) return;
    for (const [name, item] of Object.entries(inner))
      visit(item, [...path, Array.isArray(inner) ? Number(name) : name]);
  };
  visit(data, []);
  return found;
}

const document = fc.tuple(template, layout).map(([data, style]) => write(data, style));

/** A document and one of its lists or maps. */
const somewhere = (kind: "list" | "map") =>
  fc
    .tuple(document, fc.nat())
    .map(([text, pick]) => {
      const all = places(dataOf(text), kind);
      return { text, path: all[pick % all.length] };
    })
    .filter((one): one is { text: string; path: Path } => one.path !== undefined);

/** Additions only insert, but where they fill an empty value. */
function assertAddsOnly(before: string, edits: readonly Edit[]): void {
  for (const { span } of sortEdits(edits))
    assert.match(before.slice(span.start, span.end), /^\s*(?:\[\s*\]|\{\s*\})?$/);
}

describe("edit laws", function () {
  this.timeout(600_000);
  const runs = { numRuns: Number(process.env.RUNS ?? 100) };

  it("setKey", () => {
    fc.assert(
      fc.property(somewhere("map"), key, value, ({ text, path }, name, item) => {
        const { edits } = check(text, [{ set: path, key: name, value: item }]);
        const holder = at(dataOf(text), path);
        if (!Object.keys(holder as object).includes(name)) assertAddsOnly(text, edits);
      }),
      runs,
    );
  });

  it("insertFirst", () => {
    fc.assert(
      fc.property(document, word, (text, item) => {
        const { edits, after } = check(text, [{ first: "Transform", value: item }]);
        assertAddsOnly(text, edits);
        assert.equal(Object.keys(dataOf(after) as object)[0], "Transform");
      }),
      runs,
    );
  });

  it("appendItem, twice", () => {
    fc.assert(
      fc.property(somewhere("list"), value, ({ text, path }, item) => {
        const { edits, after } = check(text, [{ append: path, value: item }]);
        assertAddsOnly(text, edits);
        check(after, [{ append: path, value: "again" }]);
      }),
      runs,
    );
  });

  it("removeItem of one or more", () => {
    fc.assert(
      fc.property(somewhere("list"), fc.array(fc.nat()), ({ text, path }, picks) => {
        const list = at(dataOf(text), path);
        const { length } = list as Data[];
        const indices = [...new Set(picks.map((pick) => pick % length))];
        if (length > 0 && indices.length > 0) check(text, [{ removeItems: path, indices }]);
      }),
      runs,
    );
  });

  it("removeKey", () => {
    fc.assert(
      fc.property(somewhere("map"), fc.nat(), ({ text, path }, pick) => {
        const map = at(dataOf(text), path);
        const keys = Object.keys(map as object);
        const name = keys[pick % keys.length];
        if (name !== undefined) check(text, [{ removeKey: path, key: name }]);
      }),
      runs,
    );
  });

  it("replaceValue, whatever stood there", () => {
    fc.assert(
      fc.property(somewhere("map"), fc.nat(), value, ({ text, path }, pick, item) => {
        const map = at(dataOf(text), path);
        const keys = Object.keys(map as object);
        const name = keys[pick % keys.length];
        if (name !== undefined) check(text, [{ replace: [...path, name], value: item }]);
      }),
      runs,
    );
  });

  it("addResources, setProperty and addDependsOn together", () => {
    fc.assert(
      fc.property(document, map, value, fc.boolean(), (text, properties, item, atEnd) => {
        const { Resources } = dataOf(text) as { Resources: { [id: string]: Data } };
        const id = Object.keys(Resources)[0] ?? "";
        const operations: Operation[] = [
          { resources: { New: { Type: "AWS::X::Y", Properties: properties } }, ...(atEnd ? {} : { after: id }) },
          { dependsOn: ["New"], of: id },
          { property: ["NewProperty"], of: id, value: item },
        ];
        const { edits } = check(text, operations);
        assertAddsOnly(text, edits);
      }),
      runs,
    );
  });

  it("never throw on broken text", () => {
    fc.assert(
      fc.property(document, fc.nat(), fc.nat(), value, (text, from, length, item) => {
        const at = from % text.length;
        const broken = parse(text.slice(0, at) + text.slice(at + 1 + (length % 9)));
        const visit = (node: Node) => {
          replaceValue(broken, node, item);
          if (node.kind === "list") {
            appendItem(broken, node, item);
            for (const one of node.items) removeItem(broken, node, one);
            node.items.forEach(visit);
          }
          if (node.kind === "map") {
            setKey(broken, node, "New", item);
            for (const one of node.entries) removeKey(broken, node, one.key.text);
            for (const one of node.entries) visit(one.value);
          }
        };
        if (broken.root !== undefined) visit(broken.root);
      }),
      runs,
    );
  });
});
