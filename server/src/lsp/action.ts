/** Fixes as the editor offers them, made from what the diagnostics themselves carry. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  TextEdit,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { type DiagnosticData, type FixData, type OwnDiagnostic, source } from "./diagnostic";
import { sameRange } from "./range";

/** The diagnostics that were last published for a document, and the version they are about. */
export interface Published {
  readonly version: number;
  readonly diagnostics: readonly OwnDiagnostic[];
}

/**
 * Returns the quick fixes for the diagnostics the editor asks about. Those of an older version are
 * left out: their edits would hit other text.
 */
export function toCodeActions(
  { context }: CodeActionParams,
  document: TextDocument,
  published: Published | undefined,
  versionedEdits: boolean,
): CodeAction[] {
  if (context.only !== undefined && !context.only.some(includesQuickFix)) return [];
  return context.diagnostics.flatMap((diagnostic) => {
    const data = dataOf(diagnostic, published);
    if (data?.version !== document.version) return [];
    const safe = data.fixes.filter((fix) => fix.safe);
    return data.fixes.map((fix) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      ...(fix.safe && safe.length === 1 && { isPreferred: true }),
      edit: toWorkspaceEdit(fix, document, versionedEdits),
    }));
  });
}

function toWorkspaceEdit({ edits }: FixData, { uri, version }: TextDocument, versioned: boolean) {
  return versioned ? { documentChanges: [{ textDocument: { uri, version }, edits }] } : { changes: { [uri]: edits } };
}

/** A kind stands for all kinds below it, and the empty one for every kind. */
function includesQuickFix(kind: string): boolean {
  return kind === "" || kind === CodeActionKind.QuickFix;
}

/** Returns what the diagnostic carries; for a client that drops it, what the same diagnostic was published with. */
function dataOf(diagnostic: Diagnostic, published: Published | undefined): DiagnosticData | undefined {
  if (diagnostic.source !== undefined && diagnostic.source !== source) return undefined;
  if (isData(diagnostic.data)) return diagnostic.data;
  return published?.diagnostics.find(
    ({ code, range }) => code === diagnostic.code && sameRange(range, diagnostic.range),
  )?.data;
}

function isData(value: unknown): value is DiagnosticData {
  const { version, fixes } = (value ?? {}) as Partial<Record<keyof DiagnosticData, unknown>>;
  return typeof version === "number" && Array.isArray(fixes) && fixes.every(isFix);
}

function isFix(value: unknown): value is FixData {
  const { title, edits } = (value ?? {}) as Partial<Record<keyof FixData, unknown>>;
  return typeof title === "string" && Array.isArray(edits) && edits.every((edit) => TextEdit.is(edit));
}
