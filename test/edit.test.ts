/** Edits keep a template's layout: the text before, what is done, the text after. */
import assert from "node:assert/strict";
import { applyEdits } from "../server/src/edit/edit";
import { removeItem } from "../server/src/edit/remove";
import { freshId, setProperty } from "../server/src/edit/resource";
import { parse } from "../server/src/template/parse";
import { expandSam } from "../server/src/template/sam";
import { get } from "../server/src/template/syntax";
import { dataOf, doTo, editsOf, type Operation, templateOf } from "./edit-operations";

interface Case {
  readonly name: string;
  readonly before: string;
  readonly edit: Operation | readonly Operation[];
  readonly after: string;
}

const yamlCases: readonly Case[] = [
  {
    name: "a scalar is replaced with its tag, and its comment stays",
    before: "A:\n  B: !Ref Old # why\n  C: 1\n",
    edit: { replace: ["A", "B"], value: { "Fn::GetAtt": ["New", "Arn"] } },
    after: "A:\n  B: !GetAtt New.Arn # why\n  C: 1\n",
  },
  {
    name: "a scalar becomes a map below the comment",
    before: "A:\n    B: old # why\n    C: 1\n",
    edit: { replace: ["A", "B"], value: { D: 1, E: [{ Ref: "X" }] } },
    after: "A:\n    B: # why\n        D: 1\n        E:\n            - !Ref X\n    C: 1\n",
  },
  {
    name: "a map becomes a scalar, and the comment behind its key stays",
    before: "A:\n  B: # why\n    D: 1\n    # inner\n    E: 2 # two\n  # about C\n  C: 1\n",
    edit: { replace: ["A", "B"], value: "x" },
    after: "A:\n  B: x # why\n  # about C\n  C: 1\n",
  },
  {
    name: "a list keeps its dashes",
    before: "A:\n  B:\n  - x\n  - y # last\n  C: [1]\n",
    edit: { replace: ["A", "B"], value: [{ Ref: "P" }, { K: "v", L: 2 }] },
    after: "A:\n  B:\n  - !Ref P\n  - K: v\n    L: 2\n  C: [1]\n",
  },
  {
    name: "a list keeps its brackets",
    before: "A:\n  B: [ x, y ] # both\n  C:\n    - 1\n",
    edit: { replace: ["A", "B"], value: [{ Ref: "P" }, "a,b"] },
    after: 'A:\n  B: [ !Ref P, "a,b" ] # both\n  C:\n    - 1\n',
  },
  {
    name: "a short call over several lines is replaced whole",
    before: "A:\n  B: !If\n    - Yes\n    - !Ref X\n    - !Ref Y # y\n  C: 1\n",
    edit: { replace: ["A", "B"], value: { Ref: "Z" } },
    after: "A:\n  B: !Ref Z # y\n  C: 1\n",
  },
  {
    name: "an item is replaced by a map",
    before: "A:\n  - one # 1\n  -\n  - three\n",
    edit: [
      { replace: ["A", 0], value: { K: 1, L: 2 } },
      { replace: ["A", 1], value: "two" },
    ],
    after: "A:\n  - K: 1 # 1\n    L: 2\n  - two\n  - three\n",
  },
  {
    name: "an item in a short call is replaced",
    before: "A: !If [Yes, !Ref X, !Ref 'AWS::NoValue']\n",
    edit: { replace: ["A", "Fn::If", 1], value: { "Fn::Sub": `\${A}-b` } },
    after: `A: !If [Yes, !Sub '\${A}-b', !Ref 'AWS::NoValue']\n`,
  },
  {
    name: "a text block is replaced, blank lines behind it stay",
    before: "A:\n  B: |\n    one\n    two\n\n  C: 1\n",
    edit: { replace: ["A", "B"], value: "x" },
    after: "A:\n  B: x\n\n  C: 1\n",
  },
  {
    name: "an empty value is filled, before its comment",
    before: "A:\n  B: # empty\n  C:\n  D: ~\n",
    edit: [
      { replace: ["A", "B"], value: "x" },
      { replace: ["A", "C"], value: ["z"] },
      { replace: ["A", "D"], value: { E: true } },
    ],
    after: "A:\n  B: x # empty\n  C:\n    - z\n  D:\n    E: true\n",
  },
  {
    name: "an anchor stays, an alias goes",
    before: "A: &a\n  X: 1\nB: &b old\nC: *b\nD: *a\nE: 1\n",
    edit: [
      { replace: ["B"], value: "new" },
      { set: [], key: "C", value: "alone" },
      { set: [], key: "D", value: ["p"] },
    ],
    after: "A: &a\n  X: 1\nB: &b new\nC: alone\nD:\n  - p\nE: 1\n",
  },
  {
    name: "texts are quoted only where YAML needs it, in the document's quotes",
    before: "Version: '2010-09-09'\nA: 1\n",
    edit: {
      set: [],
      key: "B",
      value: [
        ..."2012-10-17|012345678901|yes|No|null|~|*|a: b|a #b|a#b|#|10.0.0.0/16|::/0|1e3|22:22|it's".split("|"),
        ...["", " x", "plain text", "-", "-x", "a\tb", "arn:aws:iam::aws:policy/X", "a:", "0x1F", "%", "@", "&a", "!b"],
      ],
    },
    after: `Version: '2010-09-09'
A: 1
B:
  - '2012-10-17'
  - '012345678901'
  - 'yes'
  - 'No'
  - 'null'
  - '~'
  - '*'
  - 'a: b'
  - 'a #b'
  - a#b
  - '#'
  - 10.0.0.0/16
  - '::/0'
  - '1e3'
  - '22:22'
  - it's
  - ''
  - ' x'
  - plain text
  - '-'
  - '-x'
  - "a\\tb"
  - arn:aws:iam::aws:policy/X
  - 'a:'
  - '0x1F'
  - '%'
  - '@'
  - '&a'
  - '!b'
`,
  },
  {
    name: "a key stands behind the last one, its comment and the comments that hang on it",
    before: "A:\n  B:\n    C: 1 # c\n    # more on C\n  # about D\n  D: 1\n",
    edit: { set: ["A", "B"], key: "New", value: 2 },
    after: "A:\n  B:\n    C: 1 # c\n    # more on C\n    New: 2\n  # about D\n  D: 1\n",
  },
  {
    name: "a key stands behind a text block, a deep map, an empty value",
    before: "A:\n  S: |\n    text\n\nB:\n  M:\n    New:\n      O: 1\n\nC:\n  E: # e\n\nD: 1\n",
    edit: ["A", "B", "C"].map((at) => ({ set: [at], key: "New", value: { Ref: "X" } })),
    after:
      "A:\n  S: |\n    text\n  New: !Ref X\n\nB:\n  M:\n    New:\n      O: 1\n  New: !Ref X\n\nC:\n  E: # e\n  New: !Ref X\n\nD: 1\n",
  },
  {
    name: "a text block that keeps its trailing lines keeps them",
    before: "A:\n  S: |+\n    text\n\n\nB: 1\n",
    edit: { set: ["A"], key: "New", value: 1 },
    after: "A:\n  S: |+\n    text\n\n\n  New: 1\nB: 1\n",
  },
  {
    name: "a key in a map of a list, and behind a list without indentation",
    before: "A:\n- K: 1\n  L:\n  - x\n  # about M\n- K: 2\n",
    edit: [
      { set: ["A", 0], key: "New", value: [1] },
      { set: ["A", 1], key: "O", value: { P: "q" } },
    ],
    after: "A:\n- K: 1\n  L:\n  - x\n  # about M\n  New:\n  - 1\n- K: 2\n  O:\n    P: q\n",
  },
  {
    name: "a key in a map with brackets, and in empty ones",
    before: "A: {B: 1}\nC: {}\nD: { E: { F: [] } } # d\n",
    edit: [
      { set: ["A"], key: "New", value: [{ Ref: "X" }] },
      { set: ["C"], key: "New", value: { O: 1 } },
      { set: ["D", "E"], key: "New", value: "a: b" },
      { append: ["D", "E", "F"], value: "g" },
    ],
    after: 'A: {B: 1, New: [!Ref X]}\nC:\n  New:\n    O: 1\nD: { E: { F: [g], New: "a: b" } } # d\n',
  },
  {
    name: "no line break at the end of the file",
    before: "A:\n  B: 1 # b",
    edit: { set: ["A"], key: "C", value: { Ref: "X" } },
    after: "A:\n  B: 1 # b\n  C: !Ref X",
  },
  {
    name: "additions that meet at the end of nested blocks, in any order",
    before: "A:\n  B:\n  - K: 1\nC: 2\n",
    edit: [
      { set: ["A"], key: "D", value: 1 },
      { append: ["A", "B"], value: "x" },
      { set: ["A", "B", 0], key: "L", value: 2 },
    ],
    after: "A:\n  B:\n  - K: 1\n    L: 2\n  - x\n  D: 1\nC: 2\n",
  },
  {
    name: "long calls where the document writes them long",
    before: "A:\n  B:\n    Ref: X\n  L:\n    - Ref: Y\n",
    edit: [
      { set: ["A"], key: "C", value: { "Fn::GetAtt": ["X", "Arn"] } },
      { append: ["A", "L"], value: { "Fn::Sub": `\${X}` } },
    ],
    after: `A:\n  B:\n    Ref: X\n  L:\n    - Ref: Y\n    - Fn::Sub: \${X}\n  C:\n    Fn::GetAtt:\n      - X\n      - Arn\n`,
  },
  {
    name: "never two tags on one value",
    before: "A: !Ref B\n",
    edit: [
      { set: [], key: "C", value: { "Fn::Base64": { "Fn::Sub": `\${A}` } } },
      { set: [], key: "D", value: { "Fn::Select": [0, { "Fn::GetAZs": "" }] } },
      { set: [], key: "E", value: { "Fn::Split": [",", { "Fn::ImportValue": { "Fn::Sub": `\${A}` } }] } },
      { set: [], key: "F", value: { "Fn::Length": [1] } },
    ],
    after: `A: !Ref B
C:
  Fn::Base64: !Sub "\${A}"
D: !Select [0, !GetAZs ""]
E: !Split [",", { Fn::ImportValue: !Sub "\${A}" }]
F:
  Fn::Length:
    - 1
`,
  },
  {
    name: "texts of several lines",
    before: "A:\n  - b # b\nC: { D: 1 }\n",
    edit: [
      { replace: ["A", 0], value: "one\n  two\n\nthree" },
      { append: ["A"], value: { "Fn::Sub": "a\nb\n" } },
      { set: ["C"], key: "E", value: "a\nb" },
    ],
    after: 'A:\n  - |- # b\n    one\n      two\n\n    three\n  - !Sub |\n    a\n    b\nC: { D: 1, E: "a\\nb" }\n',
  },
  {
    name: "items behind the last one, in each style",
    before:
      "A:\n  - x # x\n\n  - y # y\n  # more on y\n# about B\nB:\n- x\n# about C\nC: [a]\nD: [\n  a, # a\n  b # b\n]\nE: [\n  a,\n]\nF: [a, b,]\nG:\n  - - p\n    - q\n",
    edit: [
      ...["A", "B", "C", "D", "E", "F"].map((at) => ({ append: [at], value: { Ref: "New" } })),
      { append: ["G", 0], value: { K: 1, L: [2] } },
    ],
    after:
      "A:\n  - x # x\n\n  - y # y\n  # more on y\n  - !Ref New\n# about B\nB:\n- x\n- !Ref New\n# about C\nC: [a, !Ref New]\nD: [\n  a, # a\n  b, # b\n  !Ref New\n]\nE: [\n  a,\n  !Ref New,\n]\nF: [a, b, !Ref New,]\nG:\n  - - p\n    - q\n    - K: 1\n      L: [2]\n",
  },
  {
    name: "items behind an empty list, an alias and an empty item",
    before: "A: []\nB: &b x\nC:\n  - *b\nD:\n  - # none\nE: []\n",
    edit: [...["A", "C", "D"].map((at) => ({ append: [at], value: "new" })), { append: ["E"], value: { K: "v" } }],
    after: "A: [new]\nB: &b x\nC:\n  - *b\n  - new\nD:\n  - # none\n  - new\nE:\n  - K: v\n",
  },
  {
    name: "items go with their line, their comma, or the whole list",
    before:
      "A:\n  - x # x\n  # about y\n  - y\nB: [a, b, c]\nC:\n  - only # it\nD: [only]\nE:\n  - - p\n    - q\n  - r\n",
    edit: [
      { removeItems: ["A"], indices: [0] },
      { removeItems: ["B"], indices: [0, 2] },
      { removeItems: ["C"], indices: [0] },
      { removeItems: ["D"], indices: [0] },
      { removeItems: ["E", 0], indices: [0] },
      { removeItems: ["E"], indices: [1] },
    ],
    after: "A:\n  # about y\n  - y\nB: [b]\nC: []\nD: []\nE:\n  - - q\n",
  },
  {
    name: "items among brackets over several lines keep the others' comments",
    before: "A: [\n  a, # a\n  b, # b\n  c # c\n]\nB: [\n  a,\n  b\n]\nC: [a, # a\n  b]\n",
    edit: [
      { removeItems: ["A"], indices: [1] },
      { removeItems: ["B"], indices: [1] },
      { removeItems: ["C"], indices: [0] },
    ],
    after: "A: [\n  a, # a\n  c # c\n]\nB: [\n  a\n]\nC: [b]\n",
  },
  {
    name: "keys go with their lines",
    before:
      "A:\n  B: 1\n  C: # c\n    - x\n    - y # y\n  # about D\n  D: 1\nE:\n  - F: 1\n    # about G\n    G: 2\nH:\n  I: |\n    text\nJ: {K: 1, L: 2}\nM: 1",
    edit: [
      { removeKey: ["A"], key: "C" },
      { removeKey: ["E", 0], key: "F" },
      { removeKey: ["H"], key: "I" },
      { removeKey: ["J"], key: "K" },
      { removeKey: [], key: "M" },
    ],
    after: "A:\n  B: 1\n  # about D\n  D: 1\nE:\n  - G: 2\nH: {}\nJ: {L: 2}",
  },
  {
    name: "CRLF stays CRLF",
    before: "A:\r\n  B: |+\r\n    x\r\n\r\n  C:\r\n    - 1 # one\r\n    - 2\r\n",
    edit: [
      { append: ["A", "C"], value: { K: 1, L: 2 } },
      { set: ["A"], key: "D", value: { E: 1 } },
      { removeItems: ["A", "C"], indices: [0] },
    ],
    after: "A:\r\n  B: |+\r\n    x\r\n\r\n  C:\r\n    - 2\r\n    - K: 1\r\n      L: 2\r\n  D:\r\n    E: 1\r\n",
  },
  {
    name: "a byte order mark is no indentation",
    before: "\ufeffA: 1\nB:\n  - x\n",
    edit: [
      { set: [], key: "C", value: { D: 1 } },
      { removeKey: [], key: "A" },
    ],
    after: "\ufeffB:\n  - x\nC:\n  D: 1\n",
  },
  {
    name: "a merge key stays, and what it brings is set beside it",
    before: "X: &x\n  P: 1\nA:\n  Q: 2\n  <<: *x\nB: { Q: 2, <<: *x }\n",
    edit: [
      { set: ["A"], key: "P", value: 3 },
      { set: ["B"], key: "P", value: 3 },
    ],
    after: "X: &x\n  P: 1\nA:\n  Q: 2\n  P: 3\n  <<: *x\nB: { Q: 2, P: 3, <<: *x }\n",
  },
];

