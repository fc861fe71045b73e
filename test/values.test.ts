/** Parameter values: what each form of text assigns, which files belong to a template, and whole folders of them. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { disk } from "../server/src/disk";
import { english, render } from "../server/src/message";
import { parse } from "../server/src/template/parse";
import { readTemplate } from "../server/src/template/read";
import { parameterSets } from "../server/src/values/find";
import { readParameterFile } from "../server/src/values/parameter-file";
import type { Assigned, ValueComplaint } from "../server/src/values/parameter-set";
import { candidates, setNameOf } from "../server/src/values/places";
import { Remembered } from "../server/src/values/remembered";
import { readSamconfig } from "../server/src/values/samconfig";

describe("parameter_overrides", () => {
  /** In TOML's own quotes, so that what stands here is what the SAM CLI gets. */
  const forms: readonly (readonly [toml: string, values: Readonly<Record<string, string>>, complaints?: string])[] = [
    [`"A=1 B=2"`, { A: "1", B: "2" }],
    [`"  A=1   B=2  "`, { A: "1", B: "2" }],
    [`'A="x y" B=z'`, { A: "x y", B: "z" }],
    [`"A='x y' B=z"`, { A: "x y", B: "z" }],
    [`'"A"="1"'`, { A: "1" }],
    [`'A="" B='`, { A: "", B: "" }],
    [`'A=x\\ y B=\\"q\\"'`, { A: "x y", B: '"q"' }],
    [`"A=subnet-1,subnet-2 B=a=b"`, { A: "subnet-1,subnet-2", B: "a=b" }],
    [`"ParameterKey=A,ParameterValue=1 ParameterKey=B,ParameterValue=2,3"`, { A: "1", B: "2,3" }],
    [`'ParameterKey="A",ParameterValue="x y"'`, { A: "x y" }],
    [`"A=1 ParameterKey=B,ParameterValue=2"`, { A: "1", B: "2" }],
    [`"""\nA=1\n\tB=2\n"""`, { A: "1", B: "2" }],
    [`["A=1", "ParameterKey=B,ParameterValue=2", "C=3 D=4"]`, { A: "1", B: "2", C: "3", D: "4" }],
    [`["A=1", "A=2"]`, { A: "2" }],
    [`{ A = "1", B = 2, C = true, D = ["x", "y"] }`, { A: "1", B: "2", C: "true", D: "x,y" }],
    [`[{ ParameterKey = "A", ParameterValue = "1" }]`, { A: "1" }],
    [`"A=1 nonsense"`, { A: "1" }, "4: “nonsense” is ignored: a parameter is written as Name=value"],
    [`{ A = { B = 1 } }`, {}, "4: the value of A is ignored: a text or a list is expected"],
    [`[{ ParameterKey = "A" }]`, {}, "4: the parameter A is ignored: it has no ParameterValue"],
  ];
  for (const [toml, values, complaints = ""] of forms) {
    it(JSON.stringify(toml), () => {
      const text = `version = 0.1\n\n[dev.deploy.parameters]\nparameter_overrides = ${toml}\n`;
      const { environments, complaints: found } = readSamconfig(text, "samconfig.toml");
      assert.deepEqual(environments.map(told), Object.keys(values).length === 0 ? [] : [["dev", 4, values]]);
      assert.equal(found.map(said).join("; "), complaints);
    });
  }
});

