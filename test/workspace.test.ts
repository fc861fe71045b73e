/** The index of a workspace's templates: right after any changes, as quick as promised, and never lost in circles. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { disk } from "../server/src/disk";
import { isTemplateBelow, templatesBelow } from "../server/src/disk/templates";
import { lint } from "../server/src/lint";
import { message, render } from "../server/src/message";
import { parse } from "../server/src/template/parse";
import { namesFor } from "../server/src/workspace/names";
import { outlineOf } from "../server/src/workspace/outline";
import { Workspace } from "../server/src/workspace/workspace";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const files = ["a.yaml", "b.yaml", "sub/a.yaml", "sub/c.json", "d.template"].map((name) => `file:///w/${name}`);
const names = ["one", "two", "${AWS::StackName}-one", "${Prefix}-one", "x-one", "Parameter"];

/** What a file may hold: exports, nested stacks, both, no template at all. */
const text = fc
  .record({
    exports: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 }),
    nested: fc.uniqueArray(fc.constantFrom("a.yaml", "./b.yaml", "../a.yaml", "sub/c.json", "gone.yaml"), {
      maxLength: 2,
    }),
    template: fc.boolean(),
  })
  .map(({ exports, nested, template }) => {
    if (!template) return "name: something else\nOutputs: {}\n";
    const stacks = nested.map(
      (url, index) => `  S${index}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ${url}}\n`,
    );
    const outputs = exports.map((name, index) => `  O${index}:\n    Value: v\n    Export: {Name: !Sub "${name}"}\n`);
    const parameters = "Parameters:\n  Prefix: {Type: String, Default: x}\n";
    return `AWSTemplateFormatVersion: "2010-09-09"\n${parameters}Resources:\n  Topic: {Type: AWS::SNS::Topic}\n${stacks.join("")}${
      outputs.length === 0 ? "" : `Outputs:\n${outputs.join("")}`
    }`;
  });

const change = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), uri: fc.constantFrom(...files), text }),
  fc.record({ kind: fc.constant("delete" as const), uri: fc.constantFrom(...files) }),
  fc.record({ kind: fc.constant("open" as const), uri: fc.constantFrom(...files), text }),
  fc.record({ kind: fc.constant("close" as const), uri: fc.constantFrom(...files) }),
  fc.record({ kind: fc.constant("ask" as const), uri: fc.constantFrom(...files) }),
);