const resourceCases: readonly Case[] = [
  {
    name: "a property, and the maps on the way to it",
    before:
      "Resources:\n  A:\n    Type: AWS::X::Y\n  B:\n    Type: AWS::X::Y\n    Properties:\n  C:\n    Type: AWS::X::Y\n    Properties:\n      VpcConfig:\n        SubnetIds: [!Ref S]\n  D: {Type: 'AWS::X::Y'}\n",
    edit: ["A", "B", "C", "D"].map((of) => ({ property: ["VpcConfig", "Flag"], of, value: true })),
    after:
      "Resources:\n  A:\n    Type: AWS::X::Y\n    Properties:\n      VpcConfig:\n        Flag: true\n  B:\n    Type: AWS::X::Y\n    Properties:\n      VpcConfig:\n        Flag: true\n  C:\n    Type: AWS::X::Y\n    Properties:\n      VpcConfig:\n        SubnetIds: [!Ref S]\n        Flag: true\n  D: {Type: 'AWS::X::Y', Properties: {VpcConfig: {Flag: true}}}\n",
  },
  {
    name: "a list property that is absent, empty, single or a list",
    before:
      "Resources:\n  A:\n    Type: AWS::X::Y\n    Properties:\n      One: !GetAtt G.GroupId # one\n      Nil:\n      Many:\n        - x\n",
    edit: ["One", "Nil", "Many", "None"].map((name) => ({ appendTo: [name], of: "A", values: [{ Ref: "New" }] })),
    after:
      "Resources:\n  A:\n    Type: AWS::X::Y\n    Properties:\n      One: # one\n        - !GetAtt G.GroupId\n        - !Ref New\n      Nil:\n        - !Ref New\n      Many:\n        - x\n        - !Ref New\n      None:\n        - !Ref New\n",
  },
  {
    name: "DependsOn behind the type, as one name or a list, without doubles",
    before:
      "Resources:\n  A:\n    Type: AWS::X::Y # type\n    Properties: {}\n  B:\n    Type: AWS::X::Y\n    DependsOn: P\n  C:\n    Type: AWS::X::Y\n    DependsOn: [P]\n  D:\n    DependsOn:\n      - P\n    Type: AWS::X::Y\n",
    edit: [
      { dependsOn: ["Q", "Q"], of: "A" },
      { dependsOn: ["Q", "P"], of: "B" },
      { dependsOn: ["P", "Q", "R"], of: "C" },
      { dependsOn: ["Q"], of: "D" },
    ],
    after:
      "Resources:\n  A:\n    Type: AWS::X::Y # type\n    DependsOn: Q\n    Properties: {}\n  B:\n    Type: AWS::X::Y\n    DependsOn:\n      - P\n      - Q\n  C:\n    Type: AWS::X::Y\n    DependsOn: [P, Q, R]\n  D:\n    DependsOn:\n      - P\n      - Q\n    Type: AWS::X::Y\n".replace(
        "DependsOn: [P, Q]\n",
        "DependsOn:\n      - P\n      - Q\n",
      ),
  },
  {
    name: "resources behind another, set apart as the others are",
    before:
      "Resources:\n  A:\n    Type: AWS::X::Y\n    # more on A\n\n  # about B\n  B:\n    Type: AWS::X::Y\n\n  # C: later\nOutputs: {}\n",
    edit: [
      { resources: { New: { Type: "AWS::X::Z", DependsOn: "A" }, O: { Type: "AWS::X::Z" } }, after: "A" },
      { property: ["P"], of: "A", value: 1 },
      { resources: { M: { Type: "AWS::X::Z" } } },
    ],
    after:
      "Resources:\n  A:\n    Type: AWS::X::Y\n    # more on A\n    Properties:\n      P: 1\n\n  New:\n    Type: AWS::X::Z\n    DependsOn: A\n\n  O:\n    Type: AWS::X::Z\n\n  # about B\n  B:\n    Type: AWS::X::Y\n\n  # C: later\n\n  M:\n    Type: AWS::X::Z\nOutputs: {}\n",
  },
  {
    name: "resources at the end of a file without a last line break, close together",
    before: "Transform: AWS::Serverless-2016-10-31\nResources:\n    A:\n        Type: AWS::X::Y",
    edit: { resources: { New: { Type: "AWS::X::Z", Properties: { L: ["a"] } } } },
    after:
      "Transform: AWS::Serverless-2016-10-31\nResources:\n    A:\n        Type: AWS::X::Y\n    New:\n        Type: AWS::X::Z\n        Properties:\n            L:\n                - a",
  },
  {
    name: "resources where there are none yet",
    before: "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n# end\n",
    edit: { resources: { New: { Type: "AWS::X::Z" } } },
    after: "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  New:\n    Type: AWS::X::Z\n# end\n",
  },
  {
    name: "a Resources section where there is none yet",
    before: "AWSTemplateFormatVersion: '2010-09-09'\n",
    edit: { resources: { New: { Type: "AWS::X::Z" } } },
    after: "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  New:\n    Type: AWS::X::Z\n",
  },
];

