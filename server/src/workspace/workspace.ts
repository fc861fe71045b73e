/**
 * The templates of a workspace, and how they hang together.
 *
 * Of each template only an outline is kept: what it exports, and what it nests. A whole template is parsed when
 * another one draws on it. The text of an open document wins over that on the disk.
 */
import { decode, type FileAccess } from "../folder-file";
import type { Candidate, Foreign } from "../template/exporter";
import { bestFits, type OpenName } from "../template/exports";
import type { Library } from "../template/link";
import { parseFile } from "../template/parse";
import { readTemplate } from "../template/read";
import { expandSam } from "../template/sam";
import type { Node } from "../template/syntax";
import type { Template } from "../template/template";
import { assetsOf } from "./assembly";
import { type Draws, drawsOf, type Imports, importersOf, importsIn } from "./draws";
import { namesFor } from "./names";
import { keyOf, type Outline, outlineOf } from "./outline";

/** One file. */
interface Entry {
  readonly uri: string;
  outline: Outline | undefined;
  /** What files are called when they are uploaded, for a list of such files. */
  readonly assets?: ReturnType<typeof assetsOf>;
  readonly draws: Draws;
  /** In the editor; absent for a file that is read from the disk. */
  open: string | undefined;
  /** The text that was read last, kept only where the template was parsed. */
  text?: string | undefined;
  template?: Template | undefined;
}

/** Where a nested stack stands. */
interface Nesting {
  readonly key: string;
  readonly stack: string;
}

export class Workspace {
  readonly #access: Pick<FileAccess, "read">;
  readonly #entries = new Map<string, Entry>();
  /** What files hold that others include. */
  readonly #fragments = new Map<string, Node | undefined>();
  /** What follows from all outlines together, made anew when one of them changes. */
  #names: ReadonlyMap<string, string> | undefined;
  #exporting = new Map<string, readonly Candidate[]>();
  #nestings: ReadonlyMap<string, readonly Nesting[]> | undefined;
  #uploads: ReadonlyMap<string, string> | undefined;
  /** What all import, and which files may have something from one, as far as it was asked. */
  #imports: Imports | undefined;
  #users = new Map<string, readonly string[]>();

  constructor(access: Pick<FileAccess, "read">) {
    this.#access = access;
  }

  /** Tells whether a file is known, as a template or not. */
  has(uri: string): boolean {
    return this.#entries.has(decode(uri)) || this.#fragments.has(decode(uri));
  }

  /** Reads a file anew, or takes it out where it is gone. Returns whether others may see it otherwise than before. */
  refresh(uri: string): boolean {
    const key = decode(uri);
    const before = this.#entries.get(key);
    if (before?.open !== undefined) return false;
    const wasIncluded = this.#fragments.delete(key);
    const text = this.#read(uri);
    const isOther =
      text === undefined ? this.#remove(key) : this.#take(key, { uri, ...contentOf(uri, text), open: undefined });
    return isOther || wasIncluded;
  }

  /** Takes the text of an open document; undefined when it is closed, after which the disk counts again. */
  put(uri: string, text: string | undefined): boolean {
    const key = decode(uri);
    const before = this.#entries.get(key);
    if (text === undefined) {
      if (before === undefined) return false;
      before.open = undefined;
      return this.refresh(uri);
    }
    if (before?.open === text) return false;
    const wasIncluded = this.#fragments.delete(key);
    return this.#take(key, { uri, ...contentOf(uri, text), open: text }) || wasIncluded;
  }

