/** `lambda-egress check`: reads templates, lints each, prints one report. */
import { lint } from "../lint";
import type { FileReport } from "../report/file";
import { toJson } from "../report/json";
import { toText } from "../report/text";
import type { Severity } from "../rules/rule";
import { looksLikeTemplate, parse } from "../template/parse";
import { colorsFor } from "./colors";
import { type Source, sources } from "./inputs";

export interface CheckOptions {
  readonly format: "text" | "json";
  /** Parameter values, `K=V` as given. */
  readonly param: Readonly<Record<string, string>>;
  readonly failOn: Severity | "never";
  readonly color: boolean;
  readonly quiet?: boolean;
}

const ranks: Record<Severity, number> = { error: 4, warning: 3, information: 2, hint: 1 };

/**
 * Prints the report on standard output and what could not be read on standard error. Returns the exit
 * status: 0, 1 for findings at or above `failOn`, 2 where something could not be read.
 */
export async function check(paths: readonly string[], options: CheckOptions): Promise<0 | 1 | 2> {
  const files: FileReport[] = [];
  let failed = false;
  const fail = (path: string, why: string) => {
    failed = true;
    process.stderr.write(`lambda-egress: ${path}: ${why}\n`);
  };
  for await (const source of sources(paths)) {
    if ("unreadable" in source) {
      fail(source.path, source.unreadable);
      if (source.pattern !== true) files.push(source);
      continue;
    }
    try {
      const report = checkSource(source, options);
      if (report !== undefined) files.push(report);
    } catch (error) {
      // One bad file never hides the findings of another.
      const unreadable = `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      fail(source.path, unreadable);
      files.push({ path: source.path, unreadable });
    }
  }
  process.stdout.write(print(files, options));
  if (failed) return 2;
  return files.some((file) => "result" in file && file.result.findings.some(isFatal(options.failOn))) ? 1 : 0;
}

/** Returns the report on one file; undefined for what a folder or pattern brought along that is no template. */
function checkSource({ path, named, text }: Source, { param }: CheckOptions): FileReport | undefined {
  if (!looksLikeTemplate(text)) {
    return named ? { path, text, result: { kind: "not-a-template", functions: [], findings: [] } } : undefined;
  }
  const result = lint(parse(text), { parameters: param });
  return result.kind === "not-a-template" && !named ? undefined : { path, text, result };
}

function print(files: readonly FileReport[], { format, color, quiet = false }: CheckOptions): string {
  switch (format) {
    case "json":
      return toJson(files);
    case "text":
      return toText(files, { colors: colorsFor(process.stdout, color), quiet });
  }
}

function isFatal(failOn: Severity | "never"): (finding: { severity: Severity }) => boolean {
  return ({ severity }) => failOn !== "never" && ranks[severity] >= ranks[failOn];
}
