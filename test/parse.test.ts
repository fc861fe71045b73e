import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { render } from "../server/src/message";
import { parseYamlWhole } from "../server/src/template/blocks";
import { parseJson, parseJsonWhole } from "../server/src/template/json-blocks";
import { looksLikeTemplate, parse } from "../server/src/template/parse";
import { type Document, get, isNull, type Node, spanOf } from "../server/src/template/syntax";

/** A node as plain data: text, arrays, and lists of pairs, which keep order and duplicates. */
type Plain = string | Plain[] | { map: [string, Plain][] };

function plain(node: Node | undefined): Plain | undefined {
  if (node === undefined || node.kind === "scalar") return node?.text;
  if (node.kind === "list") return node.items.map((item) => plain(item) as Plain);
  return { map: node.entries.map(({ key, value }) => [key.text, plain(value) as Plain]) };
}

/** Everything a reader of a document can see, every node with its place. */
function visible(document: Document): unknown {
  const see = (node: Node): unknown => {
    const { start, end } = spanOf(node);
    if (node.kind === "scalar") return [start, end, node.text, node.quoted];
    if (node.kind === "list") return [start, end, node.flow, node.items.map(see)];
    return [start, end, node.flow, node.tag, node.entries.map(({ key, value }) => [see(key), see(value)])];
  };
  return {
    language: document.language,
    root: document.root && see(document.root),
    problems: document.problems.map(({ message, span }) => [message, span]),
  };
}

function* walk(node: Node | undefined): Generator<Node> {
  if (node === undefined) return;
  yield node;
  if (node.kind === "list") for (const item of node.items) yield* walk(item);
  if (node.kind === "map") {
    for (const { key, value } of node.entries) {
      yield key;
      yield* walk(value);
    }
  }
}

function at(node: Node | undefined, ...path: (string | number)[]): Node | undefined {
  return path.reduce<Node | undefined>((inner, step) => {
    if (typeof step === "string") return get(inner, step);
    return inner?.kind === "list" ? inner.items[step] : undefined;
  }, node);
}

function textOf(document: Document, node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const { start, end } = spanOf(node);
  return document.text.slice(start, end);
}

/** What is wrong with a text, as pairs of message and the text it stands at. */
function complaints(text: string): [string, string][] {
  return parse(text).problems.map(({ message, span }) => [render(message), text.slice(span.start, span.end)]);
}

const SAM = `# A comment above all
AWSTemplateFormatVersion: "2010-09-09"
Transform:
- AWS::Serverless-2016-10-31
Description: >-
  Resources: of many
  words – 🚀 and ümläute

Globals: { Function: { Timeout: 10, Layers: [ !Ref Layer ] } }
Resources:
  # the function
  Worker:
    Type: AWS::Serverless::Function	# a tab before this
    Properties:
      InlineCode: |
        Worker:
          Other: 'x
      # between
      Description: 'über
        mehrere: Zeilen'
      VpcConfig: &vpc
        SubnetIds:
        - !Ref A
        - Fn::GetAtt: [B, SubnetId]
        SecurityGroupIds: [
          !GetAtt Group.GroupId, "sg-1"
        ]
# in column 0
  "Quoted Key" :
    Type: AWS::EC2::Subnet
    Properties: {}

  Second:
    Type: AWS::Serverless::Function
    Properties:
      VpcConfig:
        <<: *vpc
        Ipv6AllowedForDualStack: true
      Role: !If [HasRole, !Sub "arn:\${AWS::Partition}:x", !Ref AWS::NoValue]
Outputs:
    Id:
        Value: !Join
          - "-"
          - [a, b]
    Empty:
`;

const DOMESTIC = `Parameters:
  Env: {Type: String, Default: dev}
Conditions:
  HasRole: !Not [!Equals [!Ref Env, "dev"]]
Resources:
  A: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 10.0.0.0/16 } }
  B:
    Type: AWS::EC2::Subnet
    DependsOn: [A]
    Properties: {VpcId: !Ref A, Tags: [{Key: a, Value: "b: c"}]}
`;

const CRLF = SAM.replace(/\n/g, "\r\n");
const JSON_TEMPLATE = `{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Resources": {
    "Worker": { "Type": "AWS::Lambda::Function", "Properties": { "Timeout": 1e3, "On": true, "None": null,
      "Code": { "ZipFile": "caf\\u00e9 \\"🚀\\"" }, "VpcConfig": { "SubnetIds": [{ "Ref": "A" }, []] } } },
    "A": { "Type": "AWS::EC2::Subnet" }, "B": {}
  },
  "Outputs": { "One": { "Value": "}, {" } }
}
`;
const SAMPLES = [SAM, CRLF, DOMESTIC, JSON_TEMPLATE];

