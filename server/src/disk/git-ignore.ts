/** What git leaves alone: the `.gitignore` files from the repository's root down to a folder. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import ignore, { type Ignore } from "ignore";

/** The rules that hold in one folder. */
export interface GitIgnore {
  /** The folder that the rules' paths are relative to. */
  readonly root: string;
  readonly rules: Ignore;
}

/**
 * Returns the rules that hold where a walk begins. Who names a folder wants to see into it, so where it
 * lies in an ignored one, the rules from above that one do not count.
 */
export async function gitIgnoreAt(folder: string): Promise<GitIgnore> {
  const start = path.resolve(folder);
  let at = (await workTreeOf(start)) ?? start;
  let git = await enter({ root: at, rules: noRules() }, at);
  for (const step of path.relative(at, start).split(path.sep)) {
    if (step === "") continue;
    at = path.join(at, step);
    git = await enter(isIgnored(git, at, true) ? { root: at, rules: noRules() } : git, at);
  }
  return git;
}

/** Returns the rules that hold in a folder, where these hold in the one above: its own come last and win. */
export async function enter(git: GitIgnore, folder: string): Promise<GitIgnore> {
  const text = await fs.readFile(path.join(folder, ".gitignore"), "utf8").catch(() => undefined);
  if (text === undefined) return git;
  const prefix = relative(git, folder).replace(/[\\*?[\]!#\s]/g, "\\$&");
  const own = text.split(/\r?\n/).flatMap((line) => rebase(line, prefix));
  return { root: git.root, rules: noRules().add(git.rules).add(own) };
}

/** Tells whether git leaves a file or folder alone, if those above it are not left alone. */
export function isIgnored(git: GitIgnore, file: string, isFolder: boolean): boolean {
  const name = relative(git, file);
  return name !== "" && git.rules.ignores(isFolder ? `${name}/` : name);
}

/** The rules of one file in the middle of a repository, written as its root would say them. */
function rebase(line: string, prefix: string): string[] {
  const [, not = "", pattern = ""] = /^(!?)(.*?)(?:(?<!\\)\s)*$/.exec(line) ?? [];
  if (prefix === "" || pattern === "" || line.startsWith("#")) return [line];
  // A slash before its end ties a pattern to its own folder.
  const tied = pattern.slice(0, -1).includes("/");
  return [`${not}/${prefix}/${tied ? pattern.replace(/^\//, "") : `**/${pattern}`}`];
}

/** Returns the nearest folder, this one or above, that holds a repository. */
export async function workTreeOf(folder: string): Promise<string | undefined> {
  const found = await fs.stat(path.join(folder, ".git")).catch(() => undefined);
  if (found !== undefined) return folder;
  const above = path.dirname(folder);
  return above === folder ? undefined : workTreeOf(above);
}

function relative({ root }: GitIgnore, file: string): string {
  return path.relative(root, path.resolve(file)).split(path.sep).join("/");
}

/** Git compares names as most file systems of the platform do. */
function noRules(): Ignore {
  return ignore({ ignorecase: process.platform === "win32" || process.platform === "darwin" });
}
