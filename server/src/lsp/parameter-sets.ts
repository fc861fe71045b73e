/** The parameter sets of each document, and which of them an editor shows. */
import { type Connection, FileChangeType, type FileEvent, NotificationType, RequestType } from "vscode-languageserver";
import { verdictsIn } from "../analysis";
import { decode, type FileAccess, type Scope } from "../folder-file";
import type { LintOptions, Meaning } from "../lint";
import { type Catalogue, render } from "../message";
import type { FunctionVerdict } from "../network/verdict";
import { parameterSets } from "../values/find";
import { Remembered } from "../values/remembered";

/** What a document is looked at with; `sets` is empty where no values were found for it. */
export interface DocumentSets {
  readonly uri: string;
  readonly sets: readonly DocumentSet[];
  /** The name of the set whose verdicts are shown. */
  readonly shown?: string;
}

export interface DocumentSet {
  readonly name: string;
  /** Where it is written; the line is counted from zero. */
  readonly from: { readonly uri: string; readonly line: number };
  readonly functions: readonly { readonly id: string; readonly verdict: FunctionVerdict }[];
}

/** The server tells a client with `status` what each document is looked at with. */
export const setsNotification = new NotificationType<DocumentSets>("lambdaEgress/parameterSets");
/** Any client may ask for the same. */
export const setsRequest = new RequestType<{ readonly uri: string }, DocumentSets, void>("lambdaEgress/parameterSets");
/** A client says which set to show in all documents that have one of this name; `null` leaves it to the server. */
export const showSetRequest = new RequestType<{ readonly name: string | null }, null, void>("lambdaEgress/showSet");

export class ParameterSets {
  readonly #files: Remembered;
  readonly #find: ReturnType<typeof parameterSets>;
  /** The name of the set that a person has chosen. */
  shown: string | undefined;

  constructor(connection: Connection, files: FileAccess, catalogue: () => Catalogue) {
    this.#files = new Remembered(files);
    this.#find = parameterSets(this.#files, ({ uri, line, text }) => {
      connection.console.warn(`${decode(uri)}:${line}: ${render(text, catalogue())}`);
    });
  }

  /** Returns what `lint` needs to know; files are read once, until they change. */
  optionsFor(uri: string, { parameterFiles }: Scope, root: string | undefined): Pick<LintOptions, "sets" | "shownSet"> {
    return {
      sets: (parameters) => this.#find({ uri, root, files: parameterFiles }, parameters),
      shownSet: this.shown,
    };
  }

  /** Takes notice of changes on disk; returns whether any of them may concern a document. */
  changed(events: readonly FileEvent[]): boolean {
    let concerned = false;
    for (const { uri, type } of events) {
      concerned = this.#files.forget(uri, type !== FileChangeType.Changed) || concerned;
    }
    return concerned;
  }

  /** Reads everything anew, for a client that does not tell of changes. */
  forgetAll(): void {
    this.#files.clear();
  }
}

/** Returns what a client hears of a document. */
export function toDocumentSets(uri: string, { sets = [], shownSet }: Pick<Meaning, "sets" | "shownSet">): DocumentSets {
  return {
    uri,
    sets: sets.map(({ set: { name, from }, meaning }) => ({
      name,
      from: { uri: from.uri, line: from.line - 1 },
      functions: verdictsIn(meaning.functions),
    })),
    ...(shownSet === undefined ? {} : { shown: shownSet }),
  };
}
