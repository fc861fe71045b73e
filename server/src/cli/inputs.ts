/** What the arguments of `check` mean as files: files, folders, globs and standard input. */
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { gitIgnoreAt } from "../disk/git-ignore";
import { pathOfUri } from "../disk/templates";
import { isFile, isTemplateName, reason, slashes, walk } from "../disk/walk";
import { globMatcher, scanGlob } from "../globs";
import { type Message, message } from "../message";
import { assemblyOf } from "../workspace/assembly";
import { mayNest, outlineOf } from "../workspace/outline";
import { locate } from "../workspace/workspace";

/** A text to check. `named`: the person named this very file, and wants to hear of it whatever it is. */
export interface Source {
  readonly path: string;
  readonly named: boolean;
  readonly text: string;
  /** True where a byte order mark stands before the text. */
  readonly marked: boolean;
}

/** A path or pattern that gave nothing to check, and why, in a sentence's end (`no such file`). */
export interface Unreadable {
  readonly path: string;
  readonly unreadable: Message;
  /** True for a pattern without a match, which is no file to report on. */
  readonly pattern?: boolean;
}

/** A file that is to be checked, before it is read. */
export type Found = Pick<Source, "path" | "named">;

/**
 * Yields each file once, in the order of the arguments; where `nested` is asked for, behind a file that was named the
 * templates that it nests, as they are deployed with it. Nothing is kept of what is read for that.
 */
export async function* listed(
  arguments_: readonly string[],
  { nested = false }: { readonly nested?: boolean } = {},
): AsyncGenerator<Found | Unreadable> {
  const seen = new Set<string>();
  // A file that a folder and an argument both name is the argument's.
  const named = new Set(arguments_.map((argument) => path.resolve(argument)));
  for (const argument of arguments_) {
    for await (const found of expand(argument)) {
      if ("unreadable" in found) {
        yield found;
        continue;
      }
      const identity = found.path === "-" ? "-" : path.resolve(found.path);
      if (seen.has(identity)) continue;
      seen.add(identity);
      const file = { ...found, named: found.named || named.has(identity) };
      yield file;
      const waiting: Found[] = nested && file.named && file.path !== "-" ? [file] : [];
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        for (const child of await nestedIn(next)) {
          const place = path.resolve(child);
          if (seen.has(place) || named.has(place) || !(await isFile(child))) continue;
          seen.add(place);
          waiting.push({ path: child, named: false });
          yield { path: child, named: false };
        }
      }
    }
  }
}

/** Returns the files that a template names for its nested stacks, whether they are there or not. */
async function nestedIn(found: Found): Promise<readonly string[]> {
  const source = await read(found);
  if (source === undefined || "unreadable" in source || !mayNest(source.text)) return [];
  const uri = pathToFileURL(found.path).href;
  return (outlineOf(source.text)?.nested ?? []).flatMap(({ location }) => {
    const child = locate(uri, location);
    const place = child === undefined ? undefined : pathOfUri(child);
    return place === undefined ? [] : [asPrinted(place)];
  });
}

/** Yields what `listed` does, read one at a time. */
export async function* sources(arguments_: readonly string[]): AsyncGenerator<Source | Unreadable> {
  for await (const found of listed(arguments_)) {
    const source = "unreadable" in found ? found : await read(found);
    if (source !== undefined) yield source;
  }
}

async function* expand(argument: string): AsyncGenerator<Found | Unreadable> {
  if (argument === "-") return yield { path: "-", named: true };
  const stats = await fs.stat(argument).catch((error: unknown) => reason(error));
  if ("isDirectory" in stats) {
    if (stats.isDirectory()) yield* inOrder(argument);
    if (stats.isDirectory()) yield* unnamed(walk(argument, isTemplateName, await gitIgnoreAt(argument)));
    else yield { path: slashes(argument), named: true };
  } else if (/[*?[{]|[!@+]\(/.test(argument)) {
    yield* match(argument);
  } else {
    yield { path: slashes(argument), unreadable: stats };
  }
}

/** Yields the stacks of a cloud assembly as they would be deployed; nothing in any other folder. */
async function* inOrder(folder: string): AsyncGenerator<Found> {
  const manifest = await fs.readFile(path.join(folder, "manifest.json"), "utf8").catch(() => "");
  const { templates, folders } = assemblyOf(manifest) ?? { templates: [], folders: [] };
  for (const name of templates) {
    const file = path.join(folder, name);
    if (await fs.stat(file).catch(() => undefined)) yield { path: slashes(file), named: false };
  }
  for (const name of folders) yield* inOrder(path.join(folder, name));
}

/** What a folder or pattern brings along, nobody has named. */
async function* unnamed(files: ReturnType<typeof walk>): AsyncGenerator<Found | Unreadable> {
  for await (const found of files) yield "unreadable" in found ? found : { path: found.path, named: false };
}

function isFolder(folder: string): Promise<boolean> {
  return fs.stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** Yields what a glob matches, from the folder on that it names in full. */
async function* match(pattern: string): AsyncGenerator<Found | Unreadable> {
  const { base, glob } = scanGlob(slashes(pattern));
  const folder = base === "" ? "." : base;
  const matches = globMatcher(glob, { dot: true });
  let none = true;
  if (await isFolder(folder)) {
    for await (const found of unnamed(walk(folder, (file) => matches(slashes(path.relative(folder, file)))))) {
      none = false;
      yield found;
    }
  }
  if (none) yield { path: pattern, unreadable: message("no file matches this pattern"), pattern: true };
}

/** Reads a file; undefined for what is no text and nobody has named: of a folder only templates are reported. */
export async function read(found: Found): Promise<Source | Unreadable | undefined> {
  const { path: file, named } = found;
  const bytes = await (file === "-" ? readInput() : fs.readFile(file)).catch((error: unknown) => reason(error));
  if (!Buffer.isBuffer(bytes)) return { path: file, unreadable: bytes };
  const text = decode(bytes);
  if (text !== undefined) return { path: file, named, text, marked: bytes.subarray(0, 3).toString("hex") === "efbbbf" };
  return named ? { path: file, unreadable: notText(bytes) } : undefined;
}

let input: Promise<Buffer> | undefined;

/** It can be read once, and is wanted twice where an account is asked before the check. */
function readInput(): Promise<Buffer> {
  input ??= readAll(process.stdin);
  return input;
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Returns the text without byte order mark, or undefined when the bytes are not UTF-8 text. */
function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notText(bytes: Buffer): Message {
  const mark = bytes.subarray(0, 2).toString("hex");
  if (mark === "fffe" || mark === "feff") return message("is UTF-16 text; save it as UTF-8");
  return bytes.includes(0) ? message("is a binary file") : message("is not valid UTF-8");
}

/** Returns a path as reports print it: relative to the folder that the program runs in, where it lies below that. */
export function asPrinted(file: string): string {
  const relative = path.relative("", file);
  return slashes(relative.startsWith("..") ? file : relative);
}
