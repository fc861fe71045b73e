/** What people are handed to copy and to try (the snippets, the examples, the README's sample) is held to what it says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "mocha";
import { lint } from "../server/src/lint";
import { parse } from "../server/src/template/parse";
import type { Node } from "../server/src/template/syntax";

const root = join(import.meta.dirname, "..");
const languages = ["yaml", "json"] as const;

describe("snippets", () => {
  it("expand to the template itself", () => {
    assert.equal(`${expand("yaml")}\n`, readFileSync(join(root, "snippets/lambda-nat-vpc.yaml"), "utf8"));
  });

  it("give each tab stop one default and follow it elsewhere", () => {
    for (const language of languages) {
      const stops = [...body(language).matchAll(/(?<!\\)\$\{(\d+)(:?)/g)];
      for (const stop of new Set(stops.map(([, number]) => number))) {
        const places = stops.filter(([, number]) => number === stop);
        assert.deepEqual([stop, places.filter(([, , colon]) => colon === ":").length], [stop, 1]);
      }
      assert.deepEqual([...new Set(stops.map(([, number]) => number))].sort(), ["1", "2", "3"]);
    }
  });

  it("say the same in YAML and JSON", () => {
    const [yaml, json] = languages.map((language) => {
      const document = parse(expand(language));
      assert.deepEqual(document.problems, []);
      return toData(document.root);
    });
    assert.deepEqual(json, yaml);
  });

  for (const language of languages) {
    it(`reach the internet and have nothing to report (${language})`, () => {
      const { kind, functions, findings } = lint(parse(expand(language)));
      assert.equal(kind, "cloudformation");
      assert.deepEqual(
        findings.map(({ rule }) => rule),
        [],
      );
      assert.deepEqual(
        functions.map(({ id, verdict, role }) => ({ id, verdict, role })),
        [{ id: "Worker", verdict: "internet", role: "granted" }],
      );
    });
  }

  it("please cfn-lint", function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "snippets-"));
    try {
      const files = languages.map((language) => {
        const file = join(folder, `expanded.${language}`);
        writeFileSync(file, expand(language));
        return file;
      });
      cfnLint(this, files);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("are offered where templates are written", () => {
    const { contributes } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const offered: { language: string; path: string }[] = contributes.snippets;
    assert.deepEqual([...new Set(offered.map(({ language }) => language))].sort(), ["cloudformation", "json", "yaml"]);
    for (const { path } of offered) assert.ok(existsSync(join(root, path)), path);
  });
});

describe("examples", () => {
  /** Each example shows one situation: what becomes of its function, and the errors and warnings it draws. */
  const examples: Record<string, { verdict: string; role: string; findings: string[] }> = {
    "forgotten-association.yaml": { verdict: "intermittent", role: "granted", findings: ["inconsistent-subnets"] },
    "good.yaml": { verdict: "internet", role: "granted", findings: [] },
    "missing-permissions.json": { verdict: "internet", role: "missing", findings: ["missing-eni-permissions"] },
    "nat-in-private-subnet.yaml": { verdict: "no-internet", role: "granted", findings: ["nat-gateway-not-public"] },
    "on-purpose.yaml": { verdict: "no-internet", role: "granted", findings: [] },
    "public-subnet.yaml": { verdict: "no-internet", role: "granted", findings: ["public-subnet"] },
  };
  const names = readdirSync(join(root, "examples")).sort();

  it("are all listed here", () => assert.deepEqual(names, Object.keys(examples)));

  for (const [name, expected] of Object.entries(examples)) {
    it(name, () => {
      const text = readFileSync(join(root, "examples", name), "utf8");
      const { functions, findings } = lint(parse(text));
      const [only, ...others] = functions;
      assert.deepEqual(others, []);
      const serious = findings.filter(({ severity }) => severity === "error" || severity === "warning");
      assert.deepEqual(
        { verdict: only?.verdict, role: only?.role, findings: serious.map(({ rule }) => rule) },
        expected,
      );
    });
  }

  it("have no more to report than they are meant to", () => {
    for (const name of ["good.yaml", "on-purpose.yaml"]) {
      const { findings } = lint(parse(readFileSync(join(root, "examples", name), "utf8")));
      assert.deepEqual(findings, [], name);
    }
  });

  it("please cfn-lint", function () {
    this.timeout(60_000);
    cfnLint(
      this,
      names.map((name) => join(root, "examples", name)),
    );
  });
});

describe("README", () => {
  it("shows what the command line prints", function () {
    this.timeout(20_000);
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const shown = /(?<=```console\n\$ lambda-egress )(.*)\n([\s\S]*?)(?=```)/.exec(readme);
    assert.ok(shown !== null);
    const [whole, command = ""] = shown;
    const args = ["--import", "tsx", "server/src/cli.ts", ...command.split(" ")];
    const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    const printed = `${command}\n${stdout}`;
    if (process.env.UPDATE === "1")
      writeFileSync(
        join(root, "README.md"),
        readme.replace(whole, () => printed),
      );
    else assert.equal(whole, printed);
  });
});

/** Returns a snippet file's body as one text, snippet syntax and all. */
function body(language: string): string {
  const snippets = JSON.parse(readFileSync(join(root, "snippets", `${language}.json`), "utf8"));
  const [only, ...others] = Object.values<{ prefix: string; body: string[] }>(snippets);
  assert.ok(only !== undefined && others.length === 0);
  assert.equal(only.prefix, "lambda-nat-vpc");
  return only.body.join("\n");
}

/** Returns what a person gets who takes the snippet and changes nothing. */
function expand(language: string): string {
  const defaults = new Map<string, string>();
  return body(language).replace(
    /\\([\\$}])|\$(?:(\d+)|\{(\d+)(?::([^}]*))?\}|)/g,
    (_whole, escaped?: string, bare?: string, braced?: string, text?: string) => {
      if (escaped !== undefined) return escaped;
      const stop = bare ?? braced;
      // An editor would take `${AWS::Partition}` for a variable of its own.
      assert.ok(stop !== undefined, "a $ of the template is not escaped");
      if (text !== undefined) defaults.set(stop, text);
      return defaults.get(stop) ?? "";
    },
  );
}

/** Fails on any word from cfn-lint. Where it is not installed the test is skipped, but never on the build machine. */
function cfnLint(test: Context, files: readonly string[]): void {
  const { error, status, stdout, stderr } = spawnSync("cfn-lint", ["--", ...files], { encoding: "utf8" });
  if (error !== undefined) {
    assert.ok((process.env.CI ?? "") === "", `cfn-lint did not start: ${error.message}`);
    test.skip();
  }
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
}

/** Returns the tree as plain data in which both ways to write a GetAtt are one. */
function toData(node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") return node.text;
  if (node.kind === "list") return node.items.map(toData);
  return Object.fromEntries(
    node.entries.map(({ key, value }) => {
      const data = toData(value);
      return [key.text, key.text === "Fn::GetAtt" && Array.isArray(data) ? data.join(".") : data];
    }),
  );
}
