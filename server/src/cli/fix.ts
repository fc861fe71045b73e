/** What `check --fix` does, and leaves behind: files written whole or not at all, or a patch. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { createTwoFilesPatch } from "diff";
import { fixAll } from "../fix-all";
import { type Catalogue, message } from "../message";
import type { Problem } from "../report/sarif";
import { looksLikeTemplate, parse } from "../template/parse";
import type { Task } from "./check-source";
import type { Source } from "./inputs";
import { say } from "./sets";
import type { Siblings } from "./siblings";

export interface Fixing {
  /** Print patches and change nothing. */
  readonly dryRun: boolean;
  fail(problem: Problem): void;
  write(patch: string): Promise<void>;
  readonly spoken: Catalogue;
}

/** Returns a function that makes the safe fixes of one file, or prints them as a patch; it returns the source as it is then. */
export function fixer(
  { dryRun, fail, write, spoken }: Fixing,
  around: Siblings | undefined,
): (source: Source, task: Task) => Promise<Source> {
  return async (source, { account: _, ...task }) => {
    const { path: file, text } = source;
    if (!looksLikeTemplate(text)) return source;
    const library = await around?.library(file, text);
    const { text: after, made } = fixAll(parse(text), { ...task, library });
    if (after === text) return source;
    if (dryRun) {
      await write(toPatch(source, after));
      return { ...source, text: after };
    }
    try {
      await writeFixed(source, after);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      fail({ path: file, text: message("cannot be written: {0}", why) });
      return source;
    }
    const count = made.length;
    say({ path: file, text: count === 1 ? message("{0} fix made", count) : message("{0} fixes made", count) }, spoken);
    return { ...source, text: after };
  };
}

/**
 * Writes a file's new text in place of the old one, with its byte order mark and its mode. The text is written
 * beside the file and moved there, so that whoever reads meanwhile gets one or the other whole; a link stays a link.
 * Throws where the folder or file cannot be written.
 */
async function writeFixed({ path: name, marked }: Source, text: string): Promise<void> {
  const file = await fs.realpath(name);
  const { mode } = await fs.stat(file);
  // A file that must not be written is not replaced either.
  await fs.access(file, fs.constants.W_OK);
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
  try {
    await fs.writeFile(beside, (marked ? "\ufeff" : "") + text, { mode, flag: "wx" });
    await fs.chmod(beside, mode);
    await fs.rename(beside, file);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw error;
  }
}

/** Returns a patch for `git apply` and `patch -p1` that makes a file hold the new text. */
function toPatch({ path: name, marked, text }: Source, after: string): string {
  const mark = marked ? "\ufeff" : "";
  const below = name.replace(/^\/+/, "");
  const patch = createTwoFilesPatch(`a/${below}`, `b/${below}`, mark + text, mark + after, "", "", { context: 3 });
  return patch.replace(/^=+\r?\n/, "");
}
