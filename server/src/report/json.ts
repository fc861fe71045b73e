/** The report that other programs read. Its words and shape are a promise: additions only within a version. */
import type { FunctionReport, HopReport, LintResult } from "../lint";
import { type Catalogue, render } from "../message";
import type { Finding, Note, Severity } from "../rules/rule";
import type { Span } from "../template/syntax";
import { type FileReport, type Lines, linesOf, type Position, positionAt } from "./file";

export interface JsonReport {
  readonly version: 1;
  readonly files: readonly JsonFile[];
}

export interface JsonFile {
  readonly path: string;
  readonly kind: LintResult["kind"] | "unreadable";
  readonly functions: readonly JsonFunction[];
  readonly findings: readonly JsonFinding[];
}

export interface JsonFunction extends Pick<FunctionReport, "id" | "verdict" | "dependsOn"> {
  readonly subnets: readonly JsonSubnet[];
  /** Absent for a function outside a VPC. */
  readonly role?: NonNullable<FunctionReport["role"]>;
}

export interface JsonSubnet {
  readonly ref: string;
  readonly verdict: string;
  readonly ipv6: string;
  readonly blockers: readonly string[];
  readonly hops: readonly JsonHop[];
}

export interface JsonHop extends Pick<HopReport, "kind" | "id" | "family" | "status"> {
  readonly why: string;
  /** Counted from one; absent for what has no line in this file. */
  readonly line?: number;
}

export interface JsonFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: JsonRange;
  readonly notes: readonly JsonNote[];
  /** Titles of the fixes that an editor offers. */
  readonly fixes: readonly string[];
}

export interface JsonNote {
  readonly message: string;
  readonly range: JsonRange;
  /** Present when the note lies in another file. */
  readonly path?: string;
}

export interface JsonRange {
  readonly start: Position;
  readonly end: Position;
}

/** Returns the report as one JSON document, with a line break at its end. */
export function toJson(files: readonly FileReport[], catalogue: Catalogue): string {
  return `${JSON.stringify(toJsonReport(files, catalogue), undefined, 2)}\n`;
}

/** Returns the report as plain data. */
export function toJsonReport(files: readonly FileReport[], catalogue: Catalogue): JsonReport {
  return { version: 1, files: files.map((file) => toJsonFile(file, catalogue)) };
}

function toJsonFile(file: FileReport, catalogue: Catalogue): JsonFile {
  if ("unreadable" in file) return { path: file.path, kind: "unreadable", functions: [], findings: [] };
  const lines = linesOf(file);
  const { kind, functions, findings } = file.result;
  return {
    path: file.path,
    kind,
    functions: functions.map((fn) => toJsonFunction(fn, lines, catalogue)),
    findings: findings.map((finding) => toJsonFinding(finding, lines, catalogue)),
  };
}

type LinesOf = ReturnType<typeof linesOf>;

/** Returns one function as plain data; `lines` finds the text that a span lies in. */
export function toJsonFunction(
  { id, verdict, subnets, role, dependsOn }: Omit<FunctionReport, "span" | "reasons">,
  lines: LinesOf,
  catalogue: Catalogue,
): JsonFunction {
  return {
    id,
    verdict,
    subnets: subnets.map((subnet) => ({
      ref: subnet.ref,
      verdict: subnet.verdict,
      ipv6: subnet.ipv6,
      blockers: subnet.blockers,
      hops: subnet.hops.map((hop) => toJsonHop(hop, lines, catalogue)),
    })),
    ...(role === undefined ? {} : { role }),
    dependsOn: dependsOn.map(({ when, verdict }) => ({ when, verdict })),
  };
}

function toJsonHop({ kind, id, family, status, why, span }: HopReport, lines: LinesOf, catalogue: Catalogue): JsonHop {
  const hop = { kind, id, family, status, why: render(why, catalogue) };
  const own = span !== undefined && span.file === undefined ? lines(span) : undefined;
  return span === undefined || own === undefined ? hop : { ...hop, line: positionAt(own, span.start).line + 1 };
}

function toJsonFinding(
  { rule, severity, message, span, notes, fixes }: Finding,
  lines: LinesOf,
  catalogue: Catalogue,
): JsonFinding {
  return {
    rule,
    severity,
    message: render(message, catalogue),
    range: toRange(span, lines(span)),
    notes: notes.map((note) => toJsonNote(note, lines, catalogue)),
    fixes: fixes.map(({ title }) => render(title, catalogue)),
  };
}

function toJsonNote({ message, span }: Note, lines: LinesOf, catalogue: Catalogue): JsonNote {
  const note = { message: render(message, catalogue), range: toRange(span, lines(span)) };
  return span.file === undefined ? note : { ...note, path: span.file };
}

/** A text that is not at hand leaves only the file to point at, by its first character. */
function toRange({ start, end }: Span, lines: Lines | undefined): JsonRange {
  if (lines === undefined) return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return { start: positionAt(lines, start), end: positionAt(lines, end) };
}
