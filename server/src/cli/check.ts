/** `lambda-egress check`: reads templates, lints each, prints one report. */
import * as os from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { homepage, version } from "../../../package.json";
import { disk } from "../disk";
import { externalsOf } from "../externals";
import { fixAll } from "../fix-all";
import { folderFileName, folderFiles, type Scope, scopeOf } from "../folder-file";
import type { LintOptions } from "../lint";
import { type Catalogue, type Message, message, render } from "../message";
import { type Destination, internet } from "../network/egress";
import { type Externals, nothingAsked, together } from "../network/resolved";
import type { FileReport } from "../report/file";
import { toJson } from "../report/json";
import { toMarkdown } from "../report/markdown";
import { type Problem, toSarif } from "../report/sarif";
import { toText } from "../report/text";
import { allRules } from "../rules/index";
import type { Severity } from "../rules/rule";
import { defaultSettings } from "../settings";
import { looksLikeTemplate, parse } from "../template/parse";
import { Remembered } from "../values/remembered";
import { checkSource, type Task } from "./check-source";
import { colorsFor } from "./colors";
import { toPatch, writeFixed } from "./fix";
import { asPrinted, type Source, sources, type Unreadable } from "./inputs";
import { catalogueFor, isForPrograms, type Language } from "./language";
import { showFiles } from "./progress";
import { accountFor, type ResolveOptions } from "./resolve";
import { chosenSets, say, type WantedSets } from "./sets";
import { type Siblings, siblings } from "./siblings";
import { fewFiles, startCrew } from "./threads";

export const formats = ["text", "json", "sarif", "markdown"] as const;

export interface CheckOptions extends ResolveOptions, WantedSets {
  readonly format: (typeof formats)[number];
  /** Parameter values, `K=V` as given. */
  readonly param: Readonly<Record<string, string>>;
  readonly failOn: Severity | "never";
  /** What is to be reached, whatever a folder's file says. */
  readonly destination?: Destination;
  readonly color: boolean;
  readonly quiet?: boolean;
  /** Make every safe fix, and report what is left. */
  readonly fix?: boolean;
  /** How many threads share many files; as many as there are processors where it is absent. */
  readonly threads?: number;
  /** Print the fixes as a patch instead of writing them, and instead of the report. */
  readonly dryRun?: boolean;
  /** The language that was asked for. */
  readonly lang?: Language;
  /** False where each template is to be checked by itself. */
  readonly siblings: boolean;
}

/** More of them only wait for one another. */
const mostThreads = 8;

const ranks: Record<Severity, number> = { error: 4, warning: 3, information: 2, hint: 1 };

/**
 * Prints the report on standard output and what could not be read on standard error. Returns the exit
 * status: 0, 1 for findings at or above `failOn`, 2 where something could not be read or understood.
 */
export async function check(paths: readonly string[], options: CheckOptions): Promise<0 | 1 | 2> {
  const spoken = await catalogueFor(options.lang);
  const files: FileReport[] = [];
  const patches: string[] = [];
  const problems: Problem[] = [];
  const fail = (problem: Problem) => {
    problems.push(problem);
    say(problem, spoken);
  };
  // Folders and their files stay as they are while templates are checked, however many of them there are.
  const remembered = new Remembered(disk);
  const sets = chosenSets(remembered, options, fail, spoken);
  const filesFor = folderFiles(remembered, new Set(allRules.map(({ id }) => id)), (uri, line, text) =>
    fail({ path: asPrinted(fileURLToPath(uri)), line, text }),
  );
  const around = options.siblings ? siblings(paths) : undefined;
  const found: (Source | Unreadable)[] = [];
  for await (const source of sources(paths, { nested: options.siblings && options.fix !== true })) found.push(source);
  const asked =
    options.resolveAccount === true ? await externalsIn(found, filesFor, options, around, sets.of) : nothingAsked;
  const tell = (text: Message) => process.stderr.write(`lambda-egress: ${render(text, spoken)}\n`);
  const known = await accountFor(asked, options, tell, spoken);
  if (known.problem !== undefined) fail({ path: "AWS", text: known.problem });
  const progress = showFiles(found.length, spoken);
  const threads = options.threads ?? Math.min(os.availableParallelism(), mostThreads);
  const isPlain = options.fix !== true && (options.paramSet ?? options.paramFile ?? known.account) === undefined;
  const crew =
    found.length > fewFiles && threads > 1 && isPlain
      ? startCrew(threads, { paths: options.siblings ? paths : undefined, lang: options.lang }, fail)
      : undefined;
  /** One bad file never hides the findings of another. */
  const broken = (path: string, error: unknown): FileReport => {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const unreadable = message("internal error: {0}", why);
    fail({ path, text: unreadable });
    return { path, unreadable };
  };
  const watched = (path: string, report: Promise<FileReport | undefined>): Promise<FileReport | undefined> =>
    report.catch((error: unknown) => broken(path, error)).finally(progress.done);
  const reports: (FileReport | undefined | Promise<FileReport | undefined>)[] = [];
  for (const source of found) {
    const { path } = source;
    if ("unreadable" in source) {
      fail({ path, text: source.unreadable });
      if (source.pattern !== true) reports.push(source);
      continue;
    }
    try {
      // Standard input counts as a file of the folder that the program runs in.
      const uri = pathToFileURL(path).href;
      const scope = scopeOf(uri, { settings: defaultSettings, ignored: false }, filesFor(uri));
      if (scope.ignored && path !== "-") {
        if (source.named) say({ path, text: message("left alone, as {0} says", folderFileName) }, spoken);
        continue;
      }
      const given = { sets: sets.of(path, scope), account: known.account };
      const fixed =
        options.fix === true ? await fix(source, scope, options, given, around, patches, fail, spoken) : source;
      const task = toTask(fixed, scope, options, given);
      reports.push(watched(path, crew === undefined ? checkSource(task, around) : crew.check(task, scope)));
      if (crew === undefined) await reports.at(-1);
    } catch (error) {
      reports.push(broken(path, error));
    }
  }
  for (const report of await Promise.all(reports)) if (report !== undefined) files.push(report);
  progress.end();
  await crew?.end();
  const isMisused = sets.isMisused();
  const hasFatal = files.some((file) => "result" in file && file.result.findings.some(isFatal(options.failOn)));
  const status = problems.length > 0 || isMisused ? 2 : hasFatal ? 1 : 0;
  const catalogue = await catalogueFor(options.lang, isForPrograms(options.format));
  const report = () => print(files, problems, status, options, catalogue);
  process.stdout.write(options.dryRun === true ? patches.join("") : report());
  return status;
}

