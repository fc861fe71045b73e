/**
 * Templates that belong together: every folder of `fixtures-linked` is a workspace, and each of its files says what
 * lint says of it with the others at hand. `UPDATE=1` writes that down.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import type { FileAccess } from "../server/src/folder-file";
import { type LintResult, lint, type Memories, meaningOf } from "../server/src/lint";
import { parse } from "../server/src/template/parse";
import { Workspace } from "../server/src/workspace/workspace";
import { annotate, outgoing, readHead, strip } from "./annotations";

const update = process.env.UPDATE === "1";
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const cuts = 6;
const folder = path.join(import.meta.dirname, "fixtures-linked");

interface File {
  readonly uri: string;
  readonly name: string;
  readonly language: "yaml" | "json";
  readonly annotated: string;
  readonly text: string;
}

describe("linked fixtures", () => {
  const names = fs.readdirSync(folder).sort();

  it("are there", () => assert.notEqual(names.length, 0));

  for (const name of names) {
    it(name, () => {
      const files = readFiles(path.join(folder, name));
      const workspace = workspaceOf(files);
      const results = files.map((file) => ({ file, result: check(file, workspace) }));
      const notes = results.flatMap(({ file, result }) => outgoing(file.name, result));
      for (const { file, result } of results) {
        const incoming = notes.filter((note) => note.file === file.uri);
        const expected = annotate(file.annotated, file.language, result, incoming);
        if (update) fs.writeFileSync(path.join(folder, name, file.name), expected);
        else assert.equal(file.annotated, expected, file.name);
        for (const { fixes, span } of result.findings) {
          assert.equal(span.file, undefined, "a finding lies in the file that it is about");
          for (const { span, text } of fixes.flatMap(({ edits }) => edits)) {
            assert.ok(span.file === undefined && !/\w#\w/.test(text), `no fix reaches into another file: ${text}`);
          }
        }
      }
    });
  }
});

describe("linked lint after lint", function () {
  this.timeout(60_000);
  let kept = 0;

  for (const name of fs.readdirSync(folder).sort()) {
    it(`${name}: an edit of any file is seen from any other, as a fresh lint sees it`, () => {
      const files = readFiles(path.join(folder, name));
      const workspace = workspaceOf(files);
      const documents = new Map(files.map(({ uri, text }) => [uri, parse(text)]));
      const memories = new Map<string, Memories | undefined>();
      for (const edited of files) {
        // A route, a subnet, an output or a function goes, then comes back.
        for (const text of [edited.text.replace(/^ {2}(?:Out|A|UsesA|Worker):\n(?: {4}.*\n)+/m, ""), edited.text]) {
          workspace.put(edited.uri, text);
          for (const file of files) {
            const { parameters } = readHead(file.annotated);
            const own = file === edited ? text : file.text;
            const document = parse(own, documents.get(file.uri));
            documents.set(file.uri, document);
            const before = memories.get(file.uri);
            const options = { parameters, library: workspace.library(file.uri) };
            const meaning = meaningOf(document, { ...options, memory: before });
            memories.set(file.uri, meaning?.memory);
            const now = lint(document, options, meaning);
            const fresh = lint(parse(own), { parameters, library: freshly(files, edited, text).library(file.uri) });
            assert.equal(told(now), told(fresh), `${file.name} after an edit of ${edited.name}`);
            for (const [id, { analysis }] of meaning?.memory.get("")?.analyses ?? []) {
              if (before?.get("")?.analyses.get(id)?.analysis === analysis) kept++;
            }
          }
        }
      }
    });
  }

  it("keeps what no edit touched", () => assert.notEqual(kept, 0));
});

describe("the users of a template", () => {
  for (const name of fs.readdirSync(folder).sort()) {
    it(`${name}: whoever has something from a file is among its users`, () => {
      const files = readFiles(path.join(folder, name));
      const workspace = workspaceOf(files);
      for (const file of files) {
        const { functions, others = [] } = check(file, workspace);
        for (const other of files) {
          const { uri } = other;
          const isTemplate = other !== file && check(other, workspace).kind !== "not-a-template";
          const isUser = functions.length > 0 && isTemplate && others.includes(uri);
          if (isUser) assert.ok(workspace.usersOf(uri).includes(file.uri), `${file.uri} of ${uri}`);
        }
      }
    });
  }
});

describe("a chain of imports", () => {
  it("is followed for a few steps, and says where it was left", () => {
    const relay = (from: string, to: string) =>
      `AWSTemplateFormatVersion: "2010-09-09"\nOutputs:\n  S: {Value: !ImportValue ${from}, Export: {Name: ${to}}}\n`;
    const app = fs.readFileSync(path.join(folder, "import-literal/wrong.yaml"), "utf8").replace("core-public", "s1");
    const texts = new Map([["file:///project/app.yaml", app]]);
    for (let step = 1; step < 12; step++) texts.set(`file:///project/r${step}.yaml`, relay(`s${step + 1}`, `s${step}`));
    const workspace = new Workspace({ read: (uri) => texts.get(uri) });
    for (const uri of texts.keys()) workspace.refresh(uri);
    const { functions, others } = lint(parse(app), { library: workspace.library("file:///project/app.yaml") });
    assert.equal(functions[0]?.verdict, "unknown");
    assert.equal(others?.length, 6);
  });
});

describe(`linked lint of broken files (SEED=${seed})`, function () {
  this.timeout(60_000);

  for (const name of fs.readdirSync(folder).sort()) {
    it(`${name}: any prefix of any file is linted, with every place inside its text`, () => {
      const files = readFiles(path.join(folder, name));
      const workspace = workspaceOf(files);
      for (const broken of files) {
        for (let cut = 0; cut < cuts; cut++) {
          const prefix = broken.text.slice(0, Math.floor((broken.text.length * (cut + (seed % 97) / 97)) / cuts));
          workspace.put(broken.uri, prefix);
          const texts = new Map(files.map((file) => [file.uri, file === broken ? prefix : file.text]));
          for (const file of files) {
            const result = check({ ...file, text: texts.get(file.uri) ?? "" }, workspace);
            const hops = result.functions.flatMap(({ subnets }) => subnets.flatMap((subnet) => subnet.hops));
            const spans = [...result.findings.flatMap(({ span, notes }) => [span, ...notes.map((note) => note.span)])];
            for (const span of [...spans, ...hops.flatMap((hop) => hop.span ?? [])]) {
              const text = texts.get(span.file ?? file.uri) ?? "";
              assert.ok(span.start <= span.end && span.end <= text.length, JSON.stringify(span));
            }
          }
        }
        workspace.put(broken.uri, broken.text);
      }
    });
  }
});

function freshly(files: readonly File[], edited: File, text: string): Workspace {
  return workspaceOf(files.map((file) => (file === edited ? { ...file, text } : file)));
}

function told({ kind, functions, findings, others }: LintResult): string {
  return JSON.stringify({ kind, functions, findings, others }, undefined, 1);
}

function check({ uri, text, annotated }: File, workspace: Workspace): LintResult {
  return lint(parse(text), { parameters: readHead(annotated).parameters, library: workspace.library(uri) });
}

function workspaceOf(files: readonly File[]): Workspace {
  const texts = new Map(files.map(({ uri, text }) => [uri, text]));
  const access: Pick<FileAccess, "read"> = { read: (uri) => texts.get(uri) };
  const workspace = new Workspace(access);
  for (const { uri } of files) workspace.refresh(uri);
  return workspace;
}

function readFiles(folder: string): File[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(?:yaml|json)$/.test(name))
    .sort()
    .map((name) => {
      const annotated = fs.readFileSync(path.join(folder, name), "utf8");
      const language = name.endsWith(".json") ? "json" : "yaml";
      const slashed = name.replaceAll("\\", "/");
      return {
        uri: `file:///project/${slashed}`,
        name: slashed,
        language,
        annotated,
        text: strip(annotated, language),
      };
    });
}