describe("samconfig", () => {
  const toml = `# ours
version = 0.1
[default]
[default.global.parameters]
stack_name = "app"
parameter_overrides = "A=global"
[default.build.parameters]
cached = true
[dev.global.parameters]
parameter_overrides = "A=global B=global"
template_file = "stacks/app.yaml"
["prod eu".deploy.parameters]
parameter_overrides = [
  "A=1",
]
[dev.deploy.parameters]
parameter_overrides = "A=deploy"
[test.deploy.parameters]
stack_name = "nothing"
`;
  const yaml = `# ours
version: 0.1
default:
  global:
    parameters:
      parameter_overrides: A=global
dev:
  deploy:
    parameters:
      parameter_overrides:
        A: deploy
  global:
    parameters:
      parameter_overrides: A=global B=global
      template_file: stacks/app.yaml
prod eu:
  deploy: { parameters: { parameter_overrides: [A=1] } }
test:
  deploy:
    parameters:
      parameter_overrides: ~
`;

  it("gives an environment's values, deploy's before global's, with their lines", () => {
    const environments = (text: string, file: string) => {
      const { environments: all, complaints } = readSamconfig(text, file);
      assert.deepEqual(complaints, []);
      return all.map((one) => [...told(one), one.template]);
    };
    const dev = ["stacks/app.yaml"];
    assert.deepEqual(environments(toml, "a/samconfig.toml"), [
      ["default", 6, { A: "global" }, undefined],
      ["dev", 17, { A: "deploy" }, ...dev],
      ["prod eu", 13, { A: "1" }, undefined],
    ]);
    assert.deepEqual(environments(yaml, "a/samconfig.yaml"), [
      ["default", 6, { A: "global" }, undefined],
      ["dev", 10, { A: "deploy" }, ...dev],
      ["prod eu", 17, { A: "1" }, undefined],
    ]);
    assert.deepEqual(
      environments(toml.replaceAll("\n", "\r\n"), "samconfig.toml"),
      environments(toml, "samconfig.toml"),
    );
  });

  const broken: readonly (readonly [name: string, text: string, complaint: RegExp])[] = [
    ["samconfig.toml", "version = 0.1\n[dev\n", /^2: it cannot be read as TOML: /],
    ["samconfig.toml", "a = 1\na = 2\n", /^2: it cannot be read as TOML: /],
    ["samconfig.yaml", "dev: [\n", /^\d: A closing bracket is missing/],
    ["samconfig.yaml", "- a\n", /^1: it is ignored: environments are expected$/],
    ["samconfig.yaml", "a: &a [*a]\nb: 1", /./],
  ];
  for (const [name, text, complaint] of broken) {
    it(`${name} that is broken says where: ${JSON.stringify(text)}`, () => {
      const { environments, complaints } = readSamconfig(text, name);
      assert.deepEqual(environments, []);
      assert.match(complaints.map(said).join("\n"), complaint);
    });
  }

  it("that is empty, cut anywhere, or other text is no disaster", function () {
    this.timeout(20_000);
    for (const [text, name] of [
      [toml, "samconfig.toml"],
      [yaml, "samconfig.yaml"],
    ] as const) {
      for (let end = 0; end < text.length; end += 11) {
        assert.doesNotThrow(() => readSamconfig(text.slice(0, end), name), `${name} cut at ${end}`);
        assert.doesNotThrow(() => readSamconfig(text.slice(end), name), `${name} from ${end}`);
      }
    }
    assert.deepEqual(readSamconfig("", "samconfig.toml"), { environments: [], complaints: [] });
    assert.deepEqual(readSamconfig("", "samconfig.yaml"), { environments: [], complaints: [] });
  });
});

describe("a parameter file", () => {
  const cases: readonly (readonly [text: string, values: Readonly<Record<string, string>>, complaints?: string])[] = [
    [`[{ "ParameterKey": "A", "ParameterValue": "1" },\n {"ParameterKey": "B", "UsePreviousValue": true}]`, { A: "1" }],
    [`[\n\t{ "ParameterKey": "A", "ParameterValue": ["x", "y"] }\n]`, { A: "x,y" }],
    [`["A=1", "B=x y"]`, { A: "1", B: "x" }, "1: “y” is ignored: a parameter is written as Name=value"],
    [`{ "Parameters": { "A": "1" }, "Tags": { "T": "t" }, "StackPolicy": {} }`, { A: "1" }],
    [`{ "Parameters": { "A": 1 }, "Tagz": {} }`, { A: "1" }, "1: the key Tagz is unknown and ignored"],
    [`Parameters:\n  A: 012\n  B: yes\n  C: [x, y]\nTags:\n  T: t\n`, { A: "012", B: "yes", C: "x,y" }],
    [`template-file-path: app.yaml\nparameters:\n  A: "1"\ntags: {}\n`, { A: "1" }],
    [`A: 1\nB: "2"\n`, { A: "1", B: "2" }],
    [`- ParameterKey: A\n  ParameterValue: 1\n  Extra: 2\n`, { A: "1" }, "3: the key Extra is unknown and ignored"],
    [`{ "A": "1", }`, { A: "1" }, "1: A key in double quotes is expected here"],
    [`Resources:\n  A:\n    Type: AWS::SNS::Topic\nParameters: {}\n`, {}],
    [`just words`, {}, "1: it is ignored: a list or a map is expected"],
    [``, {}],
    [`- ParameterKey: [A]\n`, {}, "1: this parameter is ignored: its ParameterKey is no text"],
  ];
  for (const [text, values, complaints = ""] of cases) {
    it(JSON.stringify(text), () => {
      const { assigned, complaints: found } = readParameterFile(text, "params.json");
      assert.deepEqual(valuesOf(assigned), values);
      assert.ok(found.map(said).join("; ").startsWith(complaints), found.map(said).join("; "));
      assert.equal(found.length === 0, complaints === "");
    });
  }

  it("in TOML is a plain map", () => {
    const { assigned } = readParameterFile('A = "1"\n[Parameters]\nB = 2\n', "params.toml");
    assert.deepEqual(valuesOf(assigned), { B: "2" });
  });
});

