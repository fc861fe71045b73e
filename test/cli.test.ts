/** The command line as a person or a script meets it: the bundled program in a process of its own. */
import assert from "node:assert/strict";
import { type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { build } from "esbuild";
import { version } from "../package.json";
import { allRules } from "../server/src/rules/index";
import { checkShape } from "./json-shape";

const root = path.resolve(import.meta.dirname, "..");
const fixtures = path.join(root, "test/fixtures");

const clean = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
/** A key given twice: an error of template-syntax, and of nothing else. */
const broken = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Type: AWS::SNS::Topic\n";
/** One finding, of public-subnet. */
const inPublicSubnet = `${fs.readFileSync(path.join(fixtures, "public-subnet/default-route.yaml"), "utf8")}Metadata:
  LambdaEgress: { Ignore: [single-az] }
`;

/** The superuser may read everything; where tests run as one, another user shows what is refused. */
const nobody: SpawnOptionsWithoutStdio = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("command line", function () {
  this.timeout(60_000);
  let scratch = "";
  let program = "";

  before(async () => {
    scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-cli-")));
    fs.chmodSync(scratch, 0o755);
    program = path.join(scratch, "bin/cli.js");
    await build({
      entryPoints: ["../server/src/cli.ts", "../server/src/cli/worker.ts"].map((file) =>
        path.resolve(import.meta.dirname, file),
      ),
      outdir: path.dirname(program),
      entryNames: "[name]",
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      mainFields: ["module", "main"],
      logLevel: "error",
    });
  });
  after(() => fs.rmSync(scratch, { recursive: true, force: true }));

  /** Runs the program in a fresh folder with these files. */
  async function run(
    args: readonly string[],
    files: Readonly<Record<string, string | Buffer>> = {},
    input = "",
    { env, ...options }: SpawnOptionsWithoutStdio = {},
  ): Promise<Run> {
    const folder = fs.mkdtempSync(path.join(scratch, "case-"));
    fs.chmodSync(folder, 0o755);
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    }
    const { CI, NO_COLOR, FORCE_COLOR, LC_ALL, LC_MESSAGES, LANG, ...rest } = process.env;
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: { ...rest, ...env }, ...options });
    const result = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      result.stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      result.stderr += chunk;
    });
    child.stdin.on("error", () => {}).end(input);
    const status = await new Promise<number | null>((done) => child.once("close", done));
    return { status, ...result };
  }

  async function json(
    args: readonly string[],
    files: Readonly<Record<string, string | Buffer>> = {},
    input = "",
    options: SpawnOptionsWithoutStdio = {},
  ) {
    const { status, stdout, stderr } = await run(["check", "--format", "json", ...args], files, input, options);
    const report = checkShape(JSON.parse(stdout));
    return { status, stderr, files: report.files, kinds: report.files.map(({ path, kind }) => `${path} ${kind}`) };
  }

  describe("exit status", () => {
    it("0 for a template without findings", async () => {
      const { status, stdout, stderr } = await run(["check", "a.yaml"], { "a.yaml": clean });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
      assert.match(stdout, /^Nothing found in 1 template; no functions\n$/);
    });

    it("1 for a finding, 2 for what cannot be read, and 2 wins", async () => {
      assert.equal((await run(["check", "a.yaml"], { "a.yaml": broken })).status, 1);
      const both = await run(["check", "missing.yaml", "a.yaml"], { "a.yaml": broken });
      assert.equal(both.status, 2);
      assert.match(both.stdout, /a\.yaml:4:\d+ error template-syntax /);
      assert.equal(both.stderr, "lambda-egress: missing.yaml: no such file or folder\n");
    });

    for (const [failOn, error, warning] of [
      ["error", 1, 0],
      ["warning", 1, 1],
      ["information", 1, 1],
      ["hint", 1, 1],
      ["never", 0, 0],
    ] as const) {
      it(`--fail-on ${failOn}`, async () => {
        assert.equal((await run(["check", "--fail-on", failOn, "a.yaml"], { "a.yaml": broken })).status, error);
        const milder = await json(["--fail-on", failOn, "a.yaml"], { "a.yaml": inPublicSubnet });
        assert.deepEqual(
          milder.files[0]?.findings.map(({ severity }) => severity),
          ["warning"],
        );
        assert.equal(milder.status, warning);
      });
    }

    for (const args of [
      [],
      ["check"],
      ["chek"],
      ["check", "a.yaml", "--format", "xml"],
      ["check", "a.yaml", "--param", "Stage"],
      ["check", "a.yaml", "--param", "=x"],
      ["check", "a.yaml", "--fail-on", "fatal"],
      ["check", "a.yaml", "--nonsense"],
      ["explain", "public-subnett"],
    ]) {
      it(`2 for \`${["lambda-egress", ...args].join(" ")}\``, async () => {
        const { status, stdout, stderr } = await run(args, { "a.yaml": clean });
        assert.equal(status, 2);
        assert.equal(stdout, "");
        assert.notEqual(stderr, "");
      });
    }
  });

  describe("inputs", () => {
    it("takes only templates from a folder, in every folder that is the user's own", async () => {
      const { status, kinds } = await json(["."], {
        "b.yml": clean,
        "a.yaml": clean,
        "values.yaml": "replicas: 3\n",
        "package.json": "{}",
        "README.md": clean,
        "binary.template": Buffer.from([0, 1, 2]),
        "deep/er/c.template": clean,
        "deep/d.json": JSON.stringify({ Resources: { T: { Type: "AWS::SNS::Topic" } } }),
        "node_modules/x/e.yaml": clean,
        ".aws-sam/build/template.yaml": clean,
        "cdk.out/f.yaml": clean,
        ".git/g.yaml": clean,
      });
      assert.equal(status, 0);
      assert.deepEqual(
        kinds,
        ["a.yaml", "b.yml", "deep/d.json", "deep/er/c.template"].map((name) => `${name} cloudformation`),
      );
    });

    it("takes globs, which say so when they match nothing", async () => {
      const files = { "x/a.yaml": clean, "x/y/b.yaml": clean, "x/c.json": "{}", "node_modules/d.yaml": clean };
      const both = ["x/a.yaml cloudformation", "x/y/b.yaml cloudformation"];
      for (const glob of ["**/*.yaml", "x/**/[ab].yaml", "./{x,z}/**"]) {
        assert.deepEqual((await json([glob], files)).kinds, both, glob);
      }
      const elsewhere = fs.mkdtempSync(path.join(scratch, "elsewhere-"));
      fs.writeFileSync(path.join(elsewhere, "a.cfn"), clean);
      assert.deepEqual((await json([`${elsewhere}/*.cfn`])).kinds, [`${elsewhere}/a.cfn cloudformation`]);
      const none = await json(["*.cfn", "x"], files);
      assert.equal(none.status, 2);
      assert.equal(none.stderr, "lambda-egress: *.cfn: no file matches this pattern\n");
      assert.deepEqual(none.kinds, ["x/a.yaml cloudformation", "x/y/b.yaml cloudformation"]);
    });

    it("reads a file whose name looks like a pattern", async () => {
      assert.deepEqual((await json(["[id].yaml"], { "[id].yaml": clean })).kinds, ["[id].yaml cloudformation"]);
    });

    it("reads standard input", async () => {
      const { status, files } = await json(["-"], {}, broken);
      assert.equal(status, 1);
      assert.deepEqual(
        files.map(({ path, kind }) => [path, kind]),
        [["-", "cloudformation"]],
      );
      assert.equal(files[0]?.findings[0]?.rule, "template-syntax");
    });

    it("reports a file once, however often it is named, and prints paths as given", async () => {
      const { kinds } = await json(["./x/a.yaml", "x", "x/a.yaml"], { "x/a.yaml": clean, "x/b.yaml": clean });
      assert.deepEqual(kinds, ["./x/a.yaml cloudformation", "x/b.yaml cloudformation"]);
    });

    it("says the same of many files, however many threads share them", async () => {
      const files = Object.fromEntries(
        Array.from({ length: 70 }, (_, index) => [`t${index}.yaml`, index % 2 === 0 ? clean : `${clean}# ${index}\n`]),
      );
      for (const format of ["text", "json", "sarif"]) {
        const args = ["check", ".", "missing.yaml", "--format", format, "--threads"];
        const [alone, together] = [await run([...args, "1"], files), await run([...args, "3"], files)];
        assert.deepEqual(together, alone, format);
        assert.equal(together.status, 2);
        if (format === "json") assert.equal(JSON.parse(together.stdout).files.length, 71);
      }
    });

    it("prints a file before it reads the next", async () => {
      const file = path.join(scratch, "first.yaml");
      fs.writeFileSync(file, broken);
      const child = spawn(process.execPath, [program, "check", file, "-"], { stdio: ["pipe", "pipe", "inherit"] });
      // Standard input stays open until the report on the file is there.
      const [first] = await once(child.stdout.setEncoding("utf8"), "data");
      assert.match(first, /first\.yaml:4:\d+ error template-syntax/);
      const rest = once(child.stdout, "data");
      child.stdin.end(clean);
      assert.match((await rest)[0], /^\n1 error in 2 templates/);
    });

    it("names what is no template, where it was named", async () => {
      const files = { "values.yaml": "replicas: 3\n", "empty.yaml": "" };
      const { status, kinds } = await json(["values.yaml", "empty.yaml"], files);
      assert.equal(status, 0);
      assert.deepEqual(kinds, ["values.yaml not-a-template", "empty.yaml not-a-template"]);
      const text = await run(["check", "values.yaml"], files);
      assert.match(text.stdout, /^values\.yaml is not a CloudFormation or SAM template\n/);
    });

    it("says why a file cannot be read, and reports the others", async () => {
      const { status, stderr, kinds } = await json(
        ["missing.yaml", "nul.yaml", "latin1.yaml", "utf16.yaml", "a.yaml"],
        {
          "nul.yaml": Buffer.from("Resources:\0"),
          "latin1.yaml": Buffer.from([0x41, 0xe9, 0x0a]),
          "utf16.yaml": Buffer.from(`\ufeff${clean}`, "utf16le"),
          "a.yaml": clean,
        },
      );
      assert.equal(status, 2);
      assert.deepEqual(stderr.trimEnd().split("\n"), [
        "lambda-egress: missing.yaml: no such file or folder",
        "lambda-egress: nul.yaml: is a binary file",
        "lambda-egress: latin1.yaml: is not valid UTF-8",
        "lambda-egress: utf16.yaml: is UTF-16 text; save it as UTF-8",
      ]);
      assert.deepEqual(kinds, [
        "missing.yaml unreadable",
        "nul.yaml unreadable",
        "latin1.yaml unreadable",
        "utf16.yaml unreadable",
        "a.yaml cloudformation",
      ]);
    });

    it("says when a folder may not be read", async function () {
      if (process.platform === "win32") return this.skip();
      const folder = path.join(scratch, "closed");
      fs.mkdirSync(folder);
      fs.chmodSync(folder, 0);
      const { status, stderr, kinds } = await json([folder, "a.yaml"], { "a.yaml": clean }, "", nobody);
      assert.equal(status, 2);
      assert.equal(stderr, `lambda-egress: ${folder}: permission denied\n`);
      assert.deepEqual(kinds, [`${folder} unreadable`, "a.yaml cloudformation"]);
    });

    it("skips a byte order mark, which editors do not count as a column", async () => {
      const { files } = await json(["a.yaml"], { "a.yaml": `\ufeff${inPublicSubnet}` });
      const plain = await json(["a.yaml"], { "a.yaml": inPublicSubnet });
      assert.deepEqual(files, plain.files);
    });
  });

  describe("json", () => {
    it("has every field, counted as the design says", async () => {
      const { files } = await json(["t.yaml"], { "t.yaml": inPublicSubnet });
      const [file] = files;
      const [fn] = file?.functions ?? [];
      assert.deepEqual(
        { kind: file?.kind, id: fn?.id, verdict: fn?.verdict, role: fn?.role, dependsOn: fn?.dependsOn },
        { kind: "sam", id: "Worker", verdict: "no-internet", role: "granted", dependsOn: [] },
      );
      const [subnet] = fn?.subnets ?? [];
      assert.deepEqual(
        { ref: subnet?.ref, verdict: subnet?.verdict, ipv6: subnet?.ipv6, blockers: subnet?.blockers },
        { ref: "Public", verdict: "public-subnet", ipv6: "off", blockers: ["public-subnet"] },
      );
      const lines = inPublicSubnet.split("\n");
      const failed = subnet?.hops.find(({ status, family }) => status === "failed" && family === "ipv4");
      const near = lines.slice((failed?.line ?? 0) - 2, (failed?.line ?? 0) + 6).join("\n");
      assert.match(near, /PublicRoute|GatewayId/);
      const [finding] = file?.findings ?? [];
      assert.equal(finding?.rule, "public-subnet");
      const { start, end } = finding.range;
      assert.equal(start.line, end.line);
      assert.equal(lines[start.line]?.slice(start.character, end.character), "!Ref Public");
    });

    it("binds parameters", async () => {
      const template = clean.replace("Resources:", "Parameters:\n  Stage: { Type: String }\nResources:");
      assert.equal(
        (await json(["--param", "Stage=a=b", "--param", "Other=", "a.yaml"], { "a.yaml": template })).status,
        0,
      );
    });
  });

  describe("text", () => {
    it("shows the place, the line and what is marked in it", async () => {
      const { stdout } = await run(["check", "t.yaml"], { "t.yaml": inPublicSubnet });
      const lines = inPublicSubnet.split("\n");
      const line = lines.findIndex((text) => text.includes("SubnetIds"));
      const column = lines[line]?.indexOf("!Ref Public") ?? -1;
      const [head, source, carets] = stdout.split("\n");
      assert.ok(head?.startsWith(`t.yaml:${line + 1}:${column + 1} warning public-subnet `), head);
      assert.equal(source, `${String(line + 1).padStart(5)} | ${lines[line]}`);
      assert.equal(carets, `      | ${" ".repeat(column)}${"^".repeat("!Ref Public".length)}`);
      assert.match(stdout, /^ {2}Worker: no internet — Public: public subnet$/m);
      assert.match(stdout, /\n1 warning in 1 template; 1 function: 1 does not reach it\n$/);
      assert.doesNotMatch(stdout, /[ \t]$/m);
    });

    it("is quiet on request", async () => {
      const { stdout } = await run(["check", "--quiet", "t.yaml"], { "t.yaml": inPublicSubnet });
      assert.match(stdout, /^t\.yaml:\d+:\d+ warning public-subnet/);
      assert.doesNotMatch(stdout, /^ *Worker: |^1 warning/m);
      assert.equal((await run(["check", "--quiet", "t.yaml"], { "t.yaml": clean })).stdout, "");
    });

    it("cuts a very long line, and lets nothing through that steers the terminal", async () => {
      const pad = "x".repeat(5000);
      const one = `{"Resources":{"A":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":"${pad}\u001b[31m"},"Type":"AWS::SNS::Topic"}}}`;
      const { stdout } = await run(["check", "-"], {}, one);
      assert.ok(Math.max(...stdout.split("\n").map((line) => line.length)) < 250, stdout);
      assert.ok(!stdout.includes("\u001b"));
    });

    it("has colours when asked, and none in a pipe, even on CI", async () => {
      const files = { "a.yaml": broken };
      const colored = async (env: NodeJS.ProcessEnv, ...args: string[]) =>
        (await run(["check", "a.yaml", ...args], files, "", { env })).stdout.includes("\u001b[");
      assert.equal(await colored({}), false);
      assert.equal(await colored({ CI: "true" }), false);
      assert.equal(await colored({ FORCE_COLOR: "1" }), true);
      assert.equal(await colored({ FORCE_COLOR: "1", NO_COLOR: "1" }), false);
      assert.equal(await colored({ FORCE_COLOR: "1" }, "--no-color"), false);
    });

    it("survives a reader that has seen enough", async () => {
      const file = path.join(scratch, "large.yaml");
      fs.writeFileSync(file, `Resources:\n${"  A:\n    Type: AWS::SNS::Topic\n".repeat(3000)}`);
      const child = spawn(process.execPath, [program, "check", file], { stdio: ["ignore", "pipe", "pipe"] });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
        stderr += chunk;
      });
      child.stdout.once("data", () => child.stdout.destroy());
      await new Promise((done) => child.once("close", done));
      assert.equal(stderr, "");
    });
  });

  describe("explain", () => {
    it("prints what a rule is about, within the width", async () => {
      for (const { id, summary } of allRules) {
        const { status, stdout } = await run(["explain", id]);
        assert.equal(status, 0);
        assert.ok(stdout.startsWith(`${id} (`));
        assert.ok(stdout.replace(/\s+/g, " ").includes(summary));
        assert.match(stdout, /^What happens$[\s\S]*^How to fix it$[\s\S]*^When to silence it$/m);
        assert.doesNotMatch(stdout, /[ \t]$/m);
        const prose = stdout.split("\n").filter((line) => !line.startsWith("    ") && !/https?:|\|/.test(line));
        assert.deepEqual(
          prose.filter((line) => line.length > 80),
          [],
        );
      }
    });

    it("lists all rules", async () => {
      const { status, stdout } = await run(["explain"]);
      assert.equal(status, 0);
      assert.deepEqual(
        stdout
          .trimEnd()
          .split("\n")
          .map((line) => line.split(" ")[0]),
        allRules.map(({ id }) => id),
      );
    });

    it("guesses what was meant", async () => {
      const { stderr } = await run(["explain", "template-sintax"]);
      assert.equal(stderr, "lambda-egress: no rule is called template-sintax; did you mean template-syntax?\n");
      assert.match((await run(["explain", "qqqqqqqqqqqq"])).stderr, /lists all rules/);
    });
  });

  it("tells its version and helps", async () => {
    assert.equal((await run(["--version"])).stdout, `${version}\n`);
    const help = await run(["check", "--help"]);
    assert.equal(help.status, 0);
    assert.match(help.stdout, /Examples:[\s\S]*Exit status:/);
    assert.match((await run(["--help"])).stdout, /check[\s\S]*explain[\s\S]*lsp/);
  });

  it("starts the language server", async () => {
    const child = spawn(process.execPath, [program, "lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    const send = (message: object) => {
      const text = JSON.stringify({ jsonrpc: "2.0", ...message });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
    };
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } });
    send({ id: 2, method: "shutdown" });
    send({ method: "exit" });
    const status = await new Promise<number | null>((done) => child.once("close", done));
    assert.match(stdout, /"serverInfo":\{"name":"lambda-egress"/);
    assert.equal(status, 0);
  });
});
