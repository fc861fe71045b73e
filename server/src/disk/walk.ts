/** Files below a folder of this machine, in a fixed order. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { type Message, message } from "../message";
import { enter, type GitIgnore, isIgnored } from "./git-ignore";

/** Folders that hold other people's templates, or templates made from those one checks. */
const skipped = new Set(["node_modules", ".git", ".aws-sam", "cdk.out"]);

export interface Walked {
  readonly path: string;
  /** It is a link to a file. */
  readonly linked: boolean;
}

/**
 * Yields the wanted files below a folder, without what `git` ignores; links to folders are not followed,
 * as they may lead in circles.
 */
export async function* walk(
  folder: string,
  wanted: (file: string) => boolean,
  git?: GitIgnore,
): AsyncGenerator<Walked | { readonly path: string; readonly unreadable: Message }> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: unknown) => reason(error));
  if (!Array.isArray(entries)) return yield { path: slashes(folder), unreadable: entries };
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (git !== undefined && isIgnored(git, file, entry.isDirectory())) continue;
    if (entry.isDirectory()) {
      if (!isSkipped(entry.name)) yield* walk(file, wanted, git && (await enter(git, file)));
    } else if (wanted(file) && (entry.isFile() || (await isFile(file)))) {
      yield { path: slashes(file), linked: !entry.isFile() };
    }
  }
}

/** Tells whether a folder is left out by its name, wherever it lies. */
export function isSkipped(folder: string): boolean {
  return skipped.has(folder);
}

/** Tells by its name whether a file may be a template. */
export function isTemplateName(file: string): boolean {
  return /\.(?:ya?ml|json|template|cfn)$/i.test(file);
}

/** Tells whether there is a file, or a link to one. */
export function isFile(file: string): Promise<boolean> {
  return fs.stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** Returns why the file system refused, in a sentence's end. */
export function reason(error: unknown): Message {
  const { code, message: why } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return message("no such file or folder");
    case "EACCES":
    case "EPERM":
      return message("permission denied");
    default:
      return message("{0}", why);
  }
}

/** Returns a path with the slashes that reports and patterns have. */
export function slashes(file: string): string {
  return path.sep === "\\" ? file.replaceAll("\\", "/") : file;
}