describe(`workspace (SEED=${seed})`, function () {
  this.timeout(60_000);
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-")));
  after(() => fs.rmSync(folder, { recursive: true }));

  it("says after any changes what a fresh index says", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const [onDisk, open] = [new Map<string, string>(), new Map<string, string>()];
        const workspace = new Workspace({ read: (uri) => onDisk.get(uri) });
        for (const one of changes) {
          const before = told(workspace);
          const isOther = apply(workspace, onDisk, open, one);
          const now = told(workspace);
          if (before !== now) assert.ok(isOther, `not announced: ${JSON.stringify(one)}`);
        }
        const fresh = new Workspace({ read: (uri) => onDisk.get(uri) });
        for (const uri of onDisk.keys()) fresh.refresh(uri);
        for (const [uri, text] of open) fresh.put(uri, text);
        assert.equal(told(workspace), told(fresh));
      }),
      { seed, numRuns: 200 },
    );
  });

  it("reads of most templates the outputs alone, and finds the same there", () => {
    fc.assert(
      fc.property(text, (one) => {
        const whole = one
          .replace("Resources:", "Mappings: {M: {a: {b: c}}}\nResources:")
          .replace("Outputs:", "Outputs: &all");
        assert.deepEqual(outlineOf(one)?.exports, outlineOf(whole)?.exports);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("has nothing from a file that cannot be read, and all of the others", () => {
    const exporting = 'AWSTemplateFormatVersion: ""\nOutputs:\n  O: {Value: v, Export: {Name: one}}\n';
    const workspace = new Workspace({
      read(uri) {
        return uri === files[0] ? message("permission denied") : exporting;
      },
    });
    for (const uri of files.slice(0, 2)) workspace.refresh(uri);
    const found = workspace.library(files[2] ?? "").exporting({ name: "one", usual: "one" });
    assert.deepEqual(
      found.map(({ name }) => name),
      ["b"],
    );
  });

  it("follows a nested stack to a template wherever it lies, and to nothing else, with the reason", async () => {
    const root = path.join(folder, "bad");
    fs.mkdirSync(path.join(root, "in/folder.yaml"), { recursive: true });
    const child = (id: string) =>
      `Resources: {Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}\nOutputs: {${id}: {Value: !Ref Vpc}}\n`;
    const write = (name: string, text: string | Buffer) => fs.writeFileSync(path.join(root, name), text);
    write("outside.yaml", child("A"));
    write("in/near.yaml", child("A"));
    write("in/Near.yaml", child("B"));
    write("in/bytes.yaml", Buffer.from([0xff, 0xfe, 0x00]));
    write("in/long.yaml", `${child("A")}#${"x".repeat(5_000_000)}\n`);
    write("in/endless.yaml", "x".repeat(17_000_000));
    write("in/other.yaml", "a: b\n");
    fs.symlinkSync("loop.yaml", path.join(root, "in/loop.yaml"));
    fs.symlinkSync("near.yaml", path.join(root, "in/link.yaml"));
    if (process.platform !== "win32") execFileSync("mkfifo", [path.join(root, "in/pipe.yaml")]);
    const parent = (url: string) => `Resources:
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ${url}}}
  Worker:
    Type: AWS::Lambda::Function
    Properties: {VpcConfig: {SubnetIds: [!GetAtt Child.Outputs.A], SecurityGroupIds: [sg-0123456789abcdef0]}}
`;
    const uri = pathToFileURL(path.join(root, "in/parent.yaml")).href;
    const workspace = new Workspace(disk);
    for await (const one of templatesBelow(path.join(root, "in"))) workspace.refresh(one);
    const gone = "is not at hand";
    const cases = [
      ["near.yaml", undefined],
      ["link.yaml", undefined],
      ["../outside.yaml", undefined],
      [pathToFileURL(path.join(root, "in/near.yaml")).href, gone],
      ["Near.yaml", fs.existsSync(path.join(root, "in/NEAR.yaml")) ? undefined : "has no output of this name"],
      ...["folder.yaml", "bytes.yaml", "long.yaml", "endless.yaml", "other.yaml", "loop.yaml", "pipe.yaml"].map(
        (name) => [name, gone] as const,
      ),
      ["../../../../../../../../../../dev/zero", gone],
      ["https://s3.amazonaws.com/bucket/near.yaml", gone],
      ["s3://bucket/near.yaml", gone],
      ["'%ff'", gone],
      ['"\\0"', gone],
    ] as const;
    for (const [url, why] of cases) {
      workspace.put(uri, parent(url));
      const [fn] = lint(parse(parent(url)), { library: workspace.library(uri) }).functions;
      const reasons = (fn?.reasons ?? []).map((reason) => render(reason)).filter((reason) => /Child|ear/.test(reason));
      const told = reasons.some((reason) => why === undefined || reason.includes(why));
      assert.equal(told, why !== undefined, `${url}: ${reasons.join("; ")}`);
    }
  });

  it("names files by as few folders as tell them apart", () => {
    const paths = [
      "/w/net.yaml",
      "/w/dev/app.yaml",
      "/w/prod/app.yaml",
      "/w/x.y.yaml",
      "/w/Z.template.json",
      "/w/both.yaml",
      "/w/both.json",
    ];
    assert.deepEqual([...namesFor(paths).entries()].sort(), [
      ["/w/Z.template.json", "Z"],
      ["/w/both.json", "both-json"],
      ["/w/both.yaml", "both-yaml"],
      ["/w/dev/app.yaml", "dev/app"],
      ["/w/net.yaml", "net"],
      ["/w/prod/app.yaml", "prod/app"],
      ["/w/x.y.yaml", "x-y"],
    ]);
  });

  it("leaves out what git ignores, what is built, and links, also those that lead in circles", async () => {
    const root = path.join(folder, "tree");
    const template = "AWSTemplateFormatVersion: '2010-09-09'\n";
    const all = [
      "a.yaml",
      "in/b.json",
      "gen/c.yaml",
      "node_modules/d.yaml",
      "cdk.out/e.json",
      ".aws-sam/f.yaml",
      "g.txt",
    ];
    for (const name of all) {
      fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      fs.writeFileSync(path.join(root, name), template);
    }
    fs.writeFileSync(path.join(root, ".gitignore"), "gen/\n");
    fs.symlinkSync(root, path.join(root, "in/again"));
    fs.symlinkSync(path.join(root, "a.yaml"), path.join(root, "in/link.yaml"));
    fs.symlinkSync("loop.yaml", path.join(root, "loop.yaml"));
    const found: string[] = [];
    for await (const uri of templatesBelow(root)) found.push(uri);
    const wanted = ["a.yaml", "in/b.json"];
    assert.deepEqual(
      found,
      wanted.map((name) => pathToFileURL(path.join(root, name)).href),
    );
    for (const name of all) {
      assert.equal(await isTemplateBelow(root, path.join(root, name)), wanted.includes(name), name);
    }
  });

  it("reads 2,000 templates in less than five seconds, and an edit reads none of them again", async () => {
    const root = path.join(folder, "many");
    fs.mkdirSync(root);
    const example = fs.readFileSync(
      path.join(import.meta.dirname, "fixtures-linked/import-literal/network.yaml"),
      "utf8",
    );
    for (let index = 0; index < 2000; index++) {
      fs.writeFileSync(path.join(root, `net${index}.yaml`), example.replaceAll("core-", `core${index}-`));
    }
    let reads = 0;
    const workspace = new Workspace({
      read(uri) {
        reads++;
        return disk.read(uri);
      },
    });
    // Of this process's own time: other tests may run beside this one.
    const start = process.cpuUsage();
    for await (const uri of templatesBelow(root)) workspace.refresh(uri);
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    assert.ok(took < 5000, `${Math.round(took)} ms`);
    const app = fs.readFileSync(path.join(import.meta.dirname, "fixtures-linked/import-literal/app.yaml"), "utf8");
    const uri = pathToFileURL(path.join(root, "app.yaml")).href;
    const library = workspace.library(uri);
    const check = (text: string) => lint(parse(text), { library });
    const source = app.replaceAll("core-", "core1234-");
    assert.equal(check(source).functions[0]?.verdict, "internet");
    assert.equal(reads, 2001, "one template is parsed, the one that the imports name");
    const again = performance.now();
    for (let key = 0; key < 10; key++) {
      workspace.put(uri, `${source}#${key}`);
      check(`${source}#${key}`);
    }
    const each = (performance.now() - again) / 10;
    assert.equal(reads, 2001);
    assert.ok(each < 200, `${Math.round(each)} ms a keystroke`);
    if (process.env.FIGURES === "1")
      console.log(`      ${Math.round(took)} ms for 2,000, ${each.toFixed(1)} ms a keystroke`);
  });
});

function apply(
  workspace: Workspace,
  onDisk: Map<string, string>,
  open: Map<string, string>,
  one: typeof change extends fc.Arbitrary<infer C> ? C : never,
): boolean {
  switch (one.kind) {
    case "write":
      onDisk.set(one.uri, one.text);
      return workspace.refresh(one.uri);
    case "delete":
      onDisk.delete(one.uri);
      return workspace.refresh(one.uri);
    case "open":
      open.set(one.uri, one.text);
      return workspace.put(one.uri, one.text);
    case "close":
      open.delete(one.uri);
      return workspace.put(one.uri, undefined);
    case "ask":
      told(workspace);
      return false;
  }
}

/** Everything that a library answers, seen from each of the files. */
function told(workspace: Workspace): string {
  const all = files.map((uri) => {
    const library = workspace.library(uri);
    const named = names.map((name) =>
      library
        .exporting({ name, usual: name })
        .map(({ name, output }) => `${name} ${output}`)
        .sort(),
    );
    const parents = library.parents().map(({ foreign, stack }) => `${foreign.name} ${stack}`);
    const stacks = ["a", "sub"].flatMap((stack) => library.outputs(stack, "O0").map(({ name }) => name)).sort();
    return [named, parents.sort(), stacks];
  });
  return JSON.stringify(all);
}
