/** The other templates of the open folders: looked at when the first document may need them, and kept up to date. */
import type { Connection, FileEvent, WorkDoneProgressReporter } from "vscode-languageserver";
import { disk } from "../disk";
import { isTemplateBelow, pathOfUri, templatesBelow } from "../disk/templates";
import { decode } from "../folder-file";
import { type Catalogue, english, message, render } from "../message";
import type { Library } from "../template/link";
import { mayDrawOnOthers, mayGiveToOthers } from "../workspace/outline";
import { Workspace } from "../workspace/workspace";
import { guard } from "./connect";

/** Milliseconds of reading after which the event loop has its turn. */
const slice = 20;
/** Milliseconds after which the wait is shown. */
const patience = 1000;
/** Milliseconds without an edit after which others see the new text, and between two words of how far things are. */
const pause = 200;

export interface NeighboursOptions {
  readonly connection: Connection;
  /** Hears which documents may mean something else now. */
  readonly relink: (uris: readonly string[]) => void;
  /** Hears after edits that others see them now, as far as any are read. */
  readonly settled: () => void;
  /** Returns the other files that a document has something from. */
  readonly filesOf: (uri: string) => readonly string[];
}

export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #workspace = new Workspace(disk);
  /** What open documents that need others have been given; a new one is given out when it would say other things. */
  readonly #libraries = new Map<string, Library>();
  /** URI to text, for the open documents. */
  readonly #open = new Map<string, string>();
  readonly #edited = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #folders: readonly string[] = [];
  #state: "idle" | "reading" | "ready" = "idle";
  #shows = false;
  #catalogue = english;

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** Takes over the open folders, and whether the client shows progress. */
  start(folders: readonly string[], shows: boolean, catalogue: Catalogue): void {
    this.#catalogue = catalogue;
    this.#folders = folders;
    this.#shows = shows;
  }

  /** Returns the others as a document sees them; undefined where it needs none, or they are not read yet. */
  of(uri: string, text: string): Library | undefined {
    if (this.#folderOf(uri) === undefined || !mayDrawOnOthers(text)) return undefined;
    if (this.#state === "idle") void this.#read(this.#folders);
    if (this.#state !== "ready") return undefined;
    const library = this.#libraries.get(uri) ?? this.#workspace.library(uri);
    this.#libraries.set(uri, library);
    return library;
  }

  /** Returns the templates that may have something from a document; undefined while they are not read yet. */
  usersOf(uri: string, text: string): readonly string[] | undefined {
    if (this.#folderOf(uri) === undefined || !mayGiveToOthers(text)) return [];
    if (this.#state === "idle") void this.#read(this.#folders);
    return this.#state === "ready" ? this.#workspace.usersOf(uri) : undefined;
  }

  /** Returns the text of another file. */
  textOf(uri: string): string | undefined {
    return this.#workspace.textOf(uri);
  }

  /** Hears of a document that is opened or edited; undefined when it is closed. */
  edit(uri: string, text: string | undefined): void {
    if (text === undefined) this.#open.delete(uri);
    else this.#open.set(uri, text);
    if (text === undefined) this.#libraries.delete(uri);
    this.#edited.add(uri);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#settle(), pause);
  }

  /** Hears of files that came, went or were changed. */
  async files(changes: readonly FileEvent[]): Promise<void> {
    if (this.#state !== "ready") return;
    if (changes.some(({ uri }) => uri.endsWith("/.gitignore"))) return this.#read(this.#folders);
    for (const { uri } of changes) {
      if (this.#workspace.has(uri) || (await this.#belongs(uri))) this.#spread(uri, this.#workspace.refresh(uri));
    }
    this.#options.settled();
  }

  /** Hears which folders are open now. */
  async changeFolders(folders: readonly string[]): Promise<void> {
    const [before, now] = [this.#folders, folders];
    this.#folders = folders;
    if (this.#state === "idle") return;
    for (const folder of before) if (!now.includes(folder)) this.#workspace.forget(folder);
    await this.#read(now.filter((folder) => !before.includes(folder)));
  }

  /** Reads the outlines of all templates in these folders, a slice of time at a stretch. */
  async #read(folders: readonly string[]): Promise<void> {
    const { window } = this.#options.connection;
    this.#state = "reading";
    let shown: WorkDoneProgressReporter | undefined;
    const show = guard(this.#options.connection, "progress", undefined, async () => {
      const progress = await window.createWorkDoneProgress();
      if (this.#state !== "reading") return;
      progress.begin(render(message("Lambda Egress: reading the templates of the workspace"), this.#catalogue));
      shown = progress;
    });
    const waiting = setTimeout(() => this.#shows && show(), patience);
    const readAll = guard(this.#options.connection, "workspace", undefined, () =>
      this.#readBelow(folders, (count) => shown?.report(render(message("{0} files", count), this.#catalogue))),
    );
    await readAll();
    clearTimeout(waiting);
    shown?.done();
    this.#state = "ready";
    await this.#settle();
    this.#libraries.clear();
    this.#options.relink([...this.#open.keys()]);
  }

  async #readBelow(folders: readonly string[], tell: (count: number) => void): Promise<void> {
    let since = performance.now();
    let told = since;
    let count = 0;
    for (const folder of folders) {
      const path = pathOfUri(folder);
      if (path === undefined) continue;
      this.#workspace.forget(folder);
      for await (const uri of templatesBelow(path)) {
        this.#workspace.refresh(uri);
        count++;
        const now = performance.now();
        if (now - since < slice) continue;
        if (now - told > pause) {
          tell(count);
          told = now;
        }
        await new Promise((resolve) => setImmediate(resolve));
        since = performance.now();
      }
    }
  }

  /** Lets others see what was edited. */
  async #settle(): Promise<void> {
    if (this.#state !== "ready") return this.#options.settled();
    const edited = [...this.#edited];
    this.#edited.clear();
    for (const uri of edited) {
      if (!this.#workspace.has(uri) && !(await this.#belongs(uri))) continue;
      this.#spread(uri, this.#workspace.put(uri, this.#open.get(uri)));
    }
    this.#options.settled();
  }

  /** Has those documents linked anew that a file bears on, and all that need others where its outline is another one. */
  #spread(file: string, isOutline: boolean): void {
    const key = decode(file);
    const hit = [...this.#libraries.keys()].filter(
      (uri) => decode(uri) !== key && (isOutline || this.#options.filesOf(uri).some((other) => decode(other) === key)),
    );
    for (const uri of hit) this.#libraries.delete(uri);
    if (hit.length > 0) this.#options.relink(hit);
  }

  async #belongs(uri: string): Promise<boolean> {
    const folder = this.#folderOf(uri);
    const [root, path] = [folder === undefined ? undefined : pathOfUri(folder), pathOfUri(uri)];
    return root !== undefined && path !== undefined && isTemplateBelow(root, path);
  }

  #folderOf(uri: string): string | undefined {
    const key = decode(uri);
    return this.#folders.find((folder) => key.startsWith(`${decode(folder).replace(/\/+$/, "")}/`));
  }
}
