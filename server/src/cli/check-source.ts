/** The check of one file, wherever it runs. */
import { type LintOptions, lint } from "../lint";
import { type Destination, internet } from "../network/egress";
import type { FileReport } from "../report/file";
import type { Settings } from "../settings";
import { looksLikeTemplate, parse } from "../template/parse";
import type { Source } from "./inputs";
import type { Siblings } from "./siblings";

/** Everything that one file's check depends on but the other files. */
export interface Task extends Pick<LintOptions, "sets" | "account"> {
  readonly source: Source;
  readonly settings: Settings;
  readonly parameters: Readonly<Record<string, string>>;
  /** Absent where it is the internet. */
  readonly destination?: Destination;
}

/** Returns the report on one file; undefined for what a folder or pattern brought along that is no template. */
export async function checkSource(task: Task, around: Siblings | undefined): Promise<FileReport | undefined> {
  const { source, destination = internet, ...options } = task;
  const { path, named, text } = source;
  if (!looksLikeTemplate(text)) {
    return named ? { path, text, result: { kind: "not-a-template", functions: [], findings: [] } } : undefined;
  }
  const library = await around?.library(path, text);
  const result = lint(parse(text), { ...options, destination, library });
  if (result.kind === "not-a-template" && !named) return undefined;
  const others = around?.others(result) ?? new Map();
  return { path, text, result, others, ...(destination === internet ? {} : { destination }) };
}
