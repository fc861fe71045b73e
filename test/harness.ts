/** Finds the fixtures, lints them and applies their fixes; `fixtures.test.ts` and `laws.test.ts` say what must hold. */
import * as fs from "node:fs";
import * as path from "node:path";
import type { Edit } from "../server/src/edit/edit";
import { type LintResult, lint } from "../server/src/lint";
import { render } from "../server/src/message";
import type { Finding, Severity } from "../server/src/rules/rule";
import { defaultSettings, type Settings } from "../server/src/settings";
import { parse } from "../server/src/template/parse";
import { readHead, strip } from "./annotations";

export const fixtureFolder = path.join(import.meta.dirname, "fixtures");

export interface Fixture {
  /** Relative to test/fixtures, with forward slashes: `public-subnet/default-route.yaml`. */
  readonly name: string;
  readonly file: string;
  readonly language: "yaml" | "json";
  /** The file as it is, annotations and all. */
  readonly annotated: string;
  /** The template in it. */
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly settings: Settings;
  /** The file that shows the text after the fix, where there is one. */
  readonly fixed: string | undefined;
}

/** Returns all fixtures, by name. */
export function readFixtures(): Fixture[] {
  return fs
    .readdirSync(fixtureFolder, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => /\.(?:yaml|json)$/.test(name) && !/\.fixed\.\w+$/.test(name))
    .sort()
    .map(readFixture);
}

/** Returns one fixture by its name; throws where there is none. */
export function readFixture(name: string): Fixture {
  const file = path.join(fixtureFolder, name);
  const annotated = fs.readFileSync(file, "utf8");
  const language = name.endsWith(".json") ? "json" : "yaml";
  const { parameters, rules, expect } = readHead(annotated);
  const fixed = file.replace(/(\.\w+)$/, ".fixed$1");
  return {
    name,
    file,
    language,
    annotated,
    text: strip(annotated, language),
    parameters,
    settings: {
      ...defaultSettings,
      ...(expect === undefined ? {} : { expect: expect as Settings["expect"] }),
      rules: rules as Record<string, "off" | Severity>,
    },
    fixed: fs.existsSync(fixed) ? fixed : undefined,
  };
}

/** Lints a text as the fixture's head asks. */
export function lintAs({ settings, parameters }: Fixture, text: string): LintResult {
  return lint(parse(text), { settings, parameters });
}

/** Returns the text after the edits; throws when two of them touch or one lies outside the text. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  let result = "";
  let done = 0;
  for (const { span, text: replacement } of ordered) {
    if (span.file !== undefined) throw new Error(`the edit is for another file: ${span.file}`);
    if (span.start < done || span.end < span.start || span.end > text.length) {
      throw new Error(`edit ${span.start}-${span.end} overlaps another or lies outside the text`);
    }
    result += text.slice(done, span.start) + replacement;
    done = span.end;
  }
  return result + text.slice(done);
}

/** Names a finding across texts, where offsets mean nothing. */
export function nameOf({ rule, message }: Finding): string {
  return `${rule}: ${render(message)}`;
}

/** Returns the problems that `after` has and `before` has not. */
export function newProblems(before: string, after: string): string[] {
  const old = problemsOf(before);
  return problemsOf(after).filter((message) => !old.includes(message));
}

function problemsOf(text: string): string[] {
  return parse(text).problems.map(({ message }) => render(message));
}

/** Returns the rules that report more often after a change than before. */
export function newRules(before: LintResult, after: LintResult): string[] {
  const count = (result: LintResult, rule: string) => result.findings.filter((finding) => finding.rule === rule).length;
  const ids = [...new Set(after.findings.map(({ rule }) => rule))];
  return ids.filter((rule) => count(after, rule) > count(before, rule));
}
