/** Whatever a file holds, lint answers: calmly, soon, and without a throw. */
import assert from "node:assert/strict";
import { type LintResult, lint } from "../server/src/lint";
import { looksLikeTemplate, parse } from "../server/src/template/parse";
import { readFixture } from "./harness";

/** A template with one finding, to put beside what is broken. */
const { text: template } = readFixture("public-subnet/default-route.yaml");
const { text: json } = readFixture("public-subnet/default-route.json");

interface Case {
  readonly what: string;
  readonly text: string;
  readonly kind: LintResult["kind"];
  /** Ids of the rules that speak, each once; none where absent. */
  readonly rules?: readonly string[];
  /** How many functions are seen; none where absent. */
  readonly functions?: number;
}

const cases: readonly Case[] = [
  { what: "nothing", text: "", kind: "not-a-template" },
  { what: "blanks", text: " \n\t\n  \r\n", kind: "not-a-template" },
  { what: "a byte order mark", text: "\uFEFF", kind: "not-a-template" },
  { what: "comments only", text: "# A template will stand here.\n# Some day.\n", kind: "not-a-template" },
  { what: "a marker only", text: "---\n", kind: "not-a-template" },
  { what: "markers only", text: "---\n...\n---\n", kind: "not-a-template" },
  { what: "null", text: "null\n", kind: "not-a-template" },
  { what: "a word", text: "Resources", kind: "not-a-template" },
  { what: "a number", text: "42", kind: "not-a-template" },
  { what: "a list", text: "- Resources\n- AWS::Lambda::Function\n", kind: "not-a-template" },
  { what: "empty braces", text: "{}", kind: "not-a-template" },
  { what: "an open brace", text: "{", kind: "not-a-template" },
  { what: "a closing brace", text: "}", kind: "not-a-template" },
  { what: "empty brackets", text: "[]", kind: "not-a-template" },
  { what: "an empty section", text: "Resources:\n", kind: "not-a-template" },
  { what: "a section of another type", text: "Resources: []\n", kind: "not-a-template" },
  { what: "a section of texts", text: "Resources:\n  A: text\n  B: 5\n  C:\n", kind: "not-a-template" },
  {
    what: "a version alone",
    text: 'AWSTemplateFormatVersion: "2010-09-09"\nResources: []\n',
    kind: "cloudformation",
  },
  { what: "a transform alone", text: "Transform: AWS::Serverless-2016-10-31\n", kind: "sam" },
  { what: "bytes", text: bytes(4096), kind: "not-a-template" },
  { what: "zeros", text: "\0".repeat(1000), kind: "not-a-template" },
  { what: "half a surrogate", text: "\ud800: \udfff\n", kind: "not-a-template" },
  { what: "an image's head", text: "\u0089PNG\r\n\u001a\n\0\0\0\rIHDR", kind: "not-a-template" },
  { what: "prose", text: "Dear reader: this is no template.\nIt goes on. - And on: {\n", kind: "not-a-template" },
  { what: "markup", text: "<html>\n  <body>Resources: none</body>\n</html>\n", kind: "not-a-template" },
  {
    what: "tabs",
    text: "Resources:\n\tWorker:\n\t\tType: AWS::Lambda::Function\n",
    kind: "cloudformation",
    rules: ["template-syntax"],
  },
  {
    what: "a section given again, empty",
    text: '{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}, "Resources": {}}',
    kind: "cloudformation",
    rules: ["template-syntax"],
  },
  {
    what: "a compose file",
    text: "services:\n  web:\n    image: nginx\n    ports: ['80:80']\nnetworks:\n  default: {}\n",
    kind: "not-a-template",
  },
  {
    what: "a Kubernetes object",
    text: "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n    - resources: { limits: { cpu: 1 } }\n---\napiVersion: v1\nkind: Service\n",
    kind: "not-a-template",
  },
  {
    what: "resources of another tool",
    text: "resources:\n  - name: db\n    type: postgres\nResources:\n  db:\n    Type: Microsoft.Sql/servers\n",
    kind: "not-a-template",
  },
  { what: "a package file", text: '{ "name": "a", "version": "1.0.0", "dependencies": {} }', kind: "not-a-template" },
  { what: "an alias to nothing", text: "Resources: *nowhere\n", kind: "not-a-template" },
  { what: "an alias to itself", text: "Resources: &all\n  A: *all\n", kind: "not-a-template" },
  {
    what: "a bomb of aliases",
    text: `${bomb(30)}Resources:\n  A: { Type: AWS::SQS::Queue, Properties: *x29 }\n`,
    kind: "cloudformation",
    rules: ["template-syntax"],
  },
  {
    what: "a bomb of aliases under a function",
    text: `${bomb(30)}Resources:\n  A: { Type: AWS::Lambda::Function, Properties: { VpcConfig: { SubnetIds: *x29 } } }\n`,
    kind: "cloudformation",
    rules: ["template-syntax"],
    functions: 1,
  },
  {
    what: "lists in lists",
    text: `Resources: ${"[".repeat(20_000)}`,
    kind: "not-a-template",
  },
  {
    what: "lists in lists, in JSON",
    text: `{"Resources": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
    kind: "not-a-template",
  },
  {
    what: "maps in maps",
    text: `${Array.from({ length: 2000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")}`,
    kind: "not-a-template",
  },
  {
    what: "calls in calls",
    text: `AWSTemplateFormatVersion: "2010-09-09"\nOutputs:\n  A: { Value: ${"{ 'Fn::Sub': ".repeat(5000)}x${" }".repeat(5000)} }\n`,
    kind: "cloudformation",
    rules: ["template-syntax"],
  },
  {
    what: "a long line",
    text: `Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Description: ${"x".repeat(500_000)}\n`,
    kind: "cloudformation",
  },
  {
    what: "keys of the language's own objects",
    text: "Resources:\n  constructor: { Type: AWS::SQS::Queue }\n  __proto__: { Type: AWS::SQS::Queue }\n  toString: { Type: __proto__ }\n  valueOf: { Type: constructor }\n",
    kind: "cloudformation",
  },
  {
    what: "names of the language's own objects",
    text: "Parameters: { constructor: { Type: String } }\nConditions: { toString: !Equals [!Ref constructor, __proto__] }\nResources:\n  hasOwnProperty:\n    Type: AWS::Lambda::Function\n    Condition: toString\n    Properties:\n      VpcConfig: { SubnetIds: [!Ref constructor, !GetAtt __proto__.valueOf], SecurityGroupIds: [!Ref __proto__] }\n",
    kind: "cloudformation",
    functions: 1,
  },
  {
    what: "a chain of conditions",
    text: `Conditions:\n  C0: !Equals [a, b]\n${links(20_000, "C", (last) => `!Not [!Condition ${last}]`)}Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Condition: C20000\n`,
    kind: "cloudformation",
    functions: 1,
  },
  {
    what: "a chain of attributes",
    text: `Resources:\n  V0: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/8 } }\n${links(5000, "V", (last) => `{ Type: AWS::EC2::VPC, Properties: { CidrBlock: !GetAtt ${last}.CidrBlock } }`)}`,
    kind: "cloudformation",
  },
  {
    what: "nothing but ignores",
    text: `Resources: { A: { Type: AWS::EC2::VPC } }\n${"# lambda-egress-ignore a, b, single-az\n".repeat(20_000)}`,
    kind: "cloudformation",
  },
  {
    what: "one ignore of everything",
    text: `Resources: { A: { Type: AWS::EC2::VPC } }\n# lambda-egress-ignore ${"single-az, ".repeat(100_000)}\n`,
    kind: "cloudformation",
  },
  {
    what: "a second document",
    text: `${template}---\nkind: Pod\n`,
    kind: "sam",
    rules: ["public-subnet"],
    functions: 1,
  },
  {
    what: "a byte order mark before it",
    text: `\uFEFF${template}`,
    kind: "sam",
    rules: ["public-subnet"],
    functions: 1,
  },
  {
    what: "carriage returns",
    text: template.replaceAll("\n", "\r\n"),
    kind: "sam",
    rules: ["public-subnet"],
    functions: 1,
  },
  { what: "no last newline", text: template.trimEnd(), kind: "sam", rules: ["public-subnet"], functions: 1 },
  {
    what: "a conflict of versions",
    text: template.replace("  Vpc:\n", "<<<<<<< HEAD\n  Vpc:\n"),
    kind: "sam",
    rules: ["template-syntax"],
    functions: 1,
  },
];

describe("bad input", function () {
  // Other work shares the machine; no case may come near this.
  this.timeout(20_000);

  for (const { what, text, kind, rules = [], functions = 0 } of cases) {
    it(what, () => {
      const result = lint(parse(text));
      assert.equal(result.kind, kind);
      const serious = result.findings.filter(({ severity }) => severity === "error" || severity === "warning");
      assert.deepEqual([...new Set(serious.map(({ rule }) => rule))].sort(), rules);
      assert.equal(result.functions.length, functions);
      for (const { span } of result.findings)
        assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
    });
  }

  it("a template is linted wherever it is cut", () => {
    for (const text of [template, json]) {
      for (let end = 0; end <= text.length; end += 11) {
        assert.doesNotThrow(() => lint(parse(text.slice(0, end))), `cut at ${end}`);
      }
    }
  });

  it("a template is linted wherever a line is missing", () => {
    for (const text of [template, json]) {
      const lines = text.split("\n");
      for (const index of lines.keys()) {
        assert.doesNotThrow(() => lint(parse(lines.toSpliced(index, 1).join("\n"))), `without line ${index + 1}`);
      }
    }
  });

  it("five megabytes of something else are recognised at once", () => {
    const object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  Resources: none\n---\n";
    const rows = '{ "id": 1, "Resources": "none", "text": "AWS" },\n';
    for (const text of [object.repeat(5_000_000 / object.length), `[${rows.repeat(5_000_000 / rows.length)}{}]`]) {
      const start = performance.now();
      assert.equal(looksLikeTemplate(text), false);
      const took = performance.now() - start;
      assert.ok(took < 1000, `${took} ms`);
    }
  });
});

/** The same bytes on every run, read as text like any file. */
function bytes(length: number): string {
  let state = 1;
  const values = Uint8Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state >> 16;
  });
  return new TextDecoder().decode(values);
}

/** Each line names the one before. */
function links(length: number, name: string, value: (last: string) => string): string {
  return Array.from({ length }, (_, index) => `  ${name}${index + 1}: ${value(`${name}${index}`)}\n`).join("");
}

/** Each alias stands for two of the one before, the last for two to the power of their number. */
function bomb(height: number): string {
  const lines = Array.from({ length: height }, (_, index) =>
    index === 0 ? "x0: &x0 [a]\n" : `x${index}: &x${index} [*x${index - 1}, *x${index - 1}]\n`,
  );
  return lines.join("");
}
