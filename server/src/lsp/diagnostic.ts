/** Findings as the editor shows them. */
import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type TextEdit,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { joinEdits } from "../edit/edit";
import { type Catalogue, render } from "../message";
import { rulePage } from "../rules/page";
import type { Finding, Fix, Severity } from "../rules/rule";
import { toRange } from "./range";

/** The name under which the editor lists the diagnostics. */
export const source = "lambda-egress";

/**
 * What a diagnostic carries to the editor and back: its fixes, and the version of the text they fit.
 * A fix is never sought again from the words of a message.
 */
export interface DiagnosticData {
  readonly version: number;
  readonly fixes: readonly FixData[];
}

export interface FixData {
  readonly title: string;
  readonly safe: boolean;
  readonly edits: TextEdit[];
}

/** A diagnostic as this server publishes it. */
export type OwnDiagnostic = Diagnostic & { readonly data: DiagnosticData };

/** Returns the diagnostic of a finding in this version of the document; `related` tells whether the client takes notes. */
export function toDiagnostic(
  finding: Finding,
  document: TextDocument,
  related: boolean,
  catalogue: Catalogue,
): OwnDiagnostic {
  const fixes = finding.fixes.flatMap((fix) => toFixData(fix, document, catalogue));
  const data = { version: document.version, fixes };
  const toNote = (note: Finding["notes"][number]) => toRelatedInformation(note, document, catalogue);
  return {
    range: toRange(finding.span, document),
    severity: toSeverity(finding.severity),
    code: finding.rule,
    codeDescription: { href: rulePage(finding.rule, catalogue) },
    source,
    message: render(finding.message, catalogue),
    ...(related && { relatedInformation: finding.notes.flatMap(toNote) }),
    // An ignore that silences nothing is shown faded, like unused code.
    ...(finding.rule === "unused-ignore" && { tags: [DiagnosticTag.Unnecessary] }),
    data,
  };
}

/** Yields nothing for a note in another file: without its text, no place in it can be named. */
function toRelatedInformation(
  { span, message }: Finding["notes"][number],
  document: TextDocument,
  catalogue: Catalogue,
): DiagnosticRelatedInformation[] {
  if (span.file !== undefined) return [];
  const location = { uri: document.uri, range: toRange(span, document) };
  return [{ location, message: render(message, catalogue) }];
}

/** Yields nothing for a fix that reaches into another file, since half a fix is none. */
function toFixData(fix: Fix, document: TextDocument, catalogue: Catalogue): FixData[] {
  if (fix.edits.some(({ span }) => span.file !== undefined)) return [];
  const edits = joinEdits(fix.edits).map(({ span, text }) => ({ range: toRange(span, document), newText: text }));
  return [{ title: render(fix.title, catalogue), safe: fix.safe, edits }];
}

function toSeverity(severity: Severity): DiagnosticSeverity {
  switch (severity) {
    case "error":
      return DiagnosticSeverity.Error;
    case "warning":
      return DiagnosticSeverity.Warning;
    case "information":
      return DiagnosticSeverity.Information;
    case "hint":
      return DiagnosticSeverity.Hint;
  }
}
