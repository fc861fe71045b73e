/** The report that other programs read. Its words and shape are a promise: additions only within a version. */
import type { FunctionReport, HopReport, LintResult } from "../lint";
import { type Catalogue, render } from "../message";
import type { Finding, Note, Severity } from "../rules/rule";
import type { Span } from "../template/syntax";
import { type FileReport, type Lines, linesOf, type Position, pathOf, positionAt } from "./file";

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

export interface JsonFunction extends Pick<FunctionReport, "id" | "construct" | "verdict" | "dependsOn"> {
  readonly subnets: readonly JsonSubnet[];
  /** Absent for a function outside a VPC. */
  readonly role?: NonNullable<FunctionReport["role"]>;
  /** The verdict in each parameter set; absent where there are none. */
  readonly sets?: readonly JsonSet[];
}

export interface JsonSet {
  readonly name: string;
  readonly verdict: FunctionReport["verdict"];
}

export interface JsonSubnet {
  readonly ref: string;
  /** What the reference stands for in the account that was asked; absent where none told. */
  readonly id?: string;
  readonly verdict: string;
  readonly ipv6: string;
  readonly blockers: readonly string[];
  readonly hops: readonly JsonHop[];
}

export interface JsonHop extends Pick<HopReport, "kind" | "id" | "family" | "status"> {
  readonly why: string;
  /** Counted from one; absent for what has no line in a file. */
  readonly line?: number;
  /** Present when the line is another file's. */
  readonly path?: string;
}

export interface JsonFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** The path of the CDK construct that it is about. */
  readonly construct?: string;
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

/** What stands around the files of the report and between them: one JSON document, with a line break at its end. */
export const frame = {
  head: '{\n  "version": 1,\n  "files": [',
  between: ",",
  /** Behind a file, and where there is none. */
  tail: "\n  ]\n}\n",
  none: "]\n}\n",
} as const;

/** Returns one file of the report as it stands in the document, on lines of its own. */
export function fileJson(file: FileReport, catalogue: Catalogue): string {
  return `\n${JSON.stringify(toJsonFile(file, catalogue), undefined, 2)}`.replaceAll("\n", "\n    ");
}

function toJsonFile(file: FileReport, catalogue: Catalogue): JsonFile {
  if ("unreadable" in file) return { path: file.path, kind: "unreadable", functions: [], findings: [] };
  const places: Places = { lines: linesOf(file), path: (span) => pathOf(file, span) };
  const { kind, functions, findings } = file.result;
  return {
    path: file.path,
    kind,
    functions: functions.map((fn) => toJsonFunction(fn, places, catalogue)),
    findings: findings.map((finding) => toJsonFinding(finding, places, catalogue)),
  };
}

/** Finds the text and the path of the file that a span lies in. */
interface Places {
  readonly lines: ReturnType<typeof linesOf>;
  readonly path: (span: Span) => string;
}

/** For what lies in no file. */
export const nowhere: Places = { lines: () => undefined, path: () => "" };

/** Returns one function as plain data. */
export function toJsonFunction(
  { id, construct, verdict, subnets, role, dependsOn, sets }: Omit<FunctionReport, "span" | "reasons">,
  places: Places,
  catalogue: Catalogue,
): JsonFunction {
  return {
    id,
    ...(construct === undefined ? {} : { construct }),
    verdict,
    subnets: subnets.map((subnet) => ({
      ref: subnet.ref,
      ...(subnet.id === undefined ? {} : { id: subnet.id }),
      verdict: subnet.verdict,
      ipv6: subnet.ipv6,
      blockers: subnet.blockers,
      hops: subnet.hops.map((hop) => toJsonHop(hop, places, catalogue)),
    })),
    ...(role === undefined ? {} : { role }),
    dependsOn: dependsOn.map(({ when, verdict }) => ({ when, verdict })),
    ...(sets === undefined ? {} : { sets: sets.map(({ name, verdict }) => ({ name, verdict })) }),
  };
}

function toJsonHop({ kind, id, family, status, why, span }: HopReport, places: Places, catalogue: Catalogue): JsonHop {
  const hop = { kind, id, family, status, why: render(why, catalogue) };
  const text = span && places.lines(span);
  if (span === undefined || text === undefined) return hop;
  const line = positionAt(text, span.start).line + 1;
  return span.file === undefined ? { ...hop, line } : { ...hop, line, path: places.path(span) };
}

function toJsonFinding(
  { rule, severity, message, construct, span, notes, fixes }: Finding,
  places: Places,
  catalogue: Catalogue,
): JsonFinding {
  return {
    rule,
    severity,
    message: render(message, catalogue),
    ...(construct === undefined ? {} : { construct }),
    range: toRange(span, places.lines(span)),
    notes: notes.map((note) => toJsonNote(note, places, catalogue)),
    fixes: fixes.map(({ title }) => render(title, catalogue)),
  };
}

function toJsonNote({ message, span }: Note, { lines, path }: Places, catalogue: Catalogue): JsonNote {
  const note = { message: render(message, catalogue), range: toRange(span, lines(span)) };
  return span.file === undefined ? note : { ...note, path: path(span) };
}

/** A text that is not at hand leaves only the file to point at, by its first character. */
function toRange({ start, end }: Span, lines: Lines | undefined): JsonRange {
  if (lines === undefined) return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  return { start: positionAt(lines, start), end: positionAt(lines, end) };
}