describe("parse", () => {
  describe("reads", () => {
    const cases: [name: string, text: string, expected: unknown][] = [
      [
        "text that is no text in YAML",
        "a: 012345678901\nb: yes\nc: 0777\nd: 2024-01-01\ne: 1.10\nf: ~",
        ["012345678901", "yes", "0777", "2024-01-01", "1.10", "~"],
      ],
      ["!Ref", "a: !Ref X", [{ map: [["Ref", "X"]] }]],
      ["!Condition", "a: !Condition X", [{ map: [["Condition", "X"]] }]],
      ["!GetAtt with a dot", "a: !GetAtt A.B.C", [{ map: [["Fn::GetAtt", "A.B.C"]] }]],
      ["!GetAtt with a list", "a: !GetAtt [A, B]", [{ map: [["Fn::GetAtt", ["A", "B"]]] }]],
      ["a tag nobody knows", "a: !Own {b: c}", [{ map: [["Fn::Own", { map: [["b", "c"]] }]] }]],
      [
        "tags in tags",
        "a: !If [C, !Ref A, !Sub x]",
        [{ map: [["Fn::If", ["C", { map: [["Ref", "A"]] }, { map: [["Fn::Sub", "x"]] }]]] }],
      ],
      [
        "a tag over a block list",
        "a: !If # why\n  - C\n  - !Ref B\n  - c",
        [{ map: [["Fn::If", ["C", { map: [["Ref", "B"]] }, "c"]]] }],
      ],
      ["a tag over a block map", "a: !Transform\n  Name: x", [{ map: [["Fn::Transform", { map: [["Name", "x"]] }]] }]],
      ["a tag over a text block", "a: !Sub |\n  x\n  y\n", [{ map: [["Fn::Sub", "x\ny\n"]] }]],
      ["a tag over nothing", "a: !Ref\nb: c", [{ map: [["Ref", ""]] }, "c"]],
      [
        "standard tags",
        "a: !!str 1\nb: !!binary aGk=\nc: !!int 3\nd: !!map {x: y}\ne: !!set {x}\nf: ! g",
        ["1", "aGk=", "3", { map: [["x", "y"]] }, { map: [["x", ""]] }, "g"],
      ],
      [
        "an alias",
        "a: &x [1, 2]\nb: *x",
        [
          ["1", "2"],
          ["1", "2"],
        ],
      ],
      [
        "an alias of a tagged value",
        "a: &x !Ref V\nb: *x\nc: !Ref &y W\nd: *y",
        [{ map: [["Ref", "V"]] }, { map: [["Ref", "V"]] }, { map: [["Ref", "W"]] }, { map: [["Ref", "W"]] }],
      ],
      ["an anchor given again", "a: &x 1\nb: *x\nc: &x 2\nd: *x", ["1", "1", "2", "2"]],
      [
        "a merge key",
        "a: &x {p: 1, q: 2}\nb: {q: 3, <<: *x}",
        [
          {
            map: [
              ["p", "1"],
              ["q", "2"],
            ],
          },
          {
            map: [
              ["q", "3"],
              ["p", "1"],
            ],
          },
        ],
      ],
      [
        "a merge of several",
        "a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc:\n  <<: [*x, *y]\n  r: 3",
        [
          { map: [["p", "1"]] },
          {
            map: [
              ["p", "2"],
              ["q", "2"],
            ],
          },
          {
            map: [
              ["p", "1"],
              ["q", "2"],
              ["r", "3"],
            ],
          },
        ],
      ],
      ["a quoted merge key as a key", 'a: {"<<": {b: c}}', [{ map: [["<<", { map: [["b", "c"]] }]] }]],
      ["double quotes", '"a\\tb": "c\\u00e9\\n\\\n  d"', ["cé\nd"]],
      ["text over lines", "a: b\n  c\nd: 'e\n\n  f'\ng: >\n  h\n  i\nj: |-\n  k\n", ["b c", "e\nf", "h i\n", "k"]],
      ["a byte order mark", "\uFEFFa: b", ["b"]],
      ["only the first of several documents", "a: 1\n---\nb: 2\n...\n}", ["1"]],
      ["a document behind three dashes", "# x\n---\n# y\na: 1\nb: 2\n", ["1", "2"]],
      ["a directive", "%YAML 1.1\n---\na: 1\n", ["1"]],
      ["complex keys", "? a\n: 1\n? b\n", ["1", ""]],
      [
        "a list at its key's column",
        "a:\n- 1\n- b: 2\n  c: 3\nd:\n- 4",
        [
          [
            "1",
            {
              map: [
                ["b", "2"],
                ["c", "3"],
              ],
            },
          ],
          ["4"],
        ],
      ],
    ];
    for (const [name, text, expected] of cases) {
      it(name, () => {
        const document = parse(text);
        assert.deepEqual(document.problems, []);
        const root = plain(document.root);
        assert.ok(typeof root === "object" && !Array.isArray(root));
        assert.deepEqual(
          root.map.map(([, value]) => value),
          expected,
        );
      });
    }

    it("a merge over sections, explicit keys winning wherever they stand", () => {
      const text = "Base: &base\n  A: 1\n  B: 2\nResources:\n  A: 3\n  <<: *base\n  C: 4\n";
      const document = parse(text);
      assert.deepEqual(plain(get(document.root, "Resources")), {
        map: [
          ["A", "3"],
          ["B", "2"],
          ["C", "4"],
        ],
      });
      assert.deepEqual(document.problems, []);
    });

    it("JSON", () => {
      const document = parse(JSON_TEMPLATE);
      assert.equal(document.language, "json");
      assert.deepEqual(document.problems, []);
      const properties = at(document.root, "Resources", "Worker", "Properties");
      assert.deepEqual(plain(properties), {
        map: [
          ["Timeout", "1e3"],
          ["On", "true"],
          ["None", "null"],
          ["Code", { map: [["ZipFile", 'café "🚀"']] }],
          ["VpcConfig", { map: [["SubnetIds", [{ map: [["Ref", "A"]] }, []]]] }],
        ],
      });
      assert.ok(isNull(get(properties, "None")));
    });

    it("YAML in braces as YAML", () => {
      const document = parse('{ "Resources": { A: { Type: "AWS::EC2::VPC", "P": !Ref X } } }');
      assert.equal(document.language, "yaml");
      assert.deepEqual(document.problems, []);
      assert.deepEqual(plain(at(document.root, "Resources", "A", "P")), { map: [["Ref", "X"]] });
    });

    it("nothing from a text without content", () => {
      for (const text of ["", " ", "\n\n", "\uFEFF", "# only\n# comments\n", "---\n", "\t\n"]) {
        assert.equal(parse(text).root, undefined, JSON.stringify(text));
        assert.deepEqual(parse(text).problems, [], JSON.stringify(text));
      }
    });
  });

  describe("places", () => {
    const cases: [name: string, text: string, path: (string | number)[], expected: string][] = [
      ["a tag in the span", "R:\n  a: [!Ref X, b]", ["R", "a", 0], "!Ref X"],
      ["a tag behind an anchor", "R:\n  a: &x !Ref X\n", ["R", "a"], "!Ref X"],
      ["a tag before an anchor", "R:\n  a: !Ref &x X\n", ["R", "a"], "!Ref &x X"],
      ["the text of a tagged value", "R:\n  a: !GetAtt X.Y", ["R", "a", "Fn::GetAtt"], "X.Y"],
      ["quotes", "R:\n  a: 'it''s' # x", ["R", "a"], "'it''s'"],
      ["a block map without what follows", "R:\n  a:\n    b: c # d\n\n  # e\n  f: g\n", ["R", "a"], "b: c"],
      [
        "a section from first key to last value",
        "R:\n  # x\n  a:\n    b: c\n\n  f: g  # h\n\nS: 1\n",
        ["R"],
        "a:\n    b: c\n\n  f: g",
      ],
      [
        "a text block without its last newline",
        "R:\n  a: |\n    x\n    y\n\n\n  b: c\n",
        ["R", "a"],
        "|\n    x\n    y",
      ],
      ["an empty value behind the colon", "R:\n  a:   # c\n  b: 1", ["R", "a"], ""],
      ["a list with an empty item", "R:\n  a:\n    - b\n    -\n  c: d", ["R", "a"], "- b\n    -"],
      ["a flow list over lines", "R:\n  a: [\n    b\n  ]\n  c: d", ["R", "a"], "[\n    b\n  ]"],
      ["an alias at its target", "R:\n  a: &x [b]\n  c: *x\n", ["R", "c"], "[b]"],
      ["a JSON value", '\uFEFF{"R": {"a": [1, {"b": "c"}]}}', ["R", "a", 1], '{"b": "c"}'],
    ];
    for (const [name, text, path, expected] of cases) {
      for (const [variant, given] of [
        ["", text],
        [" with CRLF", text.replace(/\n/g, "\r\n")],
        [" behind emoji", text.startsWith("\uFEFF") ? text : `# 🚀\n${text}`],
      ] as const) {
        it(name + variant, () => {
          const document = parse(given);
          assert.equal(textOf(document, at(document.root, ...path))?.replace(/\r/g, ""), expected);
        });
      }
    }

    it("an empty value right behind its colon", () => {
      const document = parse("R:\n  a:  \n  b: 1\n");
      const { start, end } = spanOf(at(document.root, "R", "a") as Node);
      assert.deepEqual([start, end], [7, 7]);
    });

    it("the key of a short form at its tag", () => {
      const document = parse("R:\n  a: !GetAtt X.Y");
      const map = at(document.root, "R", "a");
      assert.ok(map?.kind === "map");
      assert.equal(map.tag, "!GetAtt");
      assert.equal(textOf(document, map.entries[0]?.key), "!GetAtt");
    });
  });

  describe("complains about", () => {
    const cases: [text: string, ...expected: [message: RegExp, at: string][]][] = [
      ["a: 1\nb: 2\na: 3\n", [/given twice/, "a"]],
      ["R:\n  a: 1\n  b: {c: 1, c: 2}\n  a: 3\n", [/given twice/, "c"], [/given twice/, "a"]],
      ["R:\n  a: b: c\n  d: e\n", [/a key of its own/, "b:"]],
      ["R:\n  a: 'b\n  c: d\n", [/closing quote/, "b"]],
      ['R:\n  a:\n    x: "b\n  c: d\n', [/closing quote/, "b"]],
      ["R:\n  a: [b\n  c: d\n", [/closing bracket/, "b"]],
      ["R:\n  a: {b: c]\n  c: d\n", [/closing bracket/, "]"]],
      ["R:\n  a: b]\n  c: [d]]\n", [/./, "]"]],
      ["R:\n  a: 1\n  Wor\n  c: d\n", [/colon is missing/, "Wor"]],
      ["a: 1\nWor\nc: d\n", [/colon is missing/, "Wor"]],
      ["R:\n  a:\n    b: c\n   d: e\n  f: g\n", [/not indented like/, "d:"]],
      ["R:\n    a: 1\n  b: 2\n", [/not indented like/, "b"]],
      ["R:\n  a:\n    - b\n   - c\n", [/indented wrongly/, "-"]],
      ["R:\n  a:\n\t  b: c\n", [/tab/, "\t  "]],
      ["R:\n  a: *\n", [/asterisk/, "*"]],
      ["R:\n  a: *b\n", [/No anchor/, "*b"]],
      ["R:\n  a: &b [*b]\n", [/No anchor/, "*b"]],
      ["R:\n  a: @b\n", [/quotes/, "@"]],
      ['R:\n  a: "\\d"\n', [/backslash/, "\\"]],
      ["R:\n  a: !Ref!Sub x\n  b: !A !B c\n", [/this tag/, "!Ref!Sub"], [/one tag/, "!B"]],
      ["R:\n  a: [b c: d]\n  e: [f, , g]\n", [/comma too many/, ","]],
      ["R:\n  a: - b\n", [/same line as its key/, "-"]],
      ["R:\n  [a]: b\n", [/plain text/, "[a]"]],
      ['{"a": 1, "a": 2}', [/given twice/, '"a"']],
      ['{"a": [1, 2}', [/closing \]/, "}"]],
      ['{"a": "b" "c": 1}', [/comma is missing/, '"c"']],
      ['{"a": 1,\n}', [/comma too many/, "}"]],
      ['{"a": tru, "b" 1}', [/does not know this word/, "tru"], [/colon is missing/, "1"]],
      ['{"a": 1 // x\n}', [/no comments/, "// x"]],
    ];
    for (const [text, ...expected] of cases) {
      it(JSON.stringify(text), () => {
        const found = complaints(text);
        assert.deepEqual(
          found.map(([, place]) => place),
          expected.map(([, place]) => place),
          JSON.stringify(found),
        );
        for (const [index, [message]] of expected.entries()) assert.match(found[index]?.[0] ?? "", message);
      });
    }
  });

  describe("accepts what AWS accepts", () => {
    const cases: [name: string, text: string, path: (string | number)[], expected: Plain][] = [
      [
        "brackets closed at their key's column",
        "R:\n  a: {\n    b: [\n      c\n    ]\n  }\n  d: e\n",
        ["R", "a", "b"],
        ["c"],
      ],
      [
        "two brackets closed before their key's column",
        "R:\n  a:\n    x: {\n      b: [\n    c\n   ]\n  }\n  d: e\n",
        ["R", "a", "x", "b"],
        ["c"],
      ],
      [
        "JSON pasted at column 0",
        'R:\n  a:\n    x: {\n"b": [\n  "c"\n],\n"d": {\n}\n}\n  d: e\nS: 1\n',
        ["R", "a", "x", "b"],
        ["c"],
      ],
      [
        "a resource behind JSON pasted at column 0",
        'R:\n  a:\n    x: {\n"b": [\n  "c"\n],\n"d": {\n}\n}\n  d: e\nS: 1\n',
        ["R", "d"],
        "e",
      ],
      [
        "a section behind JSON pasted at column 0",
        'R:\n  a:\n    x: {\n"b": [\n  "c"\n],\n"d": {\n}\n}\n  d: e\nS: 1\n',
        ["S"],
        "1",
      ],
      ["quoted text that goes on at column 0", "R:\n  a:\n    x: 'b\nc: d'\n  d: e\n", ["R", "a", "x"], "b c: d"],
      [
        "quoted text that goes on at its key's column",
        'R:\n  a:\n    - "b\n  c: d"\n  d: e\n',
        ["R", "a", 0],
        "b c: d",
      ],
      ["tabs behind content", "R:\n  a:\tb\t# c\n  d: [e,\tf]\t\n", ["R", "d"], ["e", "f"]],
      ["tags nobody knows", "R:\n  a: !Foo::Bar x\n", ["R", "a", "Fn::Foo::Bar"], "x"],
      [
        "comments in any column",
        "R:\n# a\n  b:\n # c\n    d:\n# e\n      - f\n   # g\n      - h\n",
        ["R", "b", "d"],
        ["f", "h"],
      ],
      ["keys as long as sentences", `R:\n  ${"k".repeat(1000)}: v\n`, ["R", "k".repeat(1000)], "v"],
    ];
    for (const [name, text, path, expected] of cases) {
      it(name, () => {
        assert.deepEqual(complaints(text), []);
        assert.deepEqual(plain(at(parse(text).root, ...path)), expected);
      });
    }
  });

  describe("lets a fault stay where it is", () => {
    const faults = [
      "    x: [",
      "    x: {a: [b, c}",
      '    x: "',
      "    x: 'it",
      "    x: a: b",
      "\tx: y",
      "   y:",
      "    - !",
      "  Wor",
      "    *",
      "  ? x",
      " Z: 1",
      "    x: !Sub |",
      "  }",
      "    <<: 3",
    ];
    for (const fault of faults) {
      it(JSON.stringify(fault), () => {
        const text = `P:\n  Q: {R: S}\nResources:\n  A:\n    Type: A\n  B:\n    Type: B\n${fault}\n  C:\n    Type: C\n  D:\n    Type: D\nOutputs:\n  O:\n    Value: o\n`;
        const { root } = parse(text);
        for (const id of ["A", "C", "D"]) {
          if (fault === "  ? x" && id !== "A") continue;
          assert.equal(plain(at(root, "Resources", id, "Type")), id, id);
        }
        assert.equal(plain(at(root, "Outputs", "O", "Value")), "o");
        assert.equal(plain(at(root, "P", "Q", "R")), "S");
      });
    }
  });

  describe("never throws", () => {
    it("whatever is cut off", function () {
      this.timeout(60_000);
      for (const sample of SAMPLES) {
        for (let length = 0; length <= sample.length; length++) {
          const text = sample.slice(0, length);
          for (const { span } of parse(text).problems) {
            assert.ok(0 <= span.start && span.start <= span.end && span.end <= length, JSON.stringify(text));
          }
        }
      }
    });

    it("whatever the text", function () {
      this.timeout(60_000);
      const pieces = fc.constantFrom(
        ..."[]{}:,-?!&*|>'\"%@`#\\<\n\n  \t\r\0\uFEFF\uD800é🚀a",
        "---",
        "<<: ",
        "a: ",
        "  a:\n",
        "*a",
        "&a ",
        "!Ref ",
        "...",
      );
      fc.assert(
        fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
          const text = parts.join("");
          for (const { message, span } of parse(text).problems) {
            assert.ok(0 <= span.start && span.start <= span.end && span.end <= text.length);
            assert.doesNotMatch(render(message), /\n|line \d|undefined/);
          }
        }),
        { numRuns: 2000 },
      );
    });

    it("on nesting without end", function () {
      this.timeout(60_000);
      const many = 100_000;
      const nested = [
        "[".repeat(many),
        '{"a":'.repeat(many),
        "[".repeat(many) + "]".repeat(many),
        `R:\n  a: ${"[".repeat(many)}\n  b: c\n`,
        `R:\n  a:\n  ${"- ".repeat(many)}\n  b: c\n`,
        Array.from({ length: 1500 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
      ];
      for (const text of nested) {
        const { problems } = parse(text);
        assert.ok(
          problems.some(({ message }) => /levels deep/.test(render(message))),
          text.slice(0, 20),
        );
      }
      assert.equal(plain(at(parse(nested[3] ?? "").root, "R", "b")), "c");
      assert.notEqual(parse("{a: ".repeat(many)).problems.length, 0);
    });

    it("on more text than a template can have", function () {
      this.timeout(60_000);
      assert.deepEqual(
        complaints(`Resources: # ${"x".repeat(3_000_000)}`).map(([message]) => message),
        ["This text is too long to be a template: CloudFormation reads at most 1 MB."],
      );
      const crowd = Array.from({ length: 10_500 }, (_, n) => `  R${n}: ${n}\n`).join("");
      const document = parse(`Resources:\n${crowd}`);
      assert.deepEqual(document.problems, []);
      assert.equal(plain(at(document.root, "Resources", "R10499")), "10499");
    });

    it("on aliases that multiply", () => {
      const levels = Array.from(
        { length: 30 },
        (_, n) => `a${n}: &a${n} [${Array(9).fill(n === 0 ? "x" : `*a${n - 1}`)}]\n`,
      );
      const document = parse(levels.join(""));
      assert.ok(document.problems.some(({ message }) => /aliases/.test(render(message))));
      let count = 0;
      for (const _ of walk(document.root)) count++;
      assert.ok(count < 1_000_000, `${count} nodes`);
      const chain = Array.from({ length: 3000 }, (_, n) => `a${n}: &a${n} ${n === 0 ? "x" : `[*a${n - 1}]`}\n`);
      assert.ok(parse(chain.join("")).problems.some(({ message }) => /aliases/.test(render(message))));
    });
  });

  it("gives after any edits what it gives of the final text alone", function () {
    this.timeout(120_000);
    const snippets = [
      "",
      "\n",
      "  ",
      "\n  ",
      "x",
      ":",
      ": ",
      "'",
      '"',
      "[",
      "]",
      "{",
      "}",
      "#",
      "\t",
      "🚀",
      "é",
      "&vpc ",
      "*vpc",
      "<<: *vpc\n",
      "- ",
      "|\n",
      "!Ref ",
      "---\n",
      "\r\n",
      "? ",
      "  New:\n    Type: X\n",
      "Outputs:\n",
      ",",
      '"B": {},',
      "\\",
    ];
    const edit = fc.record({
      kind: fc.constantFrom("put", "put", "put", "move", "undo"),
      place: fc.nat(4000),
      drop: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(80)),
      insert: fc.constantFrom(...snippets),
    });
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), fc.array(edit, { minLength: 1, maxLength: 8 }), (sample, edits) => {
        let text = sample;
        let before = text;
        let document = parse(text);
        for (const { kind, place, drop, insert } of edits) {
          const start = place % (text.length + 1);
          const without = text.slice(0, start) + text.slice(start + drop);
          const [at, put] =
            kind === "move" ? [place % (without.length / 2), text.slice(start, start + drop)] : [start, insert];
          [text, before] = [kind === "undo" ? before : without.slice(0, at) + put + without.slice(at), text];
          document = parse(text, document);
          assert.deepEqual(visible(document), visible(parse(text)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("reads again only the block that an edit touches", () => {
    const before = parse(SAM);
    const [worker, second] = ["Worker", "Second"].map((id) => at(before.root, "Resources", id));
    const after = parse(SAM.replace("Ipv6AllowedForDualStack: true", "Ipv6AllowedForDualStack: false"), before);
    assert.equal(at(after.root, "Resources", "Worker"), worker);
    assert.notEqual(at(after.root, "Resources", "Second"), second);
    const moved = parse(`# moved\n${after.text}`, after);
    assert.equal(at(moved.root, "Resources", "Worker"), worker);
    assert.equal(textOf(moved, worker)?.slice(0, 5), "Type:");
    // The anchor's block is new, so the block that borrows from it must be, too.
    const last = parse(moved.text.replace("!Ref A\n", "!Ref C\n"), moved);
    assert.deepEqual(plain(at(last.root, "Resources", "Second", "Properties", "VpcConfig", "SubnetIds", 0)), {
      map: [["Ref", "C"]],
    });
  });

  it("reads again only the member of a JSON text that an edit touches, also behind a missing bracket", () => {
    const of = (document: Document) => ["Worker", "A", "B"].map((id) => at(document.root, "Resources", id));
    const before = parse(JSON_TEMPLATE);
    const [worker, a, b] = of(before);
    const edited = parse(JSON_TEMPLATE.replace("EC2::Subnet", "EC2::Subnets"), before);
    assert.deepEqual(
      of(edited).map((node, index) => node === [worker, a, b][index]),
      [true, false, true],
    );
    const torn = parse(edited.text.replace("[]", "["), edited);
    assert.notEqual(torn.problems.length, 0);
    const whole = parse(` ${edited.text}`, torn);
    assert.equal(at(whole.root, "Resources", "Worker"), worker);
    assert.match(textOf(whole, worker) ?? "", /^\{ "Type".*\}$/s);
  });

  it("gives in members what it gives whole", function () {
    this.timeout(60_000);
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom("", "}", '"', "\\", ",{", "[\n", "é🚀", 1, true, null),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "}", ",", '"'), tie("value"), { maxKeys: 4 }),
      ),
    }));
    // With a character gone or too many the trees may differ, as a fault stays in its member, but both complain.
    const slip = fc.tuple(fc.constantFrom(...":ab1 \n"), fc.nat(1000), fc.nat(1));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), fc.option(slip), (data, indent, slip) => {
        const text = JSON.stringify({ data, more: { one: data, two: data } }, undefined, indent);
        const place = slip === null ? 0 : slip[1] % text.length;
        const edited = slip === null ? text : text.slice(0, place) + slip[0] + text.slice(place + slip[2]);
        const [members, whole] = [parseJson(edited).document, parseJsonWhole(edited).document];
        if (whole.problems.length === 0) assert.deepEqual(visible(members), visible(whole), edited);
        else assert.notEqual(members.problems.length, 0, edited);
      }),
      { numRuns: 2000 },
    );
  });

  it("gives in blocks what it gives whole", function () {
    this.timeout(120_000);
    const bodies = [
      " plain # comment",
      ' "quoted: text"',
      "",
      " |\n      Resources:\n        Worker:\n\n      - x: 'y\n   # not text",
      " >-\n\n    folded: 'text\n\n      more\n    # text\n",
      " !Sub |+\n    a\n\n\n",
      " [a, {b: c},\n    !Ref d, # e: f\n  ]",
      " {a: [\n    b ], c: !GetAtt d.e }",
      " 'several\n\n    lines: of\n    # text'",
      ' "several \\\n    lines: \\"of\\" text"',
      " words\n    over lines",
      "\n    x: 1\n# comment: x\n    y:\n    - 2\n    -\n      - 3",
      "\n  - zero: 1\n    indent: 2\n  - [b]",
      " &x {a: 1, b: [2]}",
      " *x",
      "\n    <<: *x\n    b: 3",
      "\t# tab",
      " !If\n    - c\n    - !Ref d\n    - *x",
      "\n    ? complex\n    : key",
      " caf\u00e9 🚀 \uFEFF",
    ];
    const entry = fc.tuple(
      fc.constantFrom(...bodies),
      fc.constantFrom("", "", "\n", "# comment: x\n", "  # comment\n", "   \n"),
    );
    const section = fc.tuple(fc.constantFrom("", "  ", "    # x\n  "), fc.array(entry, { minLength: 1, maxLength: 5 }));
    const options = fc.record({
      head: fc.constantFrom("", "# x\n\n", "---\n", "\uFEFF", "--- # x\n# y\n"),
      crlf: fc.boolean(),
      end: fc.constantFrom("", "\n", "...\n", "---\nb: [", "# x"),
    });
    fc.assert(
      fc.property(fc.array(section, { minLength: 1, maxLength: 4 }), options, (sections, { head, crlf, end }) => {
        let count = 0;
        // Every template begins with the anchor that its aliases need.
        let text = `${head}Anchor: &x {a: 1}\n`;
        for (const [before, entries] of sections) {
          text += `Section${count++}:\n`;
          for (const [body, after] of entries) {
            text += `${before === "" ? "  " : before}Key${count++}:${body}\n${after}`;
          }
        }
        text += end;
        if (crlf) text = text.replace(/\n/g, "\r\n");
        const document = parse(text);
        assert.deepEqual(document.problems, []);
        assert.deepEqual(visible(document), visible(parseYamlWhole(text)));
      }),
      { numRuns: 300 },
    );
  });

  it("places every node at its own text", () => {
    for (const sample of [SAM, CRLF, DOMESTIC]) {
      const document = parse(sample);
      assert.deepEqual(document.problems, []);
      for (const node of walk(document.root)) {
        const text = textOf(document, node) ?? "";
        assert.equal(text, text.trim());
        if (node.kind === "map" && node.tag !== undefined) assert.ok(text.startsWith(node.tag), text);
        else if (node.kind === "map" && node.entries.length > 0 && !text.startsWith("<<")) {
          const first = textOf(document, node.entries[0]?.key) ?? "";
          assert.ok(text.startsWith(node.flow ? "{" : first), text);
        } else if (node.kind === "list") assert.match(text, node.flow ? /^\[.*\]$/s : /^-/);
        else if (node.kind === "scalar" && node.quoted) assert.match(text, /^["'|>]/);
        else if (node.kind === "scalar")
          assert.equal(text.startsWith("!") ? text : node.text.replace("Fn::", ""), text.replace("Fn::", ""));
      }
    }
  });

  it("reads YAML and JSON of the same data alike", function () {
    this.timeout(60_000);
    const key = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => text !== "<<");
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.string({ unit: "grapheme", maxLength: 40 }),
        fc.integer(),
        fc.boolean(),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    const template = fc.dictionary(key, value, { minKeys: 1, maxKeys: 5 });
    fc.assert(
      fc.property(template, fc.constantFrom(undefined, 2, 4), (data, indent) => {
        const yaml = parse(stringify(data, { indent: indent ?? 2, lineWidth: indent === 4 ? 20 : 80 }));
        const json = parse(JSON.stringify(data, undefined, indent));
        assert.deepEqual([yaml.problems, json.problems], [[], []]);
        assert.deepEqual([yaml.language, json.language], ["yaml", "json"]);
        assert.deepEqual(plain(yaml.root), plain(json.root));
      }),
      { numRuns: 500 },
    );
  });
});

