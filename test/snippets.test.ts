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

/** What each snippet promises: what becomes of its function, in the base template where the snippet is a part of one. */
const promised: Record<string, { verdict: string; subnets: string[] }> = {
  "lambda-nat-vpc": { verdict: "internet", subnets: ["nat/off", "nat/off"] },
  "lambda-nat-vpc-per-zone": { verdict: "internet", subnets: ["nat/off", "nat/off"] },
  "lambda-nat-vpc-regional": { verdict: "internet", subnets: ["nat/off", "nat/off"] },
  "lambda-nat-vpc-instance": { verdict: "internet", subnets: ["nat-instance/off", "nat-instance/off"] },
  "lambda-nat-vpc-dual-stack": { verdict: "internet", subnets: ["nat/egress-only", "nat/egress-only"] },
  "lambda-vpc-endpoints": { verdict: "no-internet", subnets: ["isolated/off", "isolated/off"] },
  "lambda-vpc-role": { verdict: "internet", subnets: ["nat/off", "nat/off"] },
  "lambda-vpc-route-table": { verdict: "internet", subnets: ["nat/off", "nat/off"] },
};
const base = readFileSync(join(root, "snippets/lambda-nat-vpc.yaml"), "utf8");

describe("snippets", () => {
  it("are all promised something, in both languages, under titles of their own", () => {
    for (const language of languages)
      assert.deepEqual(
        read(language).map(({ prefix }) => prefix),
        Object.keys(promised),
      );
    const titles = languages.flatMap((language) => read(language).map(({ title }) => title));
    assert.equal(new Set(titles).size, titles.length);
  });

  it("expand to the template itself", () => assert.equal(`${expand("yaml", "lambda-nat-vpc")}\n`, base));

  for (const prefix of Object.keys(promised)) {
    describe(prefix, () => {
      it("gives each tab stop one default and follows it elsewhere", () => {
        const counts = languages.map((language) => {
          const stops = [
            ...find(language, prefix)
              .body.join("\n")
              .matchAll(/(?<!\\)\$\{(\d+)(:?)/g),
          ];
          const defaults = stops.flatMap(([, number, colon]) => (colon === ":" ? [number] : []));
          assert.deepEqual([...new Set(stops.map(([, number]) => number))].sort(), [...defaults].sort());
          assert.deepEqual(
            [...defaults].sort(),
            Array.from(defaults, (_, index) => String(index + 1)),
          );
          return defaults.length;
        });
        assert.ok(counts[0] === counts[1] && counts[0] !== 0);
      });

      it("says what costs money, and not how much", () => {
        const [yaml, json] = languages.map((language) => find(language, prefix).description);
        assert.equal(json, yaml);
        assert.match(yaml ?? "", /charged per hour|costs nothing/);
        assert.doesNotMatch(yaml ?? "", /[$€]|\d\.\d|\bcents?\b/);
      });

      it("says the same in YAML and JSON", () => {
        const [yaml, json] = languages.map((language) => {
          const document = parse(template(language, prefix));
          assert.deepEqual(document.problems, []);
          return toData(document.root);
        });
        assert.deepEqual(json, yaml);
      });

      for (const language of languages) {
        it(`keeps its promise and has nothing to report (${language})`, () => {
          const { kind, functions, findings } = lint(parse(template(language, prefix)));
          assert.equal(kind, "cloudformation");
          assert.deepEqual(
            findings.map(({ rule }) => rule),
            [],
          );
          const found = functions.map(({ id, verdict, role, subnets }) => ({
            id,
            verdict,
            role,
            subnets: subnets.map((subnet) => `${subnet.verdict}/${subnet.ipv6}`),
          }));
          assert.deepEqual(found, [{ id: "Worker", role: "granted", ...promised[prefix] }]);
        });
      }
    });
  }

  it("please cfn-lint", function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), "snippets-"));
    try {
      const files = languages.flatMap((language) =>
        Object.keys(promised).map((prefix) => {
          const file = join(folder, `${prefix}.${language}`);
          writeFileSync(file, template(language, prefix));
          return file;
        }),
      );
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

interface Snippet {
  readonly title: string;
  readonly prefix: string;
  readonly description: string;
  readonly body: readonly string[];
}

function read(language: string): Snippet[] {
  const snippets = JSON.parse(readFileSync(join(root, "snippets", `${language}.json`), "utf8"));
  return Object.entries<Omit<Snippet, "title">>(snippets).map(([title, snippet]) => ({ title, ...snippet }));
}

function find(language: string, prefix: string): Snippet {
  const found = read(language).find((snippet) => snippet.prefix === prefix);
  assert.ok(found !== undefined, `no ${prefix} in ${language}`);
  return found;
}

/** Returns what a person gets who takes the snippet and changes nothing. */
function expand(language: string, prefix: string): string {
  const defaults = new Map<string, string>();
  const body = find(language, prefix).body.join("\n");
  // A place may come before the one that names its default.
  for (const [, stop = "", text = ""] of body.matchAll(/(?<!\\)\$\{(\d+):([^}]*)\}/g)) defaults.set(stop, text);
  return body.replace(/\\([\\$}])|\$(?:\{(\d+)(?::[^}]*)?\})?/g, (_whole, escaped?: string, stop?: string) => {
    if (escaped !== undefined) return escaped;
    // An editor would take `${AWS::Partition}` for a variable of its own.
    assert.ok(stop !== undefined, "a $ of the template is not escaped");
    return defaults.get(stop) ?? "";
  });
}

/** Returns a template that is the snippet, or, where the snippet is a part of one, the base with that part by the snippet. */
function template(language: string, prefix: string): string {
  const text = expand(language, prefix);
  if (/^\{|^Resources:/m.test(text)) return text;
  if (language === "json") {
    const whole = JSON.parse(expand(language, "lambda-nat-vpc"));
    Object.assign(whole.Resources, JSON.parse(`{${text}}`));
    return JSON.stringify(whole, null, 2);
  }
  const ids = [...text.matchAll(/^(\w+):/gm)].map(([, id]) => id);
  const blocks = base.split(/\n\n(?=\S| {2}\S)/).filter((block) => !ids.some((id) => block.includes(`  ${id}:\n`)));
  const outputs = blocks.pop();
  return [...blocks, text.replace(/^(?=.)/gm, "  "), outputs].join("\n\n");
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
