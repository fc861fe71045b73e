/** Who stands on the open templates, in files that are open or not: looked at in idle time, after all else. */
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Scope } from "../folder-file";
import { lossesIn, nameOf, type Use, usesOf } from "../importers";
import type { LintOptions } from "../lint";
import type { FunctionVerdict } from "../network/verdict";
import type { Finding } from "../rules/rule";
import { type Reading, Readings } from "./reading";

/** Milliseconds of quiet before anything is looked at. */
const rest = 50;
/** So many closed templates are kept as they were understood; what goes beyond is read again each time. */
const most = 100;

export interface ImportersOptions {
  /** The open documents that may have importers. */
  readonly open: () => readonly string[];
  /** Returns the templates that may have something from a document; undefined while that is not known. */
  readonly usersOf: (uri: string) => readonly string[] | undefined;
  /** Returns what is understood of an open document; undefined for one that is closed. */
  readonly read: (uri: string) => Reading | undefined;
  /** Returns the text of a closed file, and how it is looked at. */
  readonly closed: (uri: string) => { text: string; scope: Scope; options: LintOptions } | undefined;
  /** How a person calls a file. */
  readonly nameOf: (uri: string) => string;
  /** Runs one step; what it throws is logged. */
  readonly guarded: (step: () => unknown) => void;
  /** Hears that something else is to be told of a document. */
  readonly changed: (uri: string) => void;
}

/** What is known of one open document. */
interface Known {
  readonly uses: readonly Use[];
  /** How each function stood when it was first seen, by `nameOf`. */
  readonly first: Map<string, FunctionVerdict>;
}

export class Importers {
  readonly #options: ImportersOptions;
  readonly #known = new Map<string, Known>();
  readonly #closed = new Readings();
  /** The closed templates, the one that was used last at the end. */
  readonly #texts = new Map<string, TextDocument>();
  #timer: NodeJS.Timeout | undefined;
  #round = 0;

  constructor(options: ImportersOptions) {
    this.#options = options;
  }

  /** Has all looked at again when nothing else happens; whatever is going on stops. */
  renew(): void {
    this.pause();
    const round = this.#round;
    this.#timer = setTimeout(() => this.#options.guarded(() => this.#lookAround(round)), rest);
  }

  /** Stops what is going on, as an edit comes first. */
  pause(): void {
    this.#round++;
    clearTimeout(this.#timer);
  }

  /** Has closed templates understood anew, as something outside their texts has changed. */
  forgetAll(): void {
    this.#closed.renew();
  }

  /** Forgets a document that is closed: with it goes what it was compared with. */
  forget(uri: string): void {
    this.pause();
    this.#known.delete(uri);
  }

  /** Returns who stands on a document, as far as that is known. */
  usesOf(uri: string): readonly Use[] {
    return this.#known.get(uri)?.uses ?? [];
  }

  /** Returns what edits of a document took from others. */
  findings({ document, meaning, settings }: Reading): readonly Finding[] {
    const known = this.#known.get(document.uri);
    return known === undefined ? [] : lossesIn(meaning, known.uses, known.first, settings);
  }

  /** Returns the other files that a closed template has something from, as it was read last. */
  filesOf(uri: string): readonly string[] {
    return this.#closed.filesOf(uri);
  }

  /** Looks at one template a turn of the event loop, so that an editor never waits for more than one. */
  async #lookAround(round: number): Promise<void> {
    for (const uri of this.#options.open()) {
      const users = this.#options.usersOf(uri);
      if (users === undefined) continue;
      const uses: Use[] = [];
      for (const user of users) {
        await new Promise((resolve) => setImmediate(resolve));
        if (round !== this.#round) return;
        this.#options.guarded(() => {
          const reading = this.#options.read(user) ?? this.#readClosed(user);
          if (reading === undefined) return;
          const { meaning, settings } = reading;
          uses.push(...usesOf(meaning, { uri: user, file: this.#options.nameOf(user), settings }, uri));
        });
      }
      this.#take(uri, uses);
    }
  }

  #take(uri: string, uses: readonly Use[]): void {
    const before = this.#known.get(uri);
    const first = before?.first ?? new Map<string, FunctionVerdict>();
    for (const use of uses) if (!first.has(nameOf(use))) first.set(nameOf(use), use.verdict);
    this.#known.set(uri, { uses, first });
    if (JSON.stringify(before?.uses ?? []) !== JSON.stringify(uses)) this.#options.changed(uri);
  }

  #readClosed(uri: string): Reading | undefined {
    const found = this.#options.closed(uri);
    if (found === undefined) return undefined;
    const { text, scope, options } = found;
    const before = this.#texts.get(uri);
    const document =
      before?.getText() === text
        ? before
        : TextDocument.create(uri, /\.json$/i.test(uri) ? "json" : "yaml", (before?.version ?? 0) + 1, text);
    this.#texts.delete(uri);
    this.#texts.set(uri, document);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > most && oldest !== undefined) {
      this.#texts.delete(oldest);
      this.#closed.forget(oldest);
    }
    return this.#closed.of(document, scope, options);
  }
}
