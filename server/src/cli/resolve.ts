/** What `check` knows of an account: from AWS where it is told to ask, else from a file that an earlier run left. */
import * as fs from "node:fs/promises";
import { externalsOf } from "../externals";
import type { Scope } from "../folder-file";
import type { LintOptions } from "../lint";
import { type Catalogue, type Message, message } from "../message";
import { type Externals, isNothing, nothingAsked, type Resolved, together } from "../network/resolved";
import { fromResolvedData, toResolvedData } from "../network/resolved-json";
import { ageOf } from "../report/age";
import { summaryOf } from "../report/resolved";
import { looksLikeTemplate, parse } from "../template/parse";
import { adviceFor } from "./asking";
import type { Found, read, Unreadable } from "./inputs";
import { showProgress } from "./progress";
import type { Siblings } from "./siblings";

export interface ResolveOptions {
  /** Ask AWS about what the templates name and do not contain. */
  readonly resolveAccount?: boolean;
  /** A file that keeps what AWS told. */
  readonly accountCache?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly minimalPolicy?: boolean;
  /** Seconds for one call. */
  readonly timeout: number;
}

const command = "check . --resolve-account";

/** What is known of the account, if anything; `problem` where it could not be had. */
export interface Known {
  readonly account?: Resolved;
  readonly problem?: Message;
}

/** What a file is looked at with beside its own text. */
export interface Surroundings {
  scopeFor(path: string): Scope;
  setsOf(path: string, scope: Scope): LintOptions["sets"];
  readonly around: Siblings | undefined;
  /** Reads a file: whoever checks it later reads standard input in the same place. */
  readonly read: typeof read;
}

/** Returns what the templates name and do not contain, without those that a folder's file leaves alone. */
export async function externalsIn(
  files: readonly (Found | Unreadable)[],
  parameters: Readonly<Record<string, string>>,
  { scopeFor, setsOf, around, read }: Surroundings,
): Promise<Externals> {
  let all = nothingAsked;
  for (const found of files) {
    const source = "unreadable" in found ? found : await read(found);
    if (source === undefined || "unreadable" in source || !looksLikeTemplate(source.text)) continue;
    const { path, text } = source;
    const scope = scopeFor(path);
    if (scope.ignored) continue;
    const library = await around?.library(path, text);
    all = together(all, externalsOf(parse(text), { parameters, library, sets: setsOf(path, scope) }));
  }
  return all;
}

type Say = (text: Message) => void;

/** Returns what is known of the account; asks about `externals` where that is wanted. `say` hears what a person should know. */
export async function accountFor(
  externals: Externals,
  options: ResolveOptions,
  say: Say,
  spoken: Catalogue,
): Promise<Known> {
  const { accountCache: file } = options;
  if (options.resolveAccount !== true) return readAccount(file, say);
  if (isNothing(externals)) {
    say(message("these templates name nothing that an account could tell of, so AWS was not asked"));
    return {};
  }
  const known = await askAws(externals, options, say, spoken);
  if (known.account === undefined || file === undefined) return known;
  try {
    await fs.writeFile(file, `${JSON.stringify(toResolvedData(known.account))}\n`, { mode: 0o600 });
    return known;
  } catch (error) {
    return { ...known, problem: message("{0}: {1}", file, reasonOf(error)) };
  }
}

async function askAws(externals: Externals, options: ResolveOptions, say: Say, spoken: Catalogue): Promise<Known> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once("SIGINT", onInterrupt);
  const progress = showProgress(spoken);
  try {
    const { resolveExternals } = await import("../account");
    const { profile, region, endpoint, timeout } = options;
    const limits = { signal: stop.signal, timeout: timeout * 1000, watch: progress };
    const found = await resolveExternals(externals, { profile, region, endpoint, env: process.env }, limits);
    progress.end();
    if ("why" in found) {
      const [problem, ...advice] = adviceFor(found, undefined, command);
      return { problem: advice.reduce((all, line) => message("{0}; {1}", all, line), problem) };
    }
    for (const line of summaryOf(found)) say(line);
    if (found.failures.some(({ kind }) => kind === "denied")) {
      say(message("`{0}` prints what is needed", `lambda-egress ${command} --minimal-policy`));
    }
    return { account: found.resolved };
  } finally {
    progress.end();
    process.removeListener("SIGINT", onInterrupt);
  }
}

/** Returns what an earlier run kept of the account; nothing where no file is named. */
export async function readAccount(file: string | undefined, say: Say): Promise<Known> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = await fs.readFile(file, "utf8");
  } catch (error) {
    return { problem: message("{0}: {1}; --resolve-account asks AWS and writes it", file, reasonOf(error)) };
  }
  const account = accountIn(text);
  if (account === undefined) {
    return { problem: message("{0} holds nothing that this version wrote; --resolve-account asks AWS anew", file) };
  }
  const { account: number = message("unknown"), region, time } = account;
  say(message("account {0} in {1} as it was {2} ({3})", number, region, ageOf(time, new Date()), file));
  return { account };
}

function accountIn(text: string): Resolved | undefined {
  try {
    return fromResolvedData(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): Message | string {
  const { code, message: text } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? message("no such file or folder") : text;
}
