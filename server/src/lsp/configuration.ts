/** The settings that hold for each document, by workspace folder. */
import { ConfigurationRequest, type Connection, type WorkspaceFoldersChangeEvent } from "vscode-languageserver";
import { defaultSettings, pathMatcher, readSettings, type Settings, section } from "../settings";
import { type Client, ownSection, unknownClient } from "./client";

/** What holds for one document. */
export interface Scope {
  readonly settings: Settings;
  /** The document is left alone. */
  readonly ignored: boolean;
}

interface Folder {
  /** URI with a slash at the end, percent signs resolved; empty for documents outside every folder. */
  readonly prefix: string;
  readonly settings: Settings;
  readonly ignores: (path: string) => boolean;
}

export class Configuration {
  readonly #connection: Connection;
  readonly #ruleIds: ReadonlySet<string>;
  #client = unknownClient;
  /** URIs of the open folders. */
  #open: readonly string[] = [];
  #folders: readonly Folder[] = [];
  #outside: Folder = { prefix: "", settings: defaultSettings, ignores: () => false };

  constructor(connection: Connection, ruleIds: ReadonlySet<string>) {
    this.#connection = connection;
    this.#ruleIds = ruleIds;
  }

  /** Returns what holds for the document. */
  of(uri: string): Scope {
    const decoded = decode(uri);
    const folder = this.#folders.find(({ prefix }) => decoded.startsWith(prefix)) ?? this.#outside;
    const path = folder === this.#outside ? decoded.replace(/^[\w+.-]+:\/*/, "") : decoded.slice(folder.prefix.length);
    return { settings: folder.settings, ignored: folder.ignores(path) };
  }

  /** Takes over what the client gave at the start. */
  start(client: Client): void {
    this.#client = client;
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
    const toFolder = (prefix: string, value: unknown): Folder => {
      const reading = readSettings(value, this.#ruleIds);
      for (const complaint of reading.complaints) complaints.add(complaint);
      return { prefix, settings: reading.settings, ignores: pathMatcher(reading.settings.ignore) };
    };
    this.#outside = toFolder("", outside);
    // The innermost folder decides, so the longest prefix stands first.
    this.#folders = this.#open
      .map((uri, index) => toFolder(`${decode(uri).replace(/\/+$/, "")}/`, values[index] ?? outside))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    for (const complaint of complaints) this.#connection.console.warn(complaint);
  }
}

/** Clients differ in what they percent-encode (`c%3A` and `c:`), so URIs are compared without it. */
function decode(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