describe("looksLikeTemplate", () => {
  const kubernetes =
    "apiVersion: v1\nkind: ConfigMap\ndata:\n  template: |\n    AWSTemplateFormatVersion: '2010-09-09'\n    Resources:\n      A:\n        Type: AWS::Lambda::Function\n";
  const cases: [name: string, text: string, expected: boolean][] = [
    ["SAM", SAM, true],
    ["a template without a version", DOMESTIC, true],
    ["JSON", JSON_TEMPLATE, true],
    ["JSON behind a byte order mark", `\uFEFF${JSON_TEMPLATE}`, true],
    ["a half-typed template", "Resources:\n  A:\n    Type: AWS::Lam", true],
    ["a custom resource", "Resources:\n  A:\n    Type: 'Custom::Thing'", true],
    ["a resource in braces", "Resources:\n  A: { Type: AWS::EC2::VPC }", true],
    ["a quoted key", '"Resources":\n  "A":\n    "Type": "AWS::EC2::VPC"', true],
    ["CRLF", "# x\r\nResources:\r\n  A:\r\n    Type: AWS::EC2::VPC\r\n", true],
    ["a transform", "Transform: AWS::Serverless-2016-10-31\n", true],
    ["a list of transforms", "Transform:\n- AWS::LanguageExtensions\n", true],
    ["JSON with resources alone", '{"Resources": {"A": {"Type": "AWS::EC2::VPC"}}}', true],
    ["YAML in braces", "{Resources: {A: {Type: AWS::EC2::VPC}}}", true],
    ["JSON with a transform", '{"Transform": ["AWS::Serverless-2016-10-31"]}', true],
    ["nothing", "", false],
    ["a template in Kubernetes", kubernetes, false],
    ["docker-compose", "services:\n  db:\n    image: x\n    environment:\n      - Resources=AWS::Lambda\n", false],
    ["a GitHub workflow", "on: push\njobs:\n  a:\n    steps:\n      - run: 'aws AWS::Lambda::Function'\n", false],
    ["OpenAPI", "openapi: 3.0.0\npaths: {}\nx-amazon:\n  Type: AWS::Lambda::Function\n", false],
    [
      "resources of another kind",
      "Resources:\n  A:\n    Type: Google::VM\nOther:\n  Type: AWS::Lambda::Function\n",
      false,
    ],
    ["another transform", "Transform: rotate\n", false],
    ["JSON that mentions it below", '{"a": {"Resources": {"B": {"Type": "AWS::EC2::VPC"}}}, "b": "Resources"}', false],
    ["JSON that mentions it in text", '{"a": "\\"Resources\\": {\\"Type\\": \\"AWS::EC2::VPC\\"}"}', false],
    ["prose", "Resources: see AWS::Lambda::Function\nType: AWS::X\n", false],
  ];
  for (const [name, text, expected] of cases) it(name, () => assert.equal(looksLikeTemplate(text), expected));
});
