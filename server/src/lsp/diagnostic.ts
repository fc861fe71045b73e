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
import { render } from "../message";
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
export function toDiagnostic(finding: Finding, document: TextDocument, related: boolean): OwnDiagnostic {
  const data = { version: document.version, fixes: finding.fixes.flatMap((fix) => toFixData(fix, document)) };
  return {
    range: toRange(finding.span, document),
    severity: toSeverity(finding.severity),
    code: finding.rule,
    codeDescription: { href: rulePage(finding.rule) },
    source,
    message: render(finding.message),
    ...(related && { relatedInformation: finding.notes.flatMap((note) => toRelatedInformation(note, document)) }),
    // An ignore that silences nothing is shown faded, like unused code.
    ...(finding.rule === "unused-ignore" && { tags: [DiagnosticTag.Unnecessary] }),
    data,
  };
}

/** Yields nothing for a note in another file: without its text, no place in it can be named. */
function toRelatedInformation(note: Finding["notes"][number], document: TextDocument): DiagnosticRelatedInformation[] {
  if (note.span.file !== undefined) return [];
  return [{ location: { uri: document.uri, range: toRange(note.span, document) }, message: render(note.message) }];
}

/** Yields nothing for a fix that reaches into another file, since half a fix is none. */
function toFixData(fix: Fix, document: TextDocument): FixData[] {
  if (fix.edits.some(({ span }) => span.file !== undefined)) return [];
  const edits = joinEdits(fix.edits).map(({ span, text }) => ({ range: toRange(span, document), newText: text }));
  return [{ title: render(fix.title), safe: fix.safe, edits }];
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