describe("the name of a parameter file", () => {
  const cases: readonly (readonly [template: string, names: readonly string[], expected: readonly string[]])[] = [
    ["app.yaml", ["app.yaml", "app.params.json"], ["app.params.json"]],
    ["app.yaml", ["app.yaml", "app.params.dev.json", "app-parameters-prod.yml"], ["prod", "dev"]],
    ["app.yaml", ["app.yaml", "app.dev.params.yaml", "params.json"], ["dev"]],
    ["app.yaml", ["app.yaml", "db.yaml", "db.params.json"], []],
    ["app.yaml", ["app.yaml", "application.params.json"], ["application"]],
    ["template.yaml", ["parameters.json", "parameters.dev.json", "template.yaml"], ["dev", "parameters.json"]],
    ["template.yaml", ["dev-parameters.json", "params.prod.yaml", "package.json"], ["dev", "prod"]],
    ["app.template.json", ["app.template.json", "app.parameters.json"], ["app.parameters.json"]],
  ];
  for (const [template, names, expected] of cases) {
    it(`${names.join(", ")} beside ${template}`, () => {
      assert.deepEqual(
        candidates(template, names).map(({ set }) => set),
        expected,
      );
    });
  }

  it("in a folder of such files needs no word for them", () => {
    const siblings = ["app.yaml", "db.yaml"];
    const files = ["app-dev.json", "app-prod.json", "db-dev.json", "README.md"];
    assert.deepEqual(
      candidates("app.yaml", files, "params/", siblings).map(({ path: file, set }) => [file, set]),
      [
        ["params/app-dev.json", "dev"],
        ["params/app-prod.json", "prod"],
      ],
    );
    assert.deepEqual(
      candidates("other.yaml", ["dev.json"], "params/", siblings).map(({ set }) => set),
      ["dev"],
    );
    assert.equal(setNameOf("file:///a/deploy/app.params.prod.json", "file:///a/app.yaml"), "prod");
    assert.equal(setNameOf("params.json"), "params.json");
  });
});

/** A folder each: files, and in `expected.json` by template the sets found for it and what was said of files. */
describe("a folder of files", () => {
  const root = path.join(import.meta.dirname, "fixtures-values");
  for (const name of fs.readdirSync(root).sort()) {
    it(name, () => {
      const folder = path.join(root, name);
      const expectation = path.join(folder, "expected.json");
      const templates = fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => /\.yaml$/.test(file))
        .map((file) => file.replaceAll("\\", "/"))
        .filter((file) => readTemplate(parse(fs.readFileSync(path.join(folder, file), "utf8"))) !== undefined)
        .sort();
      const found = Object.fromEntries(templates.map((file) => [file, setsOf(folder, file)]));
      const text = `${JSON.stringify(found, undefined, 2)}\n`;
      if (process.env.UPDATE === "1") fs.writeFileSync(expectation, text);
      assert.equal(text, fs.readFileSync(expectation, "utf8"));
    });
  }
});

describe("files in memory", () => {
  it("are read once until they change, come or go", () => {
    const texts = new Map([["file:///a/p.json", "1"]]);
    let reads = 0;
    const count = <T>(value: T): T => {
      reads++;
      return value;
    };
    const memory = new Remembered({
      read: (uri) => count(texts.get(uri)),
      exists: (uri) => count(texts.has(uri)),
      list: (uri) => count([...texts.keys()].filter((key) => key.startsWith(uri)).map((key) => key.slice(uri.length))),
    });
    const look = () => [memory.read("file:///a/p.json"), memory.exists("file:///a/q.json"), memory.list("file:///a/")];
    assert.deepEqual([look(), reads], [["1", false, ["p.json"]], 3]);
    assert.deepEqual([look(), reads], [["1", false, ["p.json"]], 3]);
    texts.set("file:///a/p.json", "2");
    assert.equal(memory.forget("file:///a/other.json", false), false);
    assert.equal(memory.forget("file:///a/p.json", false), true);
    assert.deepEqual([look(), reads], [["2", false, ["p.json"]], 4]);
    texts.set("file:///a/q.json", "3");
    assert.equal(memory.forget("file:///a/q.json", true), true);
    assert.deepEqual([look(), reads], [["2", true, ["p.json", "q.json"]], 6]);
    texts.clear();
    assert.equal(memory.forget("file:///a", true), true);
    assert.deepEqual([look(), reads], [[undefined, false, []], 9]);
  });
});

function setsOf(folder: string, file: string) {
  const said: string[] = [];
  const relative = (uri: string) =>
    decodeURIComponent(uri).replace(decodeURIComponent(`${pathToFileURL(folder).href}/`), "");
  const find = parameterSets(disk, ({ uri, line, text, fatal }) => {
    said.push(`${fatal ? "error" : "note"} ${relative(uri)}:${line}: ${render(text, english)}`);
  });
  const uri = pathToFileURL(path.join(folder, file)).href;
  const template = readTemplate(parse(fs.readFileSync(path.join(folder, file), "utf8")));
  const sets = find(
    { uri, root: decodeURIComponent(`${pathToFileURL(folder).href}/`) },
    template?.parameters ?? new Map(),
  );
  return {
    sets: sets.map(({ name, values, from }) => ({ name, from: `${relative(from.uri)}:${from.line}`, values })),
    said,
  };
}

function told({ name, line, assigned }: { name: string; line: number; assigned: readonly Assigned[] }) {
  return [name, line, valuesOf(assigned)];
}

function valuesOf(assigned: readonly Assigned[]): Record<string, string> {
  return Object.fromEntries(assigned.flatMap((one) => ("name" in one ? [[one.name, one.text]] : [])));
}

function said({ line, text }: ValueComplaint): string {
  return `${line}: ${render(text, english)}`;
}
