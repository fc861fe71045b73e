/** `lambda-egress check`: lists files, checks each when its turn comes, prints one report. */
import { once } from "node:events";
import * as os from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { disk } from "../disk";
import { folderFileName, folderFiles, type Scope, scopeOf } from "../folder-file";
import { type Catalogue, type Message, message, render } from "../message";
import { type Destination, internet } from "../network/egress";
import { nothingAsked } from "../network/resolved";
import type { FileReport } from "../report/file";
import type { Problem } from "../report/sarif";
import { allRules } from "../rules/index";
import type { Severity } from "../rules/rule";
import { defaultSettings } from "../settings";
import { Remembered } from "../values/remembered";
import { checkFile, type Outcome, type Task } from "./check-source";
import { colorsFor } from "./colors";
import { asPrinted, type Found, listed, read, type Source, type Unreadable } from "./inputs";
import { catalogueFor, isForPrograms, type Language } from "./language";
import { type Page, pageOf, type Style } from "./page";
import { printIn } from "./print";
import type { Known, ResolveOptions, Surroundings } from "./resolve";
import { chosenSets, type Heard, say, type WantedSets } from "./sets";
import { siblings } from "./siblings";
import { type Crew, startCrew } from "./threads";

export interface CheckOptions extends ResolveOptions, WantedSets {
  readonly format: Style["format"];
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

/** A thread starts in the time that so many small files take. */
const fewFiles = 60;

/** So many files may be done before the one whose turn it is: their pages wait in memory. */
const lookAhead = 128;

const ranks: Record<Severity, number> = { error: 4, warning: 3, information: 2, hint: 1 };

/**
 * Prints the report on standard output, each file's part when it and those before it are done, and what could not be
 * read on standard error. Returns the exit status: 0, 1 for findings at or above `failOn`, 2 where something could not
 * be read or understood.
 */
export async function check(paths: readonly string[], options: CheckOptions): Promise<0 | 1 | 2> {
  const { format, quiet = false, lang } = options;
  const spoken = await catalogueFor(lang);
  const catalogue = await catalogueFor(lang, isForPrograms(format));
  const style: Style = { format, quiet, isColored: colorsFor(process.stdout, options.color).isColorSupported };
  const problems: Problem[] = [];
  const hear = ({ problem, fatal }: Heard): void => {
    if (fatal) problems.push(problem);
    say(problem, spoken);
  };
  const fail = (problem: Problem): void => hear({ problem, fatal: true });
  // Folders and their files stay as they are while templates are checked, however many of them there are.
  const remembered = new Remembered(disk);
  const sets = chosenSets(remembered, options, hear);
  const filesFor = folderFiles(remembered, new Set(allRules.map(({ id }) => id)), (uri, line, text) =>
    fail({ path: asPrinted(fileURLToPath(uri)), line, text }),
  );
  const scopeFor = (path: string): Scope => {
    // Standard input counts as a file of the folder that the program runs in.
    const uri = pathToFileURL(path).href;
    const scope = scopeOf(uri, { settings: defaultSettings, ignored: false }, filesFor(uri));
    return path === "-" ? { ...scope, ignored: false } : scope;
  };
  const around = options.siblings ? siblings(paths) : undefined;
  const files: (Found | Unreadable)[] = [];
  const nested = options.siblings && options.fix !== true;
  for await (const found of listed(paths, { nested })) files.push(found);
  const { account, problem } = await accountOf(files, options, { scopeFor, setsOf: sets.of, around, read }, spoken);
  if (problem !== undefined) fail({ path: "AWS", text: problem });

  const crew = files.length > fewFiles && account === undefined ? await crewFor(paths, options, style) : undefined;
  const isWatched = files.length > 1 && process.stderr.isTTY === true;
  const progress = isWatched ? (await import("./progress")).showFiles(files.length, spoken) : undefined;
  const write = async (text: string): Promise<void> => {
    if (text === "") return;
    progress?.clear();
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  };
  const fixed =
    options.fix === true
      ? (await import("./seldom")).seldom.fixer({ dryRun: options.dryRun === true, fail, write, spoken }, around)
      : undefined;
  const toPage = (report: FileReport): Page => pageOf(report, style, catalogue);
  const look = async (found: Found): Promise<Outcome> => {
    const { path, named } = found;
    const scope = scopeFor(path);
    if (scope.ignored) {
      const problem = { path, text: message("left alone, as {0} says", folderFileName) };
      return { heard: named ? [{ problem, fatal: false }] : [] };
    }
    const task = toTask(scope, options, { sets: sets.of(path, scope), account });
    // Standard input is this thread's.
    if (crew !== undefined && path !== "-") return crew.check(found, task, scope);
    const prepare = fixed && ((source: Source) => fixed(source, task));
    return { ...(await checkFile(found, task, around, toPage, prepare)), heard: [] };
  };
  /** One bad file never hides the findings of another. */
  const outcomeOf = (found: Found | Unreadable): Promise<Outcome> => {
    const { path } = found;
    const unread = (unreadable: Message): Outcome => ({ page: toPage({ path, unreadable }), unreadable, heard: [] });
    if ("unreadable" in found) {
      // A pattern without a match is no file to report on.
      const { unreadable } = found;
      return Promise.resolve(found.pattern === true ? { unreadable, heard: [] } : unread(unreadable));
    }
    const broken = (error: unknown) => unread(message("internal error: {0}", stackOf(error)));
    return look(found).catch(broken).finally(progress?.done);
  };

  const print = options.dryRun === true ? undefined : printIn(style, catalogue);
  const told = new Set<string>();
  const isGrave = isFatal(options.failOn);
  let hasFatal = false;
  const show = async (path: string, { page, unreadable, heard }: Outcome): Promise<void> => {
    for (const one of heard) {
      // Threads that meet the same file say the same of it.
      const key = JSON.stringify(one);
      if (!told.has(key)) hear(one);
      told.add(key);
    }
    if (unreadable !== undefined) fail({ path, text: unreadable });
    hasFatal ||= page?.counted?.result.findings.some(isGrave) === true;
    if (page !== undefined && print !== undefined) await write(print.add(page));
  };
  for await (const [{ path }, outcome] of inTurn(files, outcomeOf, crew === undefined ? 1 : lookAhead)) {
    await show(path, outcome);
  }
  progress?.end();
  await crew?.end();
  const misuse = sets.misuse();
  if (misuse !== undefined) say(misuse, spoken);
  const status = problems.length > 0 || misuse !== undefined ? 2 : hasFatal ? 1 : 0;
  await write(print?.end(problems, status) ?? "");
  return status;
}

/** Yields what became of each file, in the order of the files; so many are at work or wait for their turn. */
async function* inTurn<File, Result>(
  files: readonly File[],
  look: (file: File) => Promise<Result>,
  ahead: number,
): AsyncGenerator<readonly [File, Result]> {
  const results: Promise<Result>[] = [];
  for (const file of files.slice(0, ahead)) results.push(look(file));
  for (const [index, file] of files.entries()) {
    const result = await results.shift();
    if (result !== undefined) yield [file, result];
    const next = files[index + ahead];
    if (next !== undefined) results.push(look(next));
  }
}

/** Returns what is known of the account. Most checks ask none, and load nothing that could. */
async function accountOf(
  files: readonly (Found | Unreadable)[],
  options: CheckOptions,
  given: Surroundings,
  spoken: Catalogue,
): Promise<Known> {
  if (options.resolveAccount !== true && options.accountCache === undefined) return {};
  const { seldom } = await import("./seldom");
  const asked = options.resolveAccount === true ? await seldom.externalsIn(files, options.param, given) : nothingAsked;
  const tell = (text: Message) => process.stderr.write(`lambda-egress: ${render(text, spoken)}\n`);
  return seldom.accountFor(asked, options, tell, spoken);
}

/** Starts threads, as many as there is work for; undefined where one is enough, or where files are changed in turn. */
async function crewFor(paths: readonly string[], options: CheckOptions, style: Style): Promise<Crew | undefined> {
  const { fix, paramSet, paramFile, siblings: wanted, lang } = options;
  const threads = options.threads ?? Math.min(os.availableParallelism(), mostThreads);
  if (threads < 2 || fix === true || (paramSet ?? paramFile) !== undefined) return undefined;
  return startCrew(threads, { paths: wanted ? paths : undefined, style, lang });
}

function toTask(
  { settings }: Scope,
  { param: parameters, destination = settings.destination }: CheckOptions,
  given: Pick<Task, "sets" | "account">,
): Task {
  return { settings, parameters, ...(destination === internet ? {} : { destination }), ...given };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Returns whether a finding is at least this severe. */
export function isFatal(failOn: Severity | "never"): (finding: { readonly severity: Severity }) => boolean {
  return ({ severity }) => failOn !== "never" && ranks[severity] >= ranks[failOn];
}
