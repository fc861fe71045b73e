/** `.lambda-egress.yaml`: what it may say, which one holds, and that editor and command line agree on it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { DidChangeWatchedFilesNotification, FileChangeType } from "vscode-languageserver-protocol/node";
import { readFolderFile } from "../server/src/folder-text";
import { render } from "../server/src/message";
import { parseDestination } from "../server/src/network/destination";
import { type CommandLine, commandLine, write } from "./command-line";
import { readFixture } from "./harness";
import { capable, type Session, type SessionOptions, startSession } from "./lsp-session";

const rule = "public-subnet";
const template = readFixture("public-subnet/default-route.yaml").text;
const name = ".lambda-egress.yaml";
const off = `rules: { ${rule}: off }\n`;
const hint = `rules: { ${rule}: hint }\n`;

describe("folder file", function () {
  this.timeout(60_000);
  let command: CommandLine;
  const sessions: Session[] = [];

  before(async () => {
    command = await commandLine();
  });
  after(() => command.remove());
  afterEach(async () => {
    for (const session of sessions.splice(0)) {
      try {
        assert.equal(await session.stop(), 0);
      } finally {
        session.process.kill();
      }
    }
  });

  async function start(options: SessionOptions): Promise<Session> {
    const session = await startSession(options);
    sessions.push(session);
    return session;
  }

  /** Severity of the rule by template, as the command line and the editor have it. */
  async function severities(files: Readonly<Record<string, string>>, settings: unknown = {}) {
    const folder = command.folder(files);
    const report = await command.json(folder, ["."]);
    const found = (path: string) => report.files.find((file) => file.path === path);
    const session = await start({ folders: [pathToFileURL(folder).href], settings: () => settings });
    // Documents are answered in the order of their changes: once this one is, all before it are.
    const barrier = session.open("untitled:barrier", template);
    await session.diagnostics(barrier);
    const cli: Record<string, string | undefined> = {};
    const editor: Record<string, string | undefined> = {};
    for (const file of Object.keys(files).filter((file) => file.endsWith("t.yaml"))) {
      const uri = session.open(
        pathToFileURL(path.join(folder, file)).href,
        fs.readFileSync(path.join(folder, file), "utf8"),
      );
      const since = session.published.length;
      session.edit(barrier, {
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
        newText: "#\n",
      });
      await session.diagnostics(barrier, since);
      const published = session.published.findLast((params) => params.uri === uri);
      cli[file] = one(
        found(file)?.findings.map((finding) => [finding.rule, finding.severity]),
        found(file) === undefined,
      );
      editor[file] = one(
        published?.diagnostics.map(({ code, severity = 0 }) => [String(code), words[severity] ?? ""]),
        published === undefined,
      );
    }
    return { cli, editor, log: session.log, stderr: report.stderr, status: report.status };
  }

  it("holds for its folder and below, in the editor as on the command line", async () => {
    const { cli, editor } = await severities({
      "a/.lambda-egress.yaml": hint,
      "a/t.yaml": template,
      "a/b/t.yaml": template,
      "t.yaml": template,
    });
    assert.deepEqual(cli, { "a/t.yaml": "hint", "a/b/t.yaml": "hint", "t.yaml": cli["t.yaml"] });
    assert.match(cli["t.yaml"] ?? "", /^(?:warning|error)$/);
    assert.deepEqual(editor, cli);
  });

  it("nearest wins, rule by rule", async () => {
    const { cli, editor } = await severities({
      [name]: `expect: never\nrules: { ${rule}: hint }\n`,
      "a/.lambda-egress.yaml": "expect: internet\nrules: { single-az: off }\n",
      "a/t.yaml": template,
      "a/b/.lambda-egress.yaml": "rules:\n  public-subnet: error\n",
      "a/b/t.yaml": template,
      "t.yaml": template,
    });
    assert.deepEqual(cli, { "a/t.yaml": "hint", "a/b/t.yaml": "error", "t.yaml": undefined });
    assert.deepEqual(editor, cli);
  });

  it("wins over the editor's settings, and metadata and comments win over it", async () => {
    const settings = { expect: "never", rules: { [rule]: "error" } };
    const wanted = template.replace(/( {2}Worker:\n)/, "$1    Metadata: { LambdaEgress: { Expect: none } }\n");
    const known = template.replace(/^(.*!Ref Public\].*)$/m, `$1 # lambda-egress-ignore ${rule}: known`);
    assert.ok(wanted !== template && known !== template);
    const files = {
      "none/.lambda-egress.yaml": `expect: internet\nrules: { ${rule}: hint }\n`,
      "none/t.yaml": template,
      "none/wanted/t.yaml": wanted,
      "none/known/t.yaml": known,
    };
    const { cli, editor } = await severities(files, settings);
    assert.deepEqual(cli, { "none/t.yaml": "hint", "none/wanted/t.yaml": undefined, "none/known/t.yaml": undefined });
    assert.deepEqual(editor, cli);
  });

  it("leaves alone what it ignores, by globs of its own folder", async () => {
    const { cli, editor, status } = await severities({
      "a/.lambda-egress.yaml": "ignore: [legacy/, '*/old/*.yaml']\n",
      "a/legacy/deep/t.yaml": template,
      "a/x/old/t.yaml": template,
      "a/x/t.yaml": template,
      "legacy/t.yaml": template,
    });
    assert.deepEqual(
      Object.keys(cli).filter((file) => cli[file] === "left alone"),
      ["a/legacy/deep/t.yaml", "a/x/old/t.yaml"],
    );
    assert.deepEqual(editor, cli);
    assert.equal(status, 1);
  });

  it("sets what is to be reached", async () => {
    const { cli, editor } = await severities({
      [name]: "destination: 10.0.0.0/16:5432\n",
      "t.yaml": template,
      "a/.lambda-egress.yaml": "destination: ''\n",
      "a/t.yaml": template,
    });
    assert.equal(cli["t.yaml"], undefined);
    assert.match(cli["a/t.yaml"] ?? "", /^(?:warning|error)$/);
    assert.deepEqual(editor, cli);
  });

  it("names what it does not understand, by line, once, and keeps the rest", async () => {
    const { cli, editor, log, stderr, status } = await severities({
      [name]: `# ours
expct: never
expect: sometimes
rules:
  ${rule}: hint
  no-such-rule: off
  single-az: loud
ignore: legacy
destination: 8.8.8.8
trace: { server: verbose }
`,
      "t.yaml": template,
      "a/t.yaml": template,
    });
    assert.deepEqual(cli, { "t.yaml": "hint", "a/t.yaml": "hint" });
    assert.deepEqual(editor, cli);
    assert.equal(status, 2);
    const expected = [
      [2, '"expct" is unknown'],
      [3, '"sometimes"'],
      [6, '"no-such-rule"'],
      [7, '"loud"'],
      [8, '"legacy"'],
      [9, "CIDR:PORT"],
      [10, '"trace" is unknown'],
    ] as const;
    for (const [lines, prefix] of [
      [stderr.trimEnd().split("\n"), `lambda-egress: ${name}`],
      [log, ""],
    ] as const) {
      assert.equal(lines.length, expected.length, lines.join("\n"));
      for (const [line, words] of expected) {
        const [about, ...more] = lines.filter((one) => one.includes(`${name}:${line}: `));
        assert.ok(
          about?.startsWith(prefix) && about.includes(words) && more.length === 0,
          `${line}: ${lines.join("\n")}`,
        );
      }
    }
  });

  it("is used as far as it can be read", () => {
    const read = (text: string) => {
      const { given, complaints } = readFolderFile(text);
      return {
        given,
        complaints: complaints.map(({ line, text }) => `${line} ${render(text).split(" ", 3).join(" ")}`),
      };
    };
    assert.deepEqual(read(""), { given: {}, complaints: [] });
    assert.deepEqual(read("# nothing yet\n"), { given: {}, complaints: [] });
    assert.deepEqual(read("expect: none\ndestination: 8.8.8.8:53\n"), {
      given: { expect: "never", destination: parseDestination("8.8.8.8:53") },
      complaints: [],
    });
    assert.deepEqual(read("- expect\n"), { given: {}, complaints: ["1 The settings are"] });
    assert.deepEqual(read("expect: never\nexpect: always\n"), {
      given: { expect: "always" },
      complaints: ["2 It cannot be"],
    });
    const broken = read("expect: never\nrules: [\n");
    assert.equal(broken.given.expect, "never");
    assert.ok(
      broken.complaints.length > 0 && broken.complaints.every((line) => /^[23] /.test(line)),
      broken.complaints.join(),
    );
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh".replace(/./g, (key) => `${key}: &${key} [${`*${String.fromCharCode(key.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`;
    assert.ok(read(bomb).complaints.length > 0);
    for (const circle of ["&a [*a]", "&a { rules: *a }", "expect: &a [1, { b: *a }]"]) {
      assert.deepEqual(read(circle), { given: {}, complaints: ["1 The settings are"] });
    }
    assert.deepEqual(read("rules: { a: &x off, b: *x }\n").given, { rules: { a: "off", b: "off" } });
  });

  describe("is found", () => {
    it("up to the repository's folder on the command line, and not above", async () => {
      const folder = command.folder({
        [name]: off,
        "repo/.git/HEAD": "",
        "repo/a/t.yaml": template,
        "a/t.yaml": template,
      });
      const rules = async (path: string) =>
        (await command.json(folder, [path])).files[0]?.findings.map((finding) => finding.rule) ?? [];
      assert.ok((await rules("repo/a/t.yaml")).includes(rule));
      assert.ok(!(await rules("a/t.yaml")).includes(rule));
    });

    it("up to the workspace's folder in the editor, and without one as on the command line", async () => {
      const folder = command.folder({
        [name]: off,
        "repo/.git/HEAD": "",
        "repo/w/a/t.yaml": template,
        "a b/t.yaml": template,
      });
      write(folder, { "repo/.lambda-egress.yaml": hint });
      const has = async (session: Session, file: string) => {
        const uri = session.open(pathToFileURL(path.join(folder, file)).href, template);
        return (await session.diagnostics(uri)).find(({ code }) => code === rule)?.severity;
      };
      const inside = await start({ folders: [pathToFileURL(path.join(folder, "repo/w")).href] });
      assert.ok([1, 2].includes((await has(inside, "repo/w/a/t.yaml")) ?? 0));
      assert.equal(await has(inside, "a b/t.yaml"), undefined);
      const nowhere = await start({});
      assert.equal(await has(nowhere, "repo/w/a/t.yaml"), 4);
      const whole = await start({ folders: [pathToFileURL(folder).href] });
      assert.equal(await has(whole, "repo/w/a/t.yaml"), 4);
      assert.equal(await has(whole, "a b/t.yaml"), undefined);
    });

    it("for standard input in the folder that the program runs in", async () => {
      const folder = command.folder({ [name]: `${off}ignore: ['*']\n` });
      const { stdout } = await command.run(folder, ["check", "-", "--format", "json"], template);
      const [file] = JSON.parse(stdout).files;
      assert.equal(file.path, "-");
      assert.deepEqual(
        file.findings.filter((finding: { rule: string }) => finding.rule === rule),
        [],
      );
    });
  });

  it("says so where a person names a file that it leaves alone", async () => {
    const folder = command.folder({ [name]: "ignore: [legacy]\n", "legacy/t.yaml": template });
    const named = await command.run(folder, ["check", "legacy/t.yaml", "--quiet"]);
    assert.deepEqual(named, {
      status: 0,
      stdout: "",
      stderr: `lambda-egress: legacy/t.yaml: left alone, as ${name} says\n`,
    });
    assert.equal((await command.run(folder, ["check", "legacy", "--quiet"])).stderr, "");
  });

  it("loses to --destination", async () => {
    const folder = command.folder({ [name]: "destination: 10.0.0.0/16:5432\n", "t.yaml": template });
    const verdict = async (...args: string[]) =>
      (await command.json(folder, ["t.yaml", ...args])).files[0]?.functions[0]?.verdict;
    assert.equal(await verdict(), "internet");
    assert.equal(await verdict("--destination", "0.0.0.0/0:443"), "no-internet");
  });

  it("that cannot be read is named, and what is in the editor's settings holds", async () => {
    const folder = command.folder({ "t.yaml": template });
    fs.writeFileSync(path.join(folder, name), Buffer.from([0x72, 0xff]));
    const { status, stderr, files } = await command.json(folder, ["t.yaml"]);
    assert.equal(status, 2);
    assert.match(stderr, /^lambda-egress: \.lambda-egress\.yaml:1: The file is ignored: .*UTF-8/);
    assert.ok(files[0]?.findings.some((finding) => finding.rule === rule));
  });

  it("is watched: what is open is checked again when it changes, comes or goes", async () => {
    const folder = command.folder({ "t.yaml": template });
    const capabilities = {
      ...capable,
      workspace: { ...capable.workspace, didChangeWatchedFiles: { dynamicRegistration: true } },
    };
    const session = await start({ folders: [pathToFileURL(folder).href], capabilities });
    await session.until(() => session.registered.includes("workspace/didChangeWatchedFiles"), "registration");
    const uri = session.open(pathToFileURL(path.join(folder, "t.yaml")).href, template);
    const severity = (diagnostics: Awaited<ReturnType<Session["diagnostics"]>>) =>
      diagnostics.find(({ code }) => code === rule)?.severity;
    const usual = severity(await session.diagnostics(uri));
    assert.ok(usual === 1 || usual === 2);
    const file = path.join(folder, name);
    const change = async (type: FileChangeType, act: () => void) => {
      act();
      const since = session.published.length;
      await session.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
        changes: [{ uri: pathToFileURL(file).href, type }],
      });
      return severity(await session.diagnostics(uri, since));
    };
    assert.equal(await change(FileChangeType.Created, () => fs.writeFileSync(file, hint)), 4);
    assert.equal(await change(FileChangeType.Changed, () => fs.writeFileSync(file, off)), undefined);
    assert.equal(await change(FileChangeType.Deleted, () => fs.rmSync(file)), usual);
  });
});

