/** The invariants of docs/architecture.md that a machine can hold: who imports whom, and what a rule must bring. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { builtinModules } from "node:module";
import * as path from "node:path";
import { allRules, liveRules, rules, workspaceRules } from "../server/src/rules/index";
import { lintAs, readFixture } from "./harness";

const root = path.resolve(import.meta.dirname, "..");
const source = path.join(root, "server/src");

/** The flow, front to back. A module imports from its own layer or an earlier one; a folder is one layer. */
const layers = [
  "message",
  "globs",
  "texts",
  "template",
  "network",
  "edit",
  "subject",
  "unchanged",
  "scene",
  "conditional",
  "analysis",
  "evidence",
  "rules",
  "settings",
  "folder-text",
  "folder-file",
  "values",
  "disk",
  "workspace",
  "silence",
  "at-home",
  "drafts",
  "findings",
  "together",
  "lint",
  "topology",
  "fix-all",
  "externals",
  "live",
  "report",
  "importers",
  "account",
  "lsp",
  "server",
  "start",
  "cli",
];

/** Where the outside world begins: the only modules that may use `process` and what Node brings. */
const isEntry = (file: string) => /^(?:server\.ts|cli\.ts|cli\/|disk\.ts|disk\/|lsp\/connect\.ts)/.test(file);

const modules = files("server/src", /\.ts$/).map((file) => ({
  file: path.relative(source, file).replaceAll("\\", "/"),
  ...read(file),
}));
const client = files("client/src", /\.ts$/).map((file) => ({
  file: path.relative(root, file).replaceAll("\\", "/"),
  ...read(file),
}));

