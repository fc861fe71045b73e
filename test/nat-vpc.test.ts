/** The text part of "Insert Lambda-with-NAT VPC": whatever it inserts leaves a valid template behind. */
import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { type Snippets, toInsertion } from "../client/src/nat-vpc";
import jsonSnippets from "../snippets/json.json";
import yamlSnippets from "../snippets/yaml.json";

const snippets: Snippets = { yaml: bodyOf(yamlSnippets), json: bodyOf(jsonSnippets) };
/** The ids of the snippet's resources, as they are when nothing is typed into its placeholders. */
const whole = read(insert("", "yaml"));
const ids = Object.keys(whole.Resources);

describe("Insert Lambda-with-NAT VPC", () => {
  for (const language of ["yaml", "json"] as const) {
    it(`fills an empty ${language} document with the whole template`, () => {
      for (const text of ["", " \n\n"]) {
        const template = read(insert(text, language));
        assert.equal(template.AWSTemplateFormatVersion, "2010-09-09");
        assert.deepEqual(Object.keys(template.Resources), ids);
      }
    });
  }

  const bucket = { Type: "AWS::S3::Bucket" };
  const existing: Record<string, string> = {
    "a YAML template": "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n",
    "sections behind Resources":
      "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n\n# What others need\nOutputs:\n  Name:\n    Value: !Ref Bucket\n",
    "no line break at the end": "Resources:\n  Bucket:\n    Type: AWS::S3::Bucket",
    "Windows line breaks":
      "Resources:\r\n  Bucket:\r\n    Type: AWS::S3::Bucket\r\nOutputs:\r\n  Name:\r\n    Value: x\r\n",
    "four spaces": "Resources: # all\n    # one\n    Bucket:\n        Type: AWS::S3::Bucket\n",
    "a literal block at the end of Resources": `${stringify({ Resources: { Bucket: { ...bucket, Metadata: { Text: "a\n\nb\n" } } } }, { defaultStringType: "BLOCK_LITERAL", defaultKeyType: "PLAIN" })}Outputs: {}\n`,
    "a JSON template": JSON.stringify({ Resources: { Bucket: bucket }, Outputs: {} }, null, 2),
    "JSON indented by tabs": JSON.stringify({ Resources: { Bucket: bucket } }, null, "\t"),
    "JSON on one line": JSON.stringify({ Resources: { Bucket: bucket } }),
  };
  for (const [name, text] of Object.entries(existing)) {
    it(`adds the resources to ${name}, and changes nothing else`, () => {
      const before = read(text);
      const after = read(insert(text, text.startsWith("{") ? "json" : "yaml"));
      assert.deepEqual(Object.keys(after.Resources), ["Bucket", ...ids]);
      const added = Object.fromEntries(Object.entries(after.Resources).filter(([id]) => id !== "Bucket"));
      assert.deepEqual(normalised(added), normalised(whole.Resources));
      for (const id of ids) delete after.Resources[id];
      assert.deepEqual(after, before);
    });
  }

  const empty: Record<string, string> = {
    "Resources without entries": "Resources:\nOutputs: {}\n",
    "an empty flow map": "Resources: {} # none yet\nOutputs: {}\n",
    "a template without Resources": "AWSTemplateFormatVersion: '2010-09-09'\nDescription: x\n",
    "a JSON template without Resources": '{ "AWSTemplateFormatVersion": "2010-09-09" }',
    "an empty JSON object": '{\n  "Resources": {},\n  "Outputs": {}\n}\n',
  };
  for (const [name, text] of Object.entries(empty)) {
    it(`adds the resources to ${name}`, () => {
      const after = read(insert(text, text.startsWith("{") ? "json" : "yaml"));
      assert.deepEqual(normalised(after.Resources), normalised(whole.Resources));
      assert.deepEqual({ ...after, Resources: null }, { ...read(text), Resources: null });
    });
  }

  for (const text of [
    "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n",
    '{ "Resources": { "Vpc": { "Type": "AWS::EC2::VPC" } } }',
  ]) {
    it(`takes free names beside ${text.startsWith("{") ? "JSON" : "YAML"} resources of the same name, each time it is used`, () => {
      const language = text.startsWith("{") ? "json" : "yaml";
      const twice = insert(insert(text, language), language);
      const { Vpc, ...added } = read(twice).Resources;
      assert.deepEqual(Vpc, { Type: "AWS::EC2::VPC" });
      for (const number of [2, 3]) {
        const own = Object.entries(added).filter(
          ([id]) => ids.includes(id.slice(0, -1)) && id.endsWith(String(number)),
        );
        const renamed = JSON.stringify(normalised(Object.fromEntries(own)));
        const expected = normalised(whole.Resources);
        const back = ids.reduce((all, id) => all.replaceAll(`"${id}${number}"`, `"${id}"`), renamed);
        assert.deepEqual(JSON.parse(back), expected);
      }
      assert.equal(Object.keys(added).length, 2 * ids.length);
    });
  }

  it("leaves other documents alone", () => {
    for (const text of [
      "services:\n  web:\n    image: nginx\n",
      "Resources: { A: { Type: B } }\n",
      '{ "name": "x" }',
      "[]",
      "{",
    ]) {
      assert.equal(toInsertion(text, "yaml", snippets), undefined, text);
    }
  });
});

interface Template extends Record<string, unknown> {
  Resources: Record<string, unknown>;
}

/** Returns the text after the insertion, as the editor leaves it when every placeholder keeps its text. */
function insert(text: string, language: "yaml" | "json"): string {
  const insertion = toInsertion(text, language, snippets);
  assert.ok(insertion, "nothing to insert");
  const texts = new Map<string, string>();
  const inserted = insertion.snippet.replace(
    /\\([\\$}])|\$\{(\d+)(?::([^}]*))?\}/g,
    (_, escaped?: string, stop = "", given?: string) => {
      if (escaped !== undefined) return escaped;
      if (given !== undefined) texts.set(stop, given);
      return texts.get(stop) ?? "";
    },
  );
  return text.slice(0, insertion.start) + inserted + text.slice(insertion.end);
}

/** Short tags are read as their long forms; a key given twice is an error. */
function read(text: string): Template {
  const tags = ["Ref", "GetAtt", "Sub", "Select", "GetAZs"].flatMap((name) => {
    const key = name === "Ref" ? name : `Fn::${name}`;
    const wrap = (value: unknown) => ({ [key]: name === "GetAtt" ? String(value).split(".") : value });
    return [
      { tag: `!${name}`, resolve: wrap },
      { tag: `!${name}`, collection: "seq" as const, resolve: (seq: { toJSON(): unknown }) => wrap(seq.toJSON()) },
    ];
  });
  return text.startsWith("{") ? JSON.parse(text) : parse(text, { customTags: tags as never, strict: true });
}

/** Numbers and booleans of JSON may stand as strings in YAML. */
function normalised(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, item) =>
    typeof item === "number" || typeof item === "boolean" ? String(item) : item,
  );
}

function bodyOf(file: Readonly<Record<string, { prefix: string; body: readonly string[] }>>): readonly string[] {
  const found = Object.values(file).find(({ prefix }) => prefix === "lambda-nat-vpc");
  assert.ok(found);
  return found.body;
}
