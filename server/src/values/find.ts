/**
 * The parameter sets of a template, from the files that its deployments use.
 *
 * Whoever asks hands in how files are read, so that an editor can answer from memory until a file changes.
 */
import { decode, type FileAccess, folderFileName, scopeFolders } from "../folder-file";
import { globMatcher, scanGlob } from "../globs";
import { type Message, message } from "../message";
import type { Parameter } from "../template/template";
import { readParameterFile } from "./parameter-file";
import { type Assigned, type ParameterSet, type ValueComplaint, valuesFor } from "./parameter-set";
import { type Candidate, candidates, parameterFolders, setNameOf } from "./places";
import { type Environment, readSamconfig, samconfigNames } from "./samconfig";

/** Hears of what is wrong in a file. `fatal`: somebody relies on this file, so it is not a mere guess by its name. */
export type HearValues = (complaint: { uri: string; line: number; text: Message; fatal: boolean }) => void;

/** Where to look for one template's values. */
export interface Search {
  readonly uri: string;
  /** The folder to which `samconfig` files are looked for upwards; see `folderFiles`. */
  readonly root?: string | undefined;
  /** Globs of parameter files and the URI of the folder they speak of; absent to look by name. `none` looks for nothing. */
  readonly files?: { readonly folder: string; readonly globs: readonly string[] } | undefined;
  /** URIs of files that alone count, as `--param-file` names them. */
  readonly only?: readonly string[] | undefined;
}

/** No more sets than these are told of a template: each is analysed. */
const mostSets = 12;
/** A file that includes itself ends here. */
const deepest = 5;

/** Values on their way to a set: those of a file, or of one environment in it. */
interface Source {
  readonly name: string;
  readonly uri: string;
  readonly line: number;
  readonly assigned: readonly Assigned[];
  /** Where not all of it are parameters of the template, it is another's: `quiet` says so to nobody. */
  readonly strict: "loose" | "told" | "quiet";
}

/**
 * Returns a function that finds the sets of a template with these parameters: those of `samconfig` first, then
 * those of parameter files. Texts are parsed, and complained about, only when they are other ones than before.
 */
