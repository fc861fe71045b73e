/** The ways out that a function can be given, as code actions and as the answer to a request of the editor's own. */
import { type CodeAction, CodeActionKind, type CodeActionParams, type TextEdit } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Edit } from "../edit/edit";
import { joinEdits } from "../edit/edit";
import type { LintOptions } from "../lint";
import { type Catalogue, message, render } from "../message";
import type { Document } from "../template/syntax";
import { functionsIn, type Topology, topologiesFor } from "../topology";
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
  tree: Document,
  document: TextDocument,
  fn: string,
  options: LintOptions,
  catalogue: Catalogue,
): TopologyData[] {
  return offersOf(tree, fn, options)
    .all()
    .map(({ id, title, charges, priceUrl, edits }) => ({
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
  tree: Document,
  document: TextDocument,
  options: LintOptions,
  client: Client,
  catalogue: Catalogue,
): CodeAction[] {
  if (context.only?.every((kind) => kind !== "" && kind !== CodeActionKind.QuickFix) === true) return [];
  const ids = functionsIn(tree, document.offsetAt(range.start), document.offsetAt(range.end));
  return ids.flatMap((id): CodeAction[] => {
    if (!client.commands.has(createTopology)) {
      return offersOf(tree, id, options)
        .all()
        .map((topology) => toAction(topology, id, document, client, catalogue));
    }
    if (!offersOf(tree, id, options).any()) return [];
    const title = render(message("Create the NAT topology for {0}…", id), catalogue);
    const command = { title, command: createTopology, arguments: [document.uri, id] };
    return [{ title, kind: CodeActionKind.QuickFix, command }];
  });
}

interface Offers {
  any(): boolean;
  all(): readonly Topology[];
}

/** What is offered for each function of a text, as far as anybody has asked: an editor asks at every move of the cursor. */
const known = new WeakMap<Document, Map<string, Offers>>();

function offersOf(tree: Document, fn: string, options: LintOptions): Offers {
  const { expect, rules } = options.settings ?? {};
  const key = JSON.stringify([fn, expect, rules]);
  const asked = known.get(tree) ?? new Map<string, Offers>();
  known.set(tree, asked);
  const offers = asked.get(key) ?? offersFrom(topologiesFor(tree, fn, options));
  asked.set(key, offers);
  return offers;
}

/** The first one is enough to know that there is something to choose from; the others are worked out when they are asked for. */
function offersFrom(topologies: Iterable<Topology>): Offers {
  const found: Topology[] = [];
  const rest = topologies[Symbol.iterator]();
  const next = (): boolean => {
    const { done, value } = rest.next();
    if (done !== true) found.push(value);
    return done !== true;
  };
  return {
    any: () => found.length > 0 || next(),
    all: () => {
      while (next());
      return found;
    },
  };
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
