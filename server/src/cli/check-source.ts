/** The check of one file, wherever it runs. */
import { type LintOptions, lint } from "../lint";
import type { Message } from "../message";
import { type Destination, internet } from "../network/egress";
import type { FileReport } from "../report/file";
import type { Settings } from "../settings";
import { looksLikeTemplate, parse } from "../template/parse";
import { type Found, read, type Source } from "./inputs";
import type { Page } from "./page";
import type { Heard } from "./sets";
import type { Siblings } from "./siblings";

/** Everything that one file's check depends on but the files themselves. */
export interface Task extends Pick<LintOptions, "sets" | "account"> {
  readonly settings: Settings;
  readonly parameters: Readonly<Record<string, string>>;
  /** Absent where it is the internet. */
  readonly destination?: Destination;
}

/** What became of a file. */
export interface Checked {
  /** Absent for what a folder or pattern brought along that is no template. */
  readonly page?: Page;
  /** Why it could not be read. */
  readonly unreadable?: Message;
}

/** The same, with what is to be said of other files before its page is printed. */
export interface Outcome extends Checked {
  readonly heard: readonly Heard[];
}

/** Reads a file, changes it by `prepare` where that is wanted, and checks it. */
export async function checkFile(
  found: Found,
  task: Task,
  around: Siblings | undefined,
  toPage: (report: FileReport) => Page,
  prepare: (source: Source) => Promise<Source> = async (source) => source,
): Promise<Checked> {
  const source = await read(found);
  if (source === undefined) return {};
  if ("unreadable" in source) return { page: toPage(source), unreadable: source.unreadable };
  const report = await checkSource(await prepare(source), task, around);
  return report === undefined ? {} : { page: toPage(report) };
}

async function checkSource(
  { path, named, text }: Source,
  { destination = internet, ...options }: Task,
  around: Siblings | undefined,
): Promise<FileReport | undefined> {
  if (!looksLikeTemplate(text)) {
    return named ? { path, text, result: { kind: "not-a-template", functions: [], findings: [] } } : undefined;
  }
  const library = await around?.library(path, text);
  const result = lint(parse(text), { ...options, destination, library });
  if (result.kind === "not-a-template" && !named) return undefined;
  const others = around?.others(result) ?? new Map();
  // What is worked out when it is read holds on to the whole template until then, so it is worked out here.
  return { path, text, result: { ...result }, others, ...(destination === internet ? {} : { destination }) };
}
