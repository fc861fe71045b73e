/** The settings that hold for each document, by workspace folder and folder file. */
import { ConfigurationRequest, type Connection, type WorkspaceFoldersChangeEvent } from "vscode-languageserver";
import { decode, type FileAccess, folderFiles, type Scope, scopeOf } from "../folder-file";
import { type Catalogue, render } from "../message";
import { defaultSettings, pathMatcher, readSettings, type Settings, section } from "../settings";
import { type Client, ownSection, unknownClient } from "./client";

interface Folder {
  /** URI with a slash at the end, percent signs resolved; empty for documents outside every folder. */
  readonly prefix: string;
  /** The URI as the client gave it, with a slash at the end. */
  readonly uri: string;
  readonly settings: Settings;
  readonly ignores: (path: string) => boolean;
}

export class Configuration {
  readonly #connection: Connection;
  readonly #ruleIds: ReadonlySet<string>;
  readonly #folderFiles: ReturnType<typeof folderFiles>;
  #client = unknownClient;
  /** The language of what is wrong with settings. */
  #catalogue: Catalogue = {};
  /** URIs of the open folders. */
  #open: readonly string[] = [];
  #folders: readonly Folder[] = [];
  #outside: Folder = { prefix: "", uri: "", settings: defaultSettings, ignores: () => false };

  constructor(connection: Connection, ruleIds: ReadonlySet<string>, files: FileAccess) {
    this.#connection = connection;
    this.#ruleIds = ruleIds;
    this.#folderFiles = folderFiles(files, ruleIds, (uri, line, text) => {
      connection.console.warn(`${decode(uri)}:${line}: ${render(text, this.#catalogue)}`);
    });
  }

  /** Returns the URIs of the open folders. */
  get folders(): readonly string[] {
    return this.#open;
  }

  /** Returns what holds for the document. */
  of(uri: string): Scope {
    const decoded = decode(uri);
    const folder = this.#folders.find(({ prefix }) => decoded.startsWith(prefix)) ?? this.#outside;
    const isOutside = folder === this.#outside;
    const path = isOutside ? decoded.replace(/^[\w+.-]+:\/*/, "") : decoded.slice(folder.prefix.length);
    const globs = folder.settings.parameterFiles;
    const parameterFiles = isOutside || globs.length === 0 ? undefined : { folder: folder.uri, globs };
    const base = { settings: folder.settings, ignored: folder.ignores(path), parameterFiles };
    return scopeOf(uri, base, this.#folderFiles(uri, isOutside ? undefined : folder.prefix));
  }

  /** Returns the workspace folder that a document is in, as files of that folder are looked for; undefined outside. */
  rootOf(uri: string): string | undefined {
    const decoded = decode(uri);
    return this.#folders.find(({ prefix }) => decoded.startsWith(prefix))?.prefix;
  }

  /** Returns how people call a file: by its path in the workspace folder that it is in. */
  pathOf(uri: string): string {
    return decode(uri).slice(this.rootOf(uri)?.length ?? 0);
  }

  /** Takes over what the client gave at the start. */
  start(client: Client, catalogue: Catalogue): void {
    this.#client = client;
    this.#catalogue = catalogue;
    this.#open = client.folders;
    this.#take([], client.settings);
  }

  /** Asks the client for its settings; takes over those it pushed, or gave at the start, where it cannot be asked. */
  async load(pushed?: unknown): Promise<void> {
    if (!this.#client.configuration) {
      this.#take([], ownSection(pushed) ?? this.#client.settings);
      return;
    }
    const items = [{ section }, ...this.#open.map((scopeUri) => ({ scopeUri, section }))];
    const answer: readonly unknown[] | null = await this.#connection.sendRequest(ConfigurationRequest.type, { items });
    const [outside, ...values] = items.map((_, index) => answer?.[index] ?? this.#client.settings);
    this.#take(values, outside);
  }

  /** Remembers which folders are open now; the settings of new ones come with the next `load`. */
  changeFolders({ added, removed }: WorkspaceFoldersChangeEvent): void {
    const gone = new Set(removed.map(({ uri }) => uri));
    this.#open = [...this.#open.filter((uri) => !gone.has(uri)), ...added.map(({ uri }) => uri)];
  }

  /** Takes over one value for each open folder; `outside` holds where there is none. */
  #take(values: readonly unknown[], outside: unknown): void {
    const complaints = new Set<string>();
    const toFolder = (uri: string, value: unknown): Folder => {
      const reading = readSettings(value, this.#ruleIds);
      for (const { text } of reading.complaints) complaints.add(render(text, this.#catalogue));
      const settings = { ...defaultSettings, ...reading.given };
      return { prefix: decode(uri), uri, settings, ignores: pathMatcher(settings.ignore) };
    };
    this.#outside = toFolder("", outside);
    // The innermost folder decides, so the longest prefix stands first.
    this.#folders = this.#open
      .map((uri, index) => toFolder(`${uri.replace(/\/+$/, "")}/`, values[index] ?? outside))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    for (const complaint of complaints) this.#connection.console.warn(complaint);
  }
}
