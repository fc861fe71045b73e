/**
 * `.lambda-egress.yaml`: settings for a folder and all below it, written once for the editor and the command line.
 *
 * What stands nearest to a template decides, for `rules` rule by rule; the globs of `ignore` add up, each
 * speaking of what lies below the folder of its own file.
 */
import { readFolderFile } from "./folder-text";
import { english, type Message, message, render } from "./message";
import { pathMatcher, type Settings } from "./settings";

export const folderFileName = ".lambda-egress.yaml";

/** How files are seen from here: the entries hand it in. Files and folders are named by URIs. */
export interface FileAccess {
  /** Returns a file's text, undefined where there is no such file, and a message that says why it cannot be read. */
  read(uri: string): string | Message | undefined;
  /** Tells whether a file or folder is there. */
  exists(uri: string): boolean;
  /** Returns the names of what is in a folder, those of folders with a slash at the end; nothing where there is none. */
  list(uri: string): readonly string[];
}

/** What one file says of the folder it stands in. */
export interface FolderFile {
  /** URI of the folder, with a slash at its end. */
  readonly folder: string;
  readonly given: Partial<Settings>;
}

/** What holds for one document. */
export interface Scope {
  readonly settings: Settings;
  /** The document is left alone. */
  readonly ignored: boolean;
  /** The files of parameter values that are named for it, and the folder that the globs speak of. */
  readonly parameterFiles?: { readonly folder: string; readonly globs: readonly string[] } | undefined;
}

/** Hears of what is wrong in a folder's file; the line is counted from one. */
export type Complain = (uri: string, line: number, text: Message) => void;

/**
 * Returns a function that finds the folder files for a document, the nearest first: up to the folder
 * `root` (percent signs resolved) or, without one, to the folder of the git repository or the top of the file system.
 *
 * Files are read anew at each call, so that nothing is ever out of date; they are parsed, and complained
 * about, only when their text is another one than before.
 */
export function folderFiles(
  access: FileAccess,
  ruleIds: ReadonlySet<string>,
  complain: Complain,
): (uri: string, root?: string) => readonly FolderFile[] {
  const known = new Map<string, { readonly text: string; readonly given: Partial<Settings> }>();
  const readOne = (uri: string): Partial<Settings> | undefined => {
    const text = access.read(uri);
    if (text === undefined) return undefined;
    if (typeof text === "object") {
      const why = render(text, english);
      if (known.get(uri)?.text !== why) complain(uri, 1, message("The file is ignored: {0}.", text));
      known.set(uri, { text: why, given: {} });
      return undefined;
    }
    const before = known.get(uri);
    if (before?.text === text) return before.given;
    const { given, complaints } = readFolderFile(text, ruleIds);
    known.set(uri, { text, given });
    for (const { line, text: what } of complaints) complain(uri, line, what);
    return given;
  };
  return (uri, root) => {
    const found: FolderFile[] = [];
    for (const folder of scopeFolders(access, uri, root)) {
      const given = readOne(folder + folderFileName);
      if (given !== undefined) found.push({ folder, given });
    }
    return found;
  };
}

/** Yields the folders whose files may speak of a document, the nearest first; `root` as for `folderFiles`. */
export function* scopeFolders(access: FileAccess, uri: string, root: string | undefined): Iterable<string> {
  for (const folder of foldersAbove(uri)) {
    yield folder;
    if (root === undefined ? access.exists(`${folder}.git`) : decode(folder) === root) return;
  }
}

/** Returns what holds for a document where `base` holds without folder files. */
export function scopeOf(uri: string, base: Scope, files: readonly FolderFile[]): Scope {
  const path = decode(uri);
  let { settings } = base;
  for (const { given } of files.toReversed()) {
    settings = { ...settings, ...given, rules: { ...settings.rules, ...given.rules } };
  }
  const ignored = files.some(({ folder, given }) => pathMatcher(given.ignore ?? [])(path.slice(decode(folder).length)));
  const named = files.find(({ given }) => given.parameterFiles !== undefined);
  const globs = named?.given.parameterFiles;
  const parameterFiles =
    named === undefined || globs === undefined ? base.parameterFiles : { folder: named.folder, globs };
  return { settings, ignored: base.ignored || ignored, parameterFiles };
}

/** Clients differ in what they percent-encode (`c%3A` and `c:`), so URIs are compared without it. */
export function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

/** Yields the folders that a document lies in, the innermost first; none for what is in no folder, as `untitled:a`. */
function* foldersAbove(uri: string): Iterable<string> {
  const top = /^[\w+.-]+:\/\/[^/]*\//.exec(uri)?.[0];
  if (top === undefined) return;
  for (let end = uri.lastIndexOf("/"); end >= top.length - 1; end = uri.lastIndexOf("/", end - 1)) {
    yield uri.slice(0, end + 1);
  }
}
