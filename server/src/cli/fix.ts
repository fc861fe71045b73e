/** What `check --fix` leaves behind: files written whole or not at all, or a patch. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { createTwoFilesPatch } from "diff";
import type { Source } from "./inputs";

/**
 * Writes a file's new text in place of the old one, with its byte order mark and its mode. The text is written
 * beside the file and moved there, so that whoever reads meanwhile gets one or the other whole; a link stays a link.
 * Throws where the folder or file cannot be written.
 */
export async function writeFixed({ path: name, marked }: Source, text: string): Promise<void> {
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
export function toPatch({ path: name, marked, text }: Source, after: string): string {
  const mark = marked ? "\ufeff" : "";
  const below = name.replace(/^\/+/, "");
  const patch = createTwoFilesPatch(`a/${below}`, `b/${below}`, mark + text, mark + after, "", "", { context: 3 });
  return patch.replace(/^=+\r?\n/, "");
}
