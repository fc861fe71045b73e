/** Documents as they were last understood: parsed and analysed once for each version, whoever asks first. */
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Scope } from "../folder-file";
import { type LintOptions, type Meaning, meaningOf } from "../lint";
import type { Finding } from "../rules/rule";
import type { Settings } from "../settings";
import { otherFiles } from "../template/link";
import { looksLikeTemplate, parse } from "../template/parse";

export interface Reading {
  /** The document that the editor keeps changing; `version` is the one that was read. */
  readonly document: TextDocument;
  readonly version: number;
  settings: Settings;
  /** What it was read with: other templates, the account's answers, parameter sets. */
  readonly options: LintOptions;
  readonly meaning: Meaning;
  /** What the document meant when its text last had no faults. */
  readonly sound: Meaning | undefined;
  /** What lint found in this version; absent until it has run. */
  findings?: readonly Finding[];
}

export class Readings {
  readonly #readings = new Map<string, Reading>();
  readonly #outdated = new WeakSet<Reading>();

  /** Returns what a document means as it is now; undefined for one that is no template, or that is left alone. */
  of(document: TextDocument, { settings, ignored }: Scope, options: LintOptions): Reading | undefined {
    const { uri, version } = document;
    const before = this.#readings.get(uri);
    const { destination } = settings;
    const { account, library } = options;
    const asked = before?.meaning.subject;
    const isSame =
      before?.version === version &&
      asked?.destination === destination &&
      asked.account === account &&
      before.options.library === library &&
      !this.#outdated.has(before);
    if (isSame && !ignored) {
      before.settings = settings;
      return before;
    }
    // Parsing uses the old tree up: should it fail, nothing half used is left.
    this.#readings.delete(uri);
    const text = document.getText();
    if (ignored || !isServed(document.languageId) || !looksLikeTemplate(text)) return undefined;
    const tree = parse(text, before?.meaning.document);
    const meaning = meaningOf(tree, { ...options, destination, memory: before?.meaning.memory });
    if (meaning === undefined) return undefined;
    const sound = meaning.document.problems.length === 0 ? meaning : before?.sound;
    const reading: Reading = { document, version, settings, options, meaning, sound };
    this.#readings.set(uri, reading);
    return reading;
  }

  /** Has every document understood anew, as something outside its text has changed. */
  renew(): void {
    for (const reading of this.#readings.values()) this.#outdated.add(reading);
  }

  /** Returns the other files that a document has something from, as it was read last. */
  filesOf(uri: string): readonly string[] {
    const reading = this.#readings.get(uri);
    return reading === undefined ? [] : otherFiles(reading.meaning.subject.template);
  }

  forget(uri: string): void {
    this.#readings.delete(uri);
  }
}

/** Returns how a document is linted as it was read. */
export function optionsOf({ settings, options }: Reading): LintOptions {
  return { ...options, settings, destination: settings.destination };
}

/** Some editors write the template's dialect behind the language: `yaml.cloudformation`. */
function isServed(languageId: string): boolean {
  return /^(yaml|json|cloudformation)(\.|$)/.test(languageId);
}
