/** Fixes as the editor offers them, made from what the diagnostics themselves carry. */
import { type CodeAction, CodeActionKind, type CodeActionParams, type Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { fixAll, lineEdits } from "../fix-all";
import type { LintOptions } from "../lint";
import { type Catalogue, message, render } from "../message";
import type { Finding, Fix } from "../rules/rule";
import type { Document } from "../template/syntax";
import { type DiagnosticData, type OwnDiagnostic, source } from "./diagnostic";
import { sameRange } from "./range";
import { toTextEdits, toWorkspaceEdit } from "./topology";

/** The kind under which an editor makes every safe fix of a document, on request or on save. */
export const fixAllKind = `${CodeActionKind.SourceFixAll}.lambdaEgress`;

/** The diagnostics that were last published for a document, the findings they show, and the version they are about. */
export interface Published {
  readonly version: number;
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly OwnDiagnostic[];
}

/**
 * Returns the quick fixes for the diagnostics the editor asks about, worked out now that it asks. Those of an older
 * version are left out: their edits would hit other text.
 */
export function toCodeActions(
  { context }: CodeActionParams,
  document: TextDocument,
  published: Published | undefined,
  versionedEdits: boolean,
  catalogue: Catalogue,
): CodeAction[] {
  if (context.only !== undefined && !context.only.some(includesQuickFix)) return [];
  if (published?.version !== document.version) return [];
  return context.diagnostics.flatMap((diagnostic) => {
    const data = dataOf(diagnostic, published);
    if (data?.version !== document.version) return [];
    const fixes = (published.findings[data.finding]?.fixes ?? []).filter(isOfDocument);
    const safe = fixes.filter((fix) => fix.safe);
    return fixes.map((fix) => ({
      title: render(fix.title, catalogue),
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      ...(fix.safe && safe.length === 1 && { isPreferred: true }),
      edit: toWorkspaceEdit(toTextEdits(fix.edits, document), document, versionedEdits),
    }));
  });
}

/** A fix that reaches into another file is left out, since half a fix is none. */
function isOfDocument({ edits }: Fix): boolean {
  return edits.every(({ span }) => span.file === undefined);
}

/**
 * Returns the action that makes every safe fix at once. Only who asks for it by its kind gets it, as editors do on
 * save and for "fix all": it is no answer to the fault under the cursor.
 */
export function toFixAllAction(
  { context }: CodeActionParams,
  tree: Document,
  document: TextDocument,
  options: LintOptions,
  versionedEdits: boolean,
  catalogue: Catalogue,
): CodeAction[] {
  if (context.only?.some((kind) => kind !== "" && `${fixAllKind}.`.startsWith(`${kind}.`)) !== true) return [];
  const before = document.getText();
  const { text } = fixAll(tree, options);
  if (text === before) return [];
  const edits = toTextEdits(lineEdits(before, text), document);
  return [
    {
      title: render(message("Make every safe fix of Lambda Egress"), catalogue),
      kind: fixAllKind,
      edit: toWorkspaceEdit(edits, document, versionedEdits),
    },
  ];
}

/** A kind stands for all kinds below it, and the empty one for every kind. */
function includesQuickFix(kind: string): boolean {
  return kind === "" || kind === CodeActionKind.QuickFix;
}

/** Returns what the diagnostic carries; for a client that drops it, what the same diagnostic was published with. */
function dataOf(diagnostic: Diagnostic, { diagnostics }: Published): DiagnosticData | undefined {
  if (diagnostic.source !== undefined && diagnostic.source !== source) return undefined;
  if (isData(diagnostic.data)) return diagnostic.data;
  return diagnostics.find(({ code, range }) => code === diagnostic.code && sameRange(range, diagnostic.range))?.data;
}

function isData(value: unknown): value is DiagnosticData {
  const { version, finding } = (value ?? {}) as Partial<Record<keyof DiagnosticData, unknown>>;
  return typeof version === "number" && typeof finding === "number";
}