  /** Forgets the files below a folder, as when it is closed, or renamed as a whole. */
  forget(folder: string): boolean {
    const prefix = `${decode(folder).replace(/\/+$/, "")}/`;
    const gone = [...this.#entries].filter(([key, { open }]) => key.startsWith(prefix) && open === undefined);
    return gone.map(([key]) => this.#remove(key)).includes(true);
  }

  /** Returns the text that the spans of another file's nodes speak of. */
  textOf(uri: string): string | undefined {
    const entry = this.#entries.get(decode(uri));
    return entry?.open ?? entry?.text ?? this.#read(uri);
  }

  /** Returns what the others are to the template of this URI. */
  library(uri: string): Library {
    const own = decode(uri);
    return {
      exporting: (name) => this.#exportersOf(name, own),
      outputs: (stack, output) => this.#outputsOf(stack, output, own),
      child: (file, location) => this.#child(file ?? uri, location),
      fragment: (location) => this.#fragment(uri, location),
      parents: () => this.#parentsOf(own),
    };
  }

  /** Returns the templates with functions that may have something from the one of this URI, the nearest first. */
  usersOf(uri: string): readonly string[] {
    const own = decode(uri);
    const before = this.#users.get(own);
    if (before !== undefined) return before;
    const near = new Set([own]);
    let last: readonly string[] = [own];
    for (let step = 0; step < farthest && last.length > 0; step++) {
      const beside = last.slice(0, mostFollowed).flatMap((key) => this.#beside(key));
      const found = [...new Set(beside)].filter((key) => !near.has(key));
      for (const key of found) near.add(key);
      last = found.filter((key) => this.#entries.get(key)?.draws.handsOn === true);
    }
    const users = [...near].flatMap((key) => {
      const entry = key === own ? undefined : this.#entries.get(key);
      return entry?.draws.functions ? [entry.uri] : [];
    });
    this.#users.set(own, users);
    return users;
  }

  #take(key: string, entry: Entry): boolean {
    const before = this.#entries.get(key);
    this.#entries.set(key, entry);
    // A name may depend on which other files there are.
    if ((before?.outline === undefined) !== (entry.outline === undefined)) this.#names = undefined;
    const isOther =
      keyOf(before?.outline) !== keyOf(entry.outline) ||
      JSON.stringify(before?.assets) !== JSON.stringify(entry.assets);
    if (isOther) this.#forgetRelations();
    else if (JSON.stringify(before?.draws) !== JSON.stringify(entry.draws)) this.#forgetUsers();
    return isOther;
  }

  #remove(key: string): boolean {
    const before = this.#entries.get(key);
    this.#entries.delete(key);
    if (before?.outline === undefined && before?.assets === undefined) return false;
    this.#names = undefined;
    this.#forgetRelations();
    return true;
  }

  #forgetRelations(): void {
    this.#exporting = new Map();
    this.#nestings = undefined;
    this.#uploads = undefined;
    this.#forgetUsers();
  }

  #forgetUsers(): void {
    this.#imports = undefined;
    this.#users = new Map();
  }

