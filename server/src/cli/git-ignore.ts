/** What git leaves alone: the `.gitignore` files from the repository's root down to a folder. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import ignore, { type Ignore } from "ignore";

/** The rules that hold in one folder. */
export interface GitIgnore {
  /** The folder that paths are relative to: the repository's, or the first one walked. */
  readonly root: string;
  readonly rules: Ignore;
}

/**
 * Returns the rules that hold where a walk begins. A folder that is ignored itself was named on purpose, so
 * that only what stands in it counts.
 */
export async function gitIgnoreAt(folder: string): Promise<GitIgnore> {
  const start = path.resolve(folder);
  const root = (await repositoryOf(start)) ?? start;
  let rules: GitIgnore = { root, rules: empty() };
  for (const step of path.relative(root, start).split(path.sep).filter((name) => name !== "")) {
    rules = await within(rules, path.join(rules.root, ...stepsTo(rules, start, step)));
  }
  return rules;
}
