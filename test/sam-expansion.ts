/** Compares what we make of SAM templates with what AWS's own translator makes of them. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { type LintResult, lint } from "../server/src/lint";
import { parse } from "../server/src/template/parse";

export interface Comparison {
  readonly file: string;
  /** Verdict and role of each function, unexpanded and expanded; equal where all is well. */
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** Why the translator refuses the template, where it does. */
  readonly refused: string | undefined;
}

/** Tells whether Python and the translator are on this machine. */
export function hasTranslator(): boolean {
  return spawnSync("python3", ["-c", "import samtranslator"]).status === 0;
}

/** Returns the comparison for each SAM template; throws where the translator cannot be run. */
export function compareWithTranslator(files: readonly string[]): readonly Comparison[] {
  const script = path.join(import.meta.dirname, "sam_translate.py");
  const run = spawnSync("python3", [script], { input: JSON.stringify(files), encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status !== 0) throw new Error(`the translator could not be run: ${run.stderr}`);
  const expanded = JSON.parse(run.stdout) as Record<string, { readonly error?: string }>;
  return files.map((file) => {
    const theirs = expanded[file];
    const text = fs.readFileSync(file, "utf8");
    return {
      file,
      ours: rows(lint(parse(text))),
      theirs: rows(lint(parse(JSON.stringify(theirs, undefined, 1)))),
      refused: theirs?.error,
    };
  });
}

function rows(result: LintResult): readonly string[] {
  return result.functions
    .map(({ id, verdict, role, subnets }) => {
      const paths = subnets.map((subnet) => `${subnet.verdict}/${subnet.ipv6}`).join(", ");
      return `${id}: ${verdict}, role ${role ?? "none"} (${paths})`;
    })
    .sort();
}
