/** The ways out that a function can be given, as code actions and as the answer to a request of the editor's own. */
import { type CodeAction, CodeActionKind, type CodeActionParams, type TextEdit } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Edit } from "../edit/edit";
import { joinEdits } from "../edit/edit";
import type { LintOptions, Meaning } from "../lint";
import { type Catalogue, message, render } from "../message";
import { undefinedReference } from "../rules/undefined-reference";
import { functionsIn, lacksWayOut, type Topology, topologiesFor } from "../topology";
import type { Client } from "./client";
import { toRange } from "./range";

/** The command of an editor that asks which variant is meant; its arguments are the URI and the function's id. */
export const createTopology = "lambdaEgress.createTopology";

/** The editor asks for a function's variants with their edits. */
export const topologyRequest = "lambdaEgress/topology";

export interface TopologyParams {
  readonly uri: string;
  /** The function's logical id. */
  readonly function: string;
}

export interface TopologyData {
  readonly id: string;
  readonly title: string;
  /** What AWS charges for, in words. */
  readonly charges: readonly string[];
  readonly priceUrl: string;
  readonly edits: readonly TextEdit[];
  /** The version of the text that the edits fit. */
  readonly version: number;
}

/** Returns what can be offered for one function of a document. */
export function toTopologies(
  meaning: Meaning,
  document: TextDocument,
  fn: string,
  options: LintOptions,
  catalogue: Catalogue,
): TopologyData[] {
  return offersOf(meaning, fn, options).map(({ id, title, charges, priceUrl, edits }) => ({
    id,
    title: render(title, catalogue),
    charges: charges.map((one) => render(one, catalogue)),
    priceUrl,
    edits: toTextEdits(edits, document),
    version: document.version,
  }));
}

/**
 * Returns the code actions for the functions in the range: one that asks, in an editor that can, and else one for
 * each variant.
 */
export function topologyActions(
  { context, range }: CodeActionParams,
  meaning: Meaning,
  document: TextDocument,
  options: LintOptions,
  client: Client,
  catalogue: Catalogue,
): CodeAction[] {
  if (context.only?.every((kind) => kind !== "" && kind !== CodeActionKind.QuickFix) === true) return [];
  const ids = functionsIn(meaning.document, document.offsetAt(range.start), document.offsetAt(range.end));
  if (!client.commands.has(createTopology) && ids.length > mostTriedOut) return [];
  return ids.flatMap((id): CodeAction[] => {
    if (!client.commands.has(createTopology)) {
      return offersOf(meaning, id, options).map((topology) => toAction(topology, id, document, client, catalogue));
    }
    // What can be had is worked out when somebody asks: the editor wants its actions at every move of the cursor.
    if (!lacksWayOut(meaning, id)) return [];
    const title = render(message("Create the NAT topology for {0}…", id), catalogue);
    const command = { title, command: createTopology, arguments: [document.uri, id] };
    // Names of nothing are what it is made for.
    const diagnostics = context.diagnostics.filter(({ code }) => code === undefinedReference.id);
    const answers = diagnostics.length > 0 && { diagnostics, isPreferred: true };
    return [{ title, kind: CodeActionKind.QuickFix, ...answers, command }];
  });
}

/**
 * Of how many functions at once each variant is tried out, which takes a check of the whole text. Who asks about a
 * stretch with more of them, such as a whole file, asks about none in particular.
 */
const mostTriedOut = 3;

/** What has been worked out for the functions of a text; it is asked for time and again. */
const known = new WeakMap<Meaning, Map<string, readonly Topology[]>>();

function offersOf(meaning: Meaning, fn: string, options: LintOptions): readonly Topology[] {
  const { expect, rules } = options.settings ?? {};
  const key = JSON.stringify([fn, expect, rules]);
  const asked = known.get(meaning) ?? new Map<string, readonly Topology[]>();
  known.set(meaning, asked);
  const offers = asked.get(key) ?? [...topologiesFor(meaning, fn, options)];
  asked.set(key, offers);
  return offers;
}

function toAction(
  { id, title, edits }: Topology,
  fn: string,
  document: TextDocument,
  client: Client,
  catalogue: Catalogue,
): CodeAction {
  return {
    title: render(
      id.startsWith("nat")
        ? message("Create the NAT topology for {0}: {1}", fn, title)
        : message("Create the network for {0}: {1}", fn, title),
      catalogue,
    ),
    kind: CodeActionKind.QuickFix,
    edit: toWorkspaceEdit(toTextEdits(edits, document), document, client.versionedEdits),
  };
}

export function toTextEdits(edits: readonly Edit[], document: TextDocument): TextEdit[] {
  return joinEdits(edits).map(({ span, text }) => ({ range: toRange(span, document), newText: text }));
}

/** Returns edits of one document in the form that the client takes. */
export function toWorkspaceEdit(edits: TextEdit[], { uri, version }: TextDocument, versioned: boolean) {
  return versioned ? { documentChanges: [{ textDocument: { uri, version }, edits }] } : { changes: { [uri]: edits } };
}