describe(".gitignore", function () {
  this.timeout(60_000);
  let command: CommandLine;
  before(async () => {
    command = await commandLine();
  });
  after(() => command.remove());

  const clean = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
  const files = {
    ".git/HEAD": "",
    ".gitignore": "# made\nbuild/\n*.gen.yaml\n!keep.gen.yaml\n/top.yaml\nx/deep.yaml\n",
    "top.yaml": clean,
    "a.yaml": clean,
    "b.gen.yaml": clean,
    "keep.gen.yaml": clean,
    "build/c.yaml": clean,
    "x/top.yaml": clean,
    "x/deep.yaml": clean,
    "x/build/d.yaml": clean,
    "y/.gitignore": "/own.yaml\nsub/*.yaml\n!b.gen.yaml\ndir/ \n",
    "y/own.yaml": clean,
    "y/b.gen.yaml": clean,
    "y/z/own.yaml": clean,
    "y/sub/e.yaml": clean,
    "y/z/sub/f.yaml": clean,
    "y/z/dir/g.yaml": clean,
    "[s] #1/.gitignore": "h.yaml\n",
    "[s] #1/h.yaml": clean,
    "[s] #1/i.yaml": clean,
    "s/h.yaml": clean,
  };
  const kept = [
    "[s] #1/i.yaml",
    "a.yaml",
    "keep.gen.yaml",
    "s/h.yaml",
    "x/top.yaml",
    "y/b.gen.yaml",
    "y/z/own.yaml",
    "y/z/sub/f.yaml",
  ];

  const paths = async (folder: string, ...args: string[]) =>
    (await command.json(folder, args)).files.map(({ path }) => path);

  it("is obeyed in folders", async () => {
    const folder = command.folder(files);
    assert.deepEqual(await paths(folder, "."), kept);
    assert.deepEqual(await paths(folder, "y"), ["y/b.gen.yaml", "y/z/own.yaml", "y/z/sub/f.yaml"]);
    assert.deepEqual(await paths(path.join(folder, "y/z"), ".."), [
      "../b.gen.yaml",
      "../z/own.yaml",
      "../z/sub/f.yaml",
    ]);
  });

  it("says what git says", async function () {
    const folder = command.folder(files);
    fs.rmSync(path.join(folder, ".git"), { recursive: true });
    const git = (...args: string[]) => spawnSync("git", args, { cwd: folder, encoding: "utf8" });
    if (git("init", "--quiet").status !== 0) return this.skip();
    const { stdout } = git("ls-files", "-z", "--others", "--exclude-standard");
    const templates = stdout.split("\0").filter((file) => /\.yaml$/.test(file));
    assert.deepEqual((await paths(folder, ".")).sort(), templates.sort());
  });

  it("stops nobody who names a file or an ignored folder", async () => {
    const folder = command.folder(files);
    assert.deepEqual(await paths(folder, "top.yaml", "build"), ["top.yaml", "build/c.yaml"]);
    assert.deepEqual(await paths(folder, "*.gen.yaml"), ["b.gen.yaml", "keep.gen.yaml"]);
  });

  it("counts without a repository from the folder on", async () => {
    const folder = command.folder({
      ".gitignore": "a.yaml\n",
      "x/a.yaml": clean,
      "x/.gitignore": "b.yaml\n",
      "x/b.yaml": clean,
    });
    assert.deepEqual(await paths(folder, "x"), ["x/a.yaml"]);
    assert.deepEqual(await paths(folder, "."), []);
  });
});

const words: Readonly<Record<number, string>> = { 1: "error", 2: "warning", 3: "information", 4: "hint" };

/** Returns the rule's severity; undefined where it is silent. */
function one(findings: readonly (readonly [string, string])[] | undefined, absent: boolean): string | undefined {
  return absent ? "left alone" : findings?.find(([id]) => id === rule)?.[1];
}