const jsonCases: readonly Case[] = [2, 4, "\t"].flatMap((indent) => {
  const before = { Resources: { A: { Type: "AWS::X::Y", Properties: { L: [{ Ref: "X" }], E: [], M: {} } } } };
  const properties = { L: [{ Ref: "X" }, { Ref: "New" }], E: ["e"], M: { K: 1 }, Q: [{ R: "s" }] };
  const after = {
    Resources: { A: { Type: "AWS::X::Y", DependsOn: "B", Properties: properties }, B: { Type: "AWS::X::Z" } },
  };
  return ["\n", "\r\n"].map((newline) => ({
    name: `JSON indented by ${JSON.stringify(indent)}, lines ending in ${JSON.stringify(newline)}`,
    before: `${JSON.stringify(before, null, indent)}\n`.replaceAll("\n", newline),
    edit: [
      { appendTo: ["L"], of: "A", values: [{ Ref: "New" }] },
      { appendTo: ["E"], of: "A", values: ["e"] },
      { property: ["M", "K"], of: "A", value: 1 },
      { property: ["Q"], of: "A", value: [{ R: "s" }] },
      { dependsOn: ["B"], of: "A" },
      { resources: { B: { Type: "AWS::X::Z" } } },
    ],
    after: `${JSON.stringify(after, null, indent)}\n`.replaceAll("\n", newline),
  }));
});