/** Returns what the templates name and do not contain, without those that a folder's file leaves alone. */
async function externalsIn(
  found: readonly (Source | Unreadable)[],
  filesFor: ReturnType<typeof folderFiles>,
  { param: parameters }: CheckOptions,
  around: Siblings | undefined,
  setsOf: ReturnType<typeof chosenSets>["of"],
): Promise<Externals> {
  let all = nothingAsked;
  for (const source of found) {
    if ("unreadable" in source || !looksLikeTemplate(source.text)) continue;
    const { path, text } = source;
    const uri = pathToFileURL(path).href;
    const scope = scopeOf(uri, { settings: defaultSettings, ignored: false }, filesFor(uri));
    if (scope.ignored && path !== "-") continue;
    const library = await around?.library(path, text);
    all = together(all, externalsOf(parse(text), { parameters, library, sets: setsOf(path, scope) }));
  }
  return all;
}

/** Makes the safe fixes of one file, or notes them as a patch; returns the source as it is then. */
async function fix(
  source: Source,
  { settings }: Scope,
  options: CheckOptions,
  given: Pick<LintOptions, "sets" | "account">,
  around: Siblings | undefined,
  patches: string[],
  fail: (problem: Problem) => void,
  spoken: Catalogue,
): Promise<Source> {
  const { path, text } = source;
  if (!looksLikeTemplate(text)) return source;
  const { param, destination = settings.destination } = options;
  const library = await around?.library(path, text);
  const { sets } = given;
  const { text: after, made } = fixAll(parse(text), { settings, parameters: param, destination, library, sets });
  if (after === text) return source;
  if (options.dryRun === true) {
    patches.push(toPatch(source, after));
    return { ...source, text: after };
  }
  try {
    await writeFixed(source, after);
  } catch (error) {
    fail({ path, text: message("cannot be written: {0}", error instanceof Error ? error.message : String(error)) });
    return source;
  }
  const count = made.length;
  say({ path, text: count === 1 ? message("{0} fix made", count) : message("{0} fixes made", count) }, spoken);
  return { ...source, text: after };
}

function toTask(
  source: Source,
  { settings }: Scope,
  { param: parameters, destination = settings.destination }: CheckOptions,
  given: Pick<LintOptions, "sets" | "account">,
): Task {
  return { source, settings, parameters, ...(destination === internet ? {} : { destination }), ...given };
}

function print(
  files: readonly FileReport[],
  problems: readonly Problem[],
  exitCode: number,
  { format, color, quiet = false }: CheckOptions,
  catalogue: Catalogue,
): string {
  switch (format) {
    case "json":
      return toJson(files, catalogue);
    case "sarif":
      return toSarif(files, { version, homepage, problems, exitCode, catalogue });
    case "markdown":
      return toMarkdown(files, catalogue);
    case "text":
      return toText(files, { colors: colorsFor(process.stdout, color), catalogue, quiet });
  }
}

/** Returns whether a finding is at least this severe. */
export function isFatal(failOn: Severity | "never"): (finding: { severity: Severity }) => boolean {
  return ({ severity }) => failOn !== "never" && ranks[severity] >= ranks[failOn];
}