  /** What cannot be read says nothing here; the check of that file itself tells why. */
  #read(uri: string): string | undefined {
    const text = this.#access.read(uri);
    return typeof text === "string" ? text : undefined;
  }

  #nameOf(key: string): string {
    this.#names ??= namesFor([...this.#entries].flatMap(([one, { outline }]) => (outline === undefined ? [] : [one])));
    return this.#names.get(key) ?? "?";
  }

  /** Parses a template, once for each of its texts. */
  #foreign(key: string): Foreign | undefined {
    const entry = this.#entries.get(key);
    if (entry?.outline === undefined) return undefined;
    if (entry.template === undefined) {
      const text = entry.open ?? this.#read(entry.uri);
      const written = text === undefined ? undefined : readTemplate(parseFile(text, entry.uri));
      if (written === undefined) return undefined;
      entry.template = expandSam(written);
      entry.text = text;
    }
    const { uri: file, template, text = "" } = entry;
    return { name: this.#nameOf(key), file, text, template };
  }

  #candidate(key: string, output: string, how: Pick<Candidate, "match" | "exported">): Candidate {
    return { name: this.#nameOf(key), output, foreign: () => this.#foreign(key), ...how };
  }

  #exportersOf(wanted: OpenName, own: string): readonly Candidate[] {
    const asked = [wanted.name, wanted.usual, wanted.stored, own].join("\n");
    const before = this.#exporting.get(asked);
    if (before !== undefined) return before;
    const all = [...this.#entries].flatMap(([key, { outline }]) =>
      key === own ? [] : (outline?.exports ?? []).map((one) => ({ ...one, key })),
    );
    const found = bestFits(wanted, all).map(({ key, output, match, name: exported }) =>
      this.#candidate(key, output, { match, exported }),
    );
    this.#exporting.set(asked, found);
    return found;
  }

  /** A stack is made from the template that is called as it is: by its file, or by its folder. */
  #outputsOf(stack: string, output: string, own: string): readonly Candidate[] {
    const wanted = stack.toLowerCase();
    return [...this.#entries].flatMap(([key, { outline }]) => {
      const [file = "", folder = ""] = key.toLowerCase().split("/").reverse();
      const isNamed = file.replace(/\.[^.]*$/, "") === wanted || folder === wanted;
      return key !== own && isNamed && outline?.outputs.includes(output)
        ? [this.#candidate(key, output, { match: "same" })]
        : [];
    });
  }

  #child(file: string, location: string): Foreign | undefined {
    const uri = this.#locate(file, location);
    if (uri === undefined) return undefined;
    const key = decode(uri);
    // A template may lie where nobody looked for one.
    if (!this.#entries.has(key)) this.refresh(uri);
    return this.#foreign(key);
  }

  /** What cannot be read as it is written is not put into another template. */
  #fragment(file: string, location: string): Node | undefined {
    const uri = locate(file, location);
    if (uri === undefined) return undefined;
    const key = decode(uri);
    if (!this.#fragments.has(key)) {
      const text = this.textOf(uri);
      const document = text === undefined ? undefined : parseFile(text, uri);
      this.#fragments.set(key, document?.problems.length === 0 ? document.root : undefined);
    }
    return this.#fragments.get(key);
  }

  /** Those that import from a template, that nest it, and that it nests: what one has, it may hand on. */
  #beside(key: string): readonly string[] {
    this.#nestings ??= this.#nest();
    const entry = this.#entries.get(key);
    const outline = entry?.outline;
    if (entry === undefined || outline === undefined) return [];
    this.#imports ??= importsIn([...this.#entries].map(([other, { draws }]) => [other, draws]));
    const importers = importersOf(outline, this.#imports);
    const parents = (this.#nestings.get(key) ?? []).map((nesting) => nesting.key);
    const children = outline.nested.flatMap(({ location }) => {
      const child = this.#locate(entry.uri, location);
      return child === undefined ? [] : [decode(child)];
    });
    return [...importers, ...parents, ...children];
  }

  #parentsOf(own: string): ReturnType<Library["parents"]> {
    this.#nestings ??= this.#nest();
    return (this.#nestings.get(own) ?? []).flatMap(({ key, stack }) => {
      const foreign = key === own ? undefined : this.#foreign(key);
      return foreign === undefined ? [] : [{ foreign, stack }];
    });
  }

  /** As `locate`; of what is called by the name of its upload, where it lies before that. */
  #locate(from: string, location: string): string | undefined {
    this.#uploads ??= new Map(
      [...this.#entries.values()].flatMap(({ uri, assets = [] }) =>
        assets.flatMap(({ name, file }): [string, string][] => {
          const [upload, own] = [locate(uri, name), locate(uri, file)];
          return upload === undefined || own === undefined ? [] : [[decode(upload), own]];
        }),
      ),
    );
    const uri = locate(from, location);
    return uri && (this.#uploads.get(decode(uri)) ?? uri);
  }

  #nest(): Map<string, Nesting[]> {
    const nestings = new Map<string, Nesting[]>();
    for (const [key, { uri, outline }] of this.#entries) {
      for (const { stack, location } of outline?.nested ?? []) {
        const child = this.#locate(uri, location);
        if (child === undefined) continue;
        const list = nestings.get(decode(child));
        if (list === undefined) nestings.set(decode(child), [{ key, stack }]);
        else list.push({ key, stack });
      }
    }
    return nestings;
  }
}

/** No template is taken in from further away, see `link`. */
const farthest = 6;
/** No more templates than these are asked at each step for whom they hand on to. */
const mostFollowed = 40;

function contentOf(uri: string, text: string): Pick<Entry, "outline" | "assets" | "draws"> {
  const draws = drawsOf(text);
  return uri.endsWith(".assets.json")
    ? { outline: undefined, assets: assetsOf(text), draws }
    : { outline: outlineOf(text), draws };
}

/** Returns where a local path leads, seen from a file; undefined for an address on the web. */
export function locate(file: string, location: string): string | undefined {
  if (/^[a-z][\w+.-]+:/i.test(location) || location.includes("${")) return undefined;
  const path = location.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return URL.canParse(path, file) ? new URL(path, file).href : undefined;
}