const moreJsonCases: readonly Case[] = [
  {
    name: "JSON on one line",
    before: '{"Resources":{"A":{"Type":"AWS::X::Y"}},"Outputs":{}}',
    edit: [
      { property: ["L", "M"], of: "A", value: ["a", { Ref: "B" }] },
      { resources: { B: { Type: "AWS::X::Z" } } },
      { set: ["Outputs"], key: "O", value: { Value: 1 } },
    ],
    after:
      '{"Resources":{"A":{"Type":"AWS::X::Y","Properties":{"L":{"M":["a",{"Ref":"B"}]}}},"B":{"Type":"AWS::X::Z"}},"Outputs":{"O":{"Value":1}}}',
  },
  {
    name: "JSON with calls on one line and spaces before colons",
    before:
      '{\n  "Resources" : {\n    "A" : {\n      "Type" : "AWS::X::Y",\n      "Properties" : { "P" : { "Ref" : "X" } }\n    }\n  }\n}\n',
    edit: [
      { property: ["Q"], of: "A", value: { "Fn::GetAtt": ["X", "Arn"] } },
      { resources: { B: { Type: "AWS::X::Z", Properties: { P: { Ref: "X" }, L: ["a"] } } } },
    ],
    after:
      '{\n  "Resources" : {\n    "A" : {\n      "Type" : "AWS::X::Y",\n      "Properties" : { "P" : { "Ref" : "X" }, "Q" : { "Fn::GetAtt" : ["X", "Arn"] } }\n    },\n    "B" : {\n      "Type" : "AWS::X::Z",\n      "Properties" : {\n        "P" : { "Ref" : "X" },\n        "L" : ["a"]\n      }\n    }\n  }\n}\n',
  },
  {
    name: "JSON items and keys go with their commas",
    before:
      '{\n  "A": [\n    "x",\n    "y"\n  ],\n  "B": ["x", "y", "z"],\n  "C": { "D": null, "E": 1 },\n  "F": "012"\n}',
    edit: [
      { removeItems: ["A"], indices: [1] },
      { removeItems: ["B"], indices: [0, 1] },
      { removeKey: ["C"], key: "E" },
      { replace: ["C", "D"], value: true },
      { removeKey: [], key: "F" },
    ],
    after: '{\n  "A": [\n    "x"\n  ],\n  "B": ["z"],\n  "C": { "D": true }\n}',
  },
];

