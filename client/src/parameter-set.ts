/** Which parameter set the document at hand is shown with, and the command that chooses another one. */
import {
  Disposable,
  type DocumentSelector,
  type LanguageStatusItem,
  l10n,
  languages,
  type Memento,
  type QuickPickItem,
  Uri,
  window,
  workspace,
} from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { DocumentSet, DocumentSets } from "../../server/src/lsp/parameter-sets";

/** Under this key a workspace remembers the set that was chosen in it. */
const key = "lambdaEgress.parameterSet";

/** The choice, which holds for every document of the workspace that has a set of the name. */
export class ParameterSetChoice implements Disposable {
  readonly #memory: Memento;
  readonly #selector: DocumentSelector;
  readonly #item: LanguageStatusItem;
  readonly #known = new Map<string, DocumentSets>();
  #client: LanguageClient | undefined;

  constructor(memory: Memento, selector: DocumentSelector) {
    this.#memory = memory;
    this.#selector = selector;
    this.#item = languages.createLanguageStatusItem(key, []);
    this.#item.name = l10n.t("Lambda Egress: Parameter Set");
    this.#item.command = { title: l10n.t("Choose…"), command: "lambdaEgress.chooseParameterSet" };
  }

  /** Returns what the server is told at its start. */
  remembered(): { readonly shownSet?: string } {
    const name = this.#memory.get<string>(key);
    return name === undefined ? {} : { shownSet: name };
  }

  /** Shows what the server tells of the sets of each document. */
  follow(client: LanguageClient): Disposable {
    this.#client = client;
    return Disposable.from(
      client.onNotification("lambdaEgress/parameterSets", (sets: DocumentSets) => {
        this.#known.set(sets.uri, sets);
        this.#show();
      }),
      window.onDidChangeActiveTextEditor(() => this.#show()),
      workspace.onDidCloseTextDocument(({ uri }) => this.#known.delete(uri.toString())),
    );
  }

  /** Asks which set to show; an escape leaves everything as it is. */
  async choose(): Promise<void> {
    const { sets = [], shown } = this.#atHand() ?? {};
    if (sets.length === 0) {
      const text = l10n.t("No parameter values were found for this template: no samconfig, and no parameter file.");
      void window.showInformationMessage(text);
      return;
    }
    const automatic: Choice = {
      label: l10n.t("Automatic"),
      description: l10n.t("the environment “default”, else the first"),
      set: undefined,
    };
    const items = [...sets.map((set) => toItem(set, set.name === shown)), automatic];
    const title = l10n.t("Show Verdicts with the Parameter Values of…");
    const chosen = await window.showQuickPick(items, { title, matchOnDescription: true });
    if (chosen === undefined) return;
    await this.#memory.update(key, chosen.set);
    await this.#client?.sendRequest("lambdaEgress/showSet", { name: chosen.set ?? null });
  }

  dispose(): void {
    this.#item.dispose();
  }

  #atHand(): DocumentSets | undefined {
    return this.#known.get(window.activeTextEditor?.document.uri.toString() ?? "");
  }

  /** An entry without a selector is not shown. */
  #show(): void {
    const { sets = [], shown } = this.#atHand() ?? {};
    const set = sets.find(({ name }) => name === shown);
    this.#item.selector = set === undefined ? [] : this.#selector;
    if (set === undefined) return;
    this.#item.text = l10n.t("Parameter set: {0}", set.name);
    this.#item.detail = sets.length === 1 ? placeOf(set) : l10n.t("{0}, one of {1}", placeOf(set), sets.length);
  }
}

type Choice = QuickPickItem & { readonly set: string | undefined };

function toItem(set: DocumentSet, isShown: boolean): Choice {
  const without = set.functions.filter(({ verdict }) => verdict === "no-internet" || verdict === "deploy-fails").length;
  const counts = l10n.t("{0} of {1} functions without internet", without, set.functions.length);
  return {
    label: isShown ? `$(check) ${set.name}` : set.name,
    description: placeOf(set),
    ...(set.functions.length > 0 && { detail: counts }),
    set: set.name,
  };
}

function placeOf({ from }: DocumentSet): string {
  return `${workspace.asRelativePath(Uri.parse(from.uri))}:${from.line + 1}`;
}
