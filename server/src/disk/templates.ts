/** Where the other templates of a project are found on this machine. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { enter, gitIgnoreAt, isIgnored, workTreeOf } from "./git-ignore";
import { isSkipped, isTemplateName, walk } from "./walk";

/** No more files than these are looked at: a home folder is no project. */
const mostFiles = 20_000;

/** Yields the URIs of the files below a folder that may be templates, without what git ignores and links. */
export async function* templatesBelow(folder: string): AsyncGenerator<string> {
  let count = 0;
  for await (const found of walk(folder, isTemplateName, await gitIgnoreAt(folder))) {
    if (++count > mostFiles) return;
    // A link's target is looked at where it lies; seen twice it would be two templates.
    if (!("unreadable" in found) && !found.linked) yield pathToFileURL(path.resolve(found.path)).href;
  }
}

/** Tells whether `templatesBelow` would yield a file, were it there. */
export async function isTemplateBelow(folder: string, file: string): Promise<boolean> {
  const steps = path.relative(folder, file).split(path.sep);
  if (!isTemplateName(file) || steps[0] === ".." || path.isAbsolute(steps[0] ?? "")) return false;
  let git = await gitIgnoreAt(folder);
  let at = folder;
  for (const [index, step] of steps.entries()) {
    at = path.join(at, step);
    const isFolder = index < steps.length - 1;
    if (isIgnored(git, at, isFolder) || (isFolder && isSkipped(step))) return false;
    if (isFolder) git = await enter(git, at);
  }
  return true;
}

/** Returns the path that a URI names; undefined for what is not on this machine. */
export function pathOfUri(uri: string): string | undefined {
  try {
    return uri.startsWith("file:") ? fileURLToPath(uri) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Yields the URIs of the templates around a file or folder: those of its cloud assembly or git work tree, else those
 * in its folder.
 */
export async function* templatesAround(file: string): AsyncGenerator<string> {
  const start = path.resolve(file);
  const stats = await fs.stat(start).catch(() => undefined);
  const folder = stats?.isDirectory() === true ? start : path.dirname(start);
  const root = (await assemblyAround(folder)) ?? (await workTreeOf(folder)) ?? (folder === start ? folder : undefined);
  if (root !== undefined) return yield* templatesBelow(root);
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isFile() && isTemplateName(one.name))) {
    yield pathToFileURL(path.join(folder, entry.name)).href;
  }
}

/** Returns the outermost assembly that a folder belongs to: the stages of one lie within it, each with its own manifest. */
async function assemblyAround(folder: string): Promise<string | undefined> {
  const found = await fs.stat(path.join(folder, "manifest.json")).catch(() => undefined);
  const isOutput = await fs.stat(path.join(folder, "cdk.out")).catch(() => undefined);
  if (found === undefined || isOutput === undefined) return undefined;
  return (await assemblyAround(path.dirname(folder))) ?? folder;
}