describe("edits", () => {
  for (const { name, before, edit, after } of [...yamlCases, ...resourceCases, ...jsonCases, ...moreJsonCases]) {
    it(name, () => {
      const operations = "length" in edit ? edit : [edit];
      const document = parse(before);
      const edits = operations.flatMap((operation) => editsOf(document, operation));
      assert.equal(applyEdits(before, edits), after);
      assert.deepEqual(parse(after).problems, []);
      const meaning = dataOf(before);
      for (const operation of operations) doTo(meaning, operation);
      assert.deepEqual(dataOf(after), meaning);
    });
  }

  it("are none where the text does not hold what they would change", () => {
    const document = parse(`Transform: AWS::Serverless-2016-10-31
Globals: {Function: {VpcConfig: {SubnetIds: [!Ref S]}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {VpcConfig: {SubnetIds: [!Ref T]}, Role: !If [C, {}, {}]}
  N: {Type: AWS::Serverless::Function}
  G: {Type: AWS::X::Y, Properties: &p {A: {B: 1}}}
  H: {Type: AWS::X::Y, Properties: *p}
`);
    const template = expandSam(templateOf(document));
    const [fn, other, role] = ["F", "H", "NRole"].map((id) => template.resources.get(id));
    assert.ok(fn && other && role);
    assert.deepEqual(setProperty(document, fn, ["Role", "A"], 1), []);
    assert.deepEqual(setProperty(document, fn, ["VpcConfig", "SubnetIds", "A"], 1), []);
    assert.deepEqual(setProperty(document, other, ["A", "B"], 2), []);
    assert.deepEqual(setProperty(document, role, ["A"], 1), []);
    const merged = get(get(fn.properties, "VpcConfig"), "SubnetIds");
    assert.ok(merged?.kind === "list");
    const [global, local] = merged.items;
    assert.ok(global && local);
    assert.deepEqual(removeItem(document, merged, global), []);
    assert.equal(removeItem(document, merged, local).length, 1);
  });

  it("never take a logical id twice", () => {
    const template = templateOf(parse("Parameters: {Nat2: {Type: String}}\nResources: {Nat: {Type: AWS::X::Y}}"));
    assert.equal(freshId(template, "Eip"), "Eip");
    assert.equal(freshId(template, "Nat"), "Nat3");
    assert.equal(freshId(template, "Nat", new Set(["Nat3"])), "Nat4");
  });

  it("that overlap are not applied", () => {
    const at = (start: number, end: number, text: string) => ({ span: { start, end }, text });
    assert.equal(applyEdits("abc", [at(1, 3, "x"), at(0, 2, "y")]), undefined);
    assert.equal(applyEdits("abc", [at(2, 4, "x")]), undefined);
    assert.equal(applyEdits("abc", [at(1, 2, "x"), at(1, 1, "1"), at(1, 1, "2"), at(2, 2, "3")]), "a12x3c");
  });
});