export function parameterSets(
  access: FileAccess,
  hear: HearValues,
): (search: Search, parameters: ReadonlyMap<string, Parameter>) => readonly ParameterSet[] {
  /** By file, what was said of its text as it is now. */
  const told = new Map<string, Set<string>>();

  const tell = (uri: string, line: number, text: Message, fatal: boolean): void => {
    const key = JSON.stringify([line, text]);
    const before = told.get(uri) ?? new Set();
    if (!before.has(key)) hear({ uri, line, text, fatal });
    told.set(uri, before.add(key));
  };

  /** Returns a function that gives what `parse` makes of a file; undefined where there is none, or none that can be read. */
  const reader = <T extends { readonly complaints: readonly ValueComplaint[] }>(
    parse: (text: string, file: string) => T,
  ) => {
    const known = new Map<string, { readonly text: string; readonly read: T }>();
    return (uri: string, fatal: boolean): T | undefined => {
      const text = access.read(uri);
      if (typeof text === "object") tell(uri, 1, message("its parameter values are not used: {0}", text), fatal);
      if (typeof text !== "string") return undefined;
      const before = known.get(uri);
      if (before?.text === text) return before.read;
      const read = parse(text, uri);
      known.set(uri, { text, read });
      told.delete(uri);
      for (const { line, text: what } of read.complaints) tell(uri, line, what, fatal);
      return read;
    };
  };
  const readFile = reader(readParameterFile);
  const readConfig = reader(readSamconfig);
  const environments = (uri: string): readonly Environment[] => readConfig(uri, true)?.environments ?? [];

  /** The SAM CLI takes the file beside the template, or the one that names it. */
  const ofSamconfig = ({ uri: template, root }: Search): Source[] => {
    // What `sam build` writes is deployed with the values of what it was made from.
    const uri = template.replace(/\.aws-sam\/build\/(?=[^/]*$)/, "");
    const [home] = folderAndName(uri);
    const found: Source[] = [];
    for (const folder of scopeFolders(access, uri, root)) {
      const file = samconfigNames.map((name) => folder + name).find((one) => access.exists(one));
      for (const { name, template, assigned, line } of file === undefined ? [] : environments(file)) {
        const isOwn = template === undefined ? folder === home && isUsual(uri) : isNamed(folder, template, uri);
        if (file !== undefined && isOwn) found.push({ name, uri: file, line, assigned, strict: "loose" });
      }
    }
    return found;
  };

  /** Without `template_file`, it is about `template.yaml`, or where there is none about the template that is there. */
  const isUsual = (uri: string): boolean => {
    const [folder, name] = folderAndName(uri);
    const usual = ["template.yaml", "template.yml", "template.json"];
    return usual.includes(name) || !usual.some((other) => access.exists(folder + other));
  };

  const isNamed = (folder: string, path: string, uri: string): boolean => {
    const own = decode(uri);
    if (/(?:^|\/)\.aws-sam\//.test(path)) return decode(folder) === decode(folderAndName(uri)[0]) && isUsual(uri);
    return decode(resolve(folder, path)) === own;
  };

  const ofFile = (
    uri: string,
    { name, strict }: Pick<Source, "name" | "strict">,
    template: string,
    fatal: boolean,
  ): Source[] => {
    const read = readFile(uri, fatal);
    if (read === undefined || read.assigned.length === 0) return [];
    const isOther =
      read.template !== undefined && !decode(template).endsWith(`/${read.template.replace(/^\.?\//, "")}`);
    return isOther ? [] : [{ name, uri, line: 1, assigned: read.assigned, strict }];
  };

  const byName = ({ uri }: Search): Source[] => {
    const [folder, name] = folderAndName(uri);
    if (folder === "") return [];
    const siblings = access.list(folder);
    const beside = candidates(name, siblings);
    const within = parameterFolders.flatMap((sub) =>
      candidates(name, access.list(resolve(folder, sub)), sub, siblings),
    );
    const named = [...beside, ...within].filter((one) => one.named);
    const all: readonly Candidate[] = named.length > 0 ? named : [...beside, ...within];
    return all.flatMap(({ path, set, named: own }) =>
      ofFile(resolve(folder, path), { name: set, strict: own ? "loose" : "quiet" }, uri, own),
    );
  };

  const byGlob = ({ uri }: Search, folder: string, globs: readonly string[]): Source[] =>
    globs.flatMap((glob) => {
      const files = glob === "none" ? [] : matching(access, folder, glob);
      if (files.length === 0 && glob !== "none") {
        const file = folder + folderFileName;
        const text = message("no file matches {0}, which parameterFiles names", glob);
        tell(access.exists(file) ? file : folder, 1, text, false);
      }
      return files.flatMap((file) => ofAny(file, "told", uri));
    });

  /** A file that somebody named, whichever kind it is of. */
  const ofAny = (file: string, strict: Source["strict"], template: string): Source[] => {
    if (!/\/samconfig[^/]*\.(?:toml|ya?ml)$/.test(file)) {
      return ofFile(file, { name: setNameOf(file, template), strict }, template, true);
    }
    const all = environments(file);
    return all.map(({ name, line, assigned }) => ({ name, uri: file, line, assigned, strict: "loose" as const }));
  };

  /** Returns the values of a source, those of included files in their place. */
  const gather = (uri: string, assigned: readonly Assigned[], depth = 0): Record<string, string> => {
    const values: Record<string, string> = {};
    for (const one of assigned) {
      if ("name" in one) {
        values[one.name] = one.text;
        continue;
      }
      const file = resolve(folderAndName(uri)[0], one.include);
      const read = depth < deepest ? readFile(file, true) : undefined;
      if (read === undefined && !access.exists(file)) {
        tell(uri, one.line, message("the file {0} is not there", one.include), true);
      }
      Object.assign(values, read && gather(file, read.assigned, depth + 1));
    }
    return values;
  };

  return (search, parameters) => {
    const { files, only } = search;
    const none = files?.globs.length === 1 && files.globs[0] === "none";
    const sources = only
      ? only.flatMap((file) => ofAny(file, "loose", search.uri))
      : none || parameters.size === 0
        ? []
        : [...ofSamconfig(search), ...(files ? byGlob(search, files.folder, files.globs) : byName(search))];
    const sets: ParameterSet[] = [];
    for (const { name, uri, line, assigned, strict } of sources) {
      const all = gather(uri, assigned);
      const unknown = Object.keys(all).filter((one) => !parameters.has(one));
      if (unknown.length === Object.keys(all).length) continue;
      const [first] = unknown;
      if (first !== undefined && strict !== "loose") {
        const [, template] = folderAndName(decode(search.uri));
        if (strict === "told")
          tell(uri, 1, message("it is not used for {0}, which has no parameter {1}", template, first), false);
        continue;
      }
      const values = valuesFor(parameters, all);
      const same = sets.some((set) => set.name === name && JSON.stringify(set.values) === JSON.stringify(values));
      if (same) continue;
      sets.push({ name: freeName(name, uri, sets), values, from: { uri, line } });
    }
    return sets.slice(0, mostSets);
  };
}

/** Two sets of one name are told apart by their files. */
function freeName(name: string, uri: string, sets: readonly ParameterSet[]): string {
  const isTaken = (wanted: string): boolean => sets.some((set) => set.name === wanted);
  if (!isTaken(name)) return name;
  const parts = decode(uri).split("/");
  for (let count = 2; count <= parts.length; count++) {
    const longer = `${name} (${parts.slice(-count).join("/")})`;
    if (!isTaken(longer)) return longer;
  }
  return `${name} ${sets.length + 1}`;
}

/** Returns the files below a folder that a glob matches, in the order of their names. */
function matching(access: FileAccess, folder: string, glob: string): readonly string[] {
  const { base, glob: rest, isGlob } = scanGlob(glob.replaceAll("\\", "/").replace(/^\.\//, ""));
  const start = resolve(folder, base);
  if (!isGlob) return access.exists(start) ? [start] : [];
  const matches = globMatcher(rest);
  const found: string[] = [];
  const walk = (at: string, path: string, depth: number): void => {
    for (const name of access.list(at)) {
      if (!name.endsWith("/")) {
        if (matches(path + name)) found.push(at + name);
      } else if (depth < 8 && name !== "node_modules/" && !name.startsWith(".")) {
        walk(at + name, path + name, depth + 1);
      }
    }
  };
  walk(`${start.replace(/\/$/, "")}/`, "", 0);
  return found;
}

/** Returns the URI of a path, seen from a folder; an absolute path stands for itself. */
function resolve(folder: string, path: string): string {
  try {
    const encoded = path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
    const found = new URL(encoded === "" ? "." : encoded, folder);
    // A path with two slashes at its start names another machine, which nobody asked to be read.
    return found.host === new URL(folder).host ? found.href : folder + encoded;
  } catch {
    return folder + path;
  }
}

function folderAndName(uri: string): readonly [folder: string, name: string] {
  const end = uri.lastIndexOf("/") + 1;
  return [uri.slice(0, end), decode(uri.slice(end))];
}
