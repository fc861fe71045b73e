/** Findings as the editor shows them. */
import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { type Catalogue, render } from "../message";
import { positionAt, toLines } from "../report/file";
import { rulePage } from "../rules/page";
import type { Finding, Severity } from "../rules/rule";
import { toRange } from "./range";

/** The name under which the editor lists the diagnostics. */
export const source = "lambda-egress";

/**
 * What a diagnostic carries to the editor and back: which finding of which version of the text it shows. The fixes
 * are that finding's, and are never sought again from the words of a message.
 */
export interface DiagnosticData {
  readonly version: number;
  /** The finding's place among those of its version. */
  readonly finding: number;
}

/** A diagnostic as this server publishes it. */
export type OwnDiagnostic = Diagnostic & { readonly data: DiagnosticData };

/** Finds the text of another file; undefined where it is not at hand. */
export type TextOf = (uri: string) => string | undefined;

/**
 * Returns the diagnostic of a finding, by its place among those of this version of the document; `textOf` finds the other files that notes lie
 * in, and is absent for a client that takes no notes.
 */
export function toDiagnostic(
  finding: Finding,
  place: number,
  document: TextDocument,
  textOf: TextOf | undefined,
  catalogue: Catalogue,
): OwnDiagnostic {
  return {
    range: toRange(finding.span, document),
    severity: toSeverity(finding.severity),
    code: finding.rule,
    codeDescription: { href: rulePage(finding.rule, catalogue) },
    source,
    message: render(finding.message, catalogue),
    ...(textOf && {
      relatedInformation: finding.notes.flatMap((note) => toRelatedInformation(note, document, textOf, catalogue)),
    }),
    // An ignore that silences nothing is shown faded, like unused code.
    ...(finding.rule === "unused-ignore" && { tags: [DiagnosticTag.Unnecessary] }),
    data: { version: document.version, finding: place },
  };
}

/** Yields nothing for a note in another file whose text is gone: no place in it can be named. */
function toRelatedInformation(
  { span, message: words }: Finding["notes"][number],
  document: TextDocument,
  textOf: TextOf,
  catalogue: Catalogue,
): DiagnosticRelatedInformation[] {
  const message = render(words, catalogue);
  const { file: uri = document.uri, start, end } = span;
  if (span.file === undefined) return [{ location: { uri, range: toRange(span, document) }, message }];
  const text = textOf(uri);
  if (text === undefined) return [];
  const lines = toLines(text);
  return [{ location: { uri, range: { start: positionAt(lines, start), end: positionAt(lines, end) } }, message }];
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