describe("imports", () => {
  it("sees modules and their imports", () => {
    assert.ok(modules.length > 10);
    const lint = modules.find(({ file }) => file === "lint.ts");
    assert.ok(lint?.imports.some(({ name }) => name === "./message"));
  });

  for (const { file, imports, text } of modules) {
    it(file, () => {
      const own = layerOf(file);
      assert.notEqual(layers.indexOf(own), -1, `${own} has no place in the flow: name its layer in this test`);
      for (const { name, local } of imports) {
        if (local !== undefined) {
          assert.ok(
            layers.indexOf(layerOf(local)) <= layers.indexOf(own),
            `imports ${name}, which comes later in the flow`,
          );
          assert.ok(fs.existsSync(path.join(source, local)), `imports ${name}, a folder or nothing; name the module`);
          continue;
        }
        assert.ok(!/^vscode(?:\/|$)/.test(name), "`vscode` belongs to client/ alone");
        if (/^vscode-languageserver/.test(name)) {
          assert.ok(own === "lsp" || own === "server", "LSP libraries belong to server.ts and lsp/");
        }
        if (name.startsWith("@aws-sdk/")) assert.equal(own, "live", "the AWS SDK belongs to live/");
        if (isNode(name)) assert.ok(isEntry(file), `${name} belongs to the entries`);
      }
      if (!isEntry(file)) assert.ok(!/\bprocess\./.test(text), "`process` belongs to the entries");
      assert.ok(!/^export\b[^;=(]*\bfrom "/m.test(text), "a re-export hides where a thing lives");
    });
  }

  for (const { file, imports } of client) {
    it(file, () => {
      for (const { name } of imports) {
        assert.ok(
          !name.startsWith("@aws-sdk/") && !/^vscode-languageserver(?!-types)/.test(name),
          `${name} is the server's`,
        );
      }
    });
  }
});

describe("rules", () => {
  const ruleFiles = modules.filter(
    ({ file, text }) => file.startsWith("rules/") && /\bexport const \w+: (?:Live|Workspace)?Rule = /.test(text),
  );

  it("are registered, each from the file of its id", () => {
    assert.deepEqual(allRules.map(({ id }) => `rules/${id}.ts`).sort(), ruleFiles.map(({ file }) => file).sort());
  });

  for (const { file, imports } of ruleFiles) {
    it(`${file} imports the model and no other rule`, () => {
      for (const { name, local } of imports) {
        if (local === undefined) continue;
        assert.ok(["message", "template", "network", "edit", "rules"].includes(layerOf(local)), `imports ${name}`);
        assert.ok(!ruleFiles.some((other) => other.file === local) && local !== "rules/index.ts", `imports ${name}`);
      }
    });
  }

  for (const { id, docs, summary } of allRules) {
    describe(id, () => {
      it("has an id, a summary and documentation of three parts", () => {
        assert.match(id, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
        assert.match(summary, /^[A-Z][^\n]*[^.\s]$/, "a summary is one line, capitalised, without a full stop");
        const parts = docs.split(/^## /m).map((part) => part.trim());
        const titles = ["What happens", "How to fix it", "When to silence it"];
        assert.deepEqual(
          parts.slice(1).map((part) => part.split("\n")[0]),
          titles,
        );
        for (const part of parts.slice(1)) assert.ok(part.split("\n").slice(1).join("").trim().length > 20, part);
      });

      it("has a page in either language", () => {
        for (const folder of ["docs/rules", "docs/rules/de"]) {
          assert.ok(fs.existsSync(path.join(root, folder, `${id}.md`)), folder);
        }
      });
    });
  }

  for (const { id, bad, good } of rules) {
    it(`${id} is reported in its bad example and not in its good one`, () => {
      const reports = (name: string) => {
        const fixture = readFixture(name);
        return lintAs(fixture, fixture.text).findings.some(({ rule }) => rule === id);
      };
      assert.ok(bad.startsWith(`${id}/`) && good.startsWith(`${id}/`), "examples lie in the rule's own folder");
      assert.ok(reports(bad), `${bad} does not report it`);
      assert.ok(!reports(good), `${good} reports it`);
    });
  }

  it("about what an edit does to other templates show what they say", () => {
    for (const { id, bad, good } of workspaceRules) assert.ok(bad !== "" && good !== "", id);
  });

  it("about what is deployed speak of the account", () => {
    for (const { id, group, bad, good } of liveRules) {
      assert.equal(group, "account", id);
      assert.ok(bad !== "" && good !== "", id);
    }
  });
});

describe("what is made of one text", () => {
  // V8 holds on to all of it until the whole heap is collected, see template/once.ts. The server's own is kept anyway.
  const core = files("server/src", /\.ts$/).filter((file) => !/[\\/](?:lsp|live)[\\/]/.test(file));
  for (const file of core) {
    it(`is let go of by ${path.relative(root, file)}`, () => {
      assert.doesNotMatch(fs.readFileSync(file, "utf8"), /\bnew Weak(?:Map|Set)\b|^ {4,}get \w+\(/m);
    });
  }
});

describe("files", () => {
  for (const file of ["server/src", "client/src", "scripts"].flatMap((folder) => files(folder, /\.m?ts$/))) {
    const name = path.relative(root, file);
    it(`${name} is at most 400 lines long`, () => {
      const count = fs.readFileSync(file, "utf8").split("\n").length - 1;
      assert.ok(count <= 400, `${count} lines: a reason to split`);
    });
  }
});

interface Import {
  readonly name: string;
  /** The module relative to server/src, where it is one of ours. */
  readonly local: string | undefined;
}

function read(file: string): { text: string; imports: Import[] } {
  // Without comments, so that prose about an import is none.
  const text = fs.readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found = [...text.matchAll(/^(?:import|export)\b(?:[^;"]*?\bfrom )? ?"([^"]+)"|\bimport\("([^"]+)"\)/gm)];
  const imports = found.map(([, fixed, dynamic]) => {
    const name = fixed ?? dynamic ?? "";
    return { name, local: resolve(file, name) };
  });
  return { text, imports };
}

function resolve(from: string, name: string): string | undefined {
  if (!name.startsWith(".")) return undefined;
  const local = path.relative(source, path.resolve(path.dirname(from), name)).replaceAll("\\", "/");
  return local.startsWith("..") || local.endsWith(".json") ? undefined : `${local}.ts`;
}

function layerOf(file: string): string {
  return file.split("/")[0]?.replace(/\.ts$/, "") ?? "";
}

function isNode(name: string): boolean {
  return name.startsWith("node:") || builtinModules.includes(name);
}

function files(folder: string, pattern: RegExp): string[] {
  const all = fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" });
  return all
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => path.join(root, folder, name));
}
