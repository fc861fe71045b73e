/** The report for a person at a terminal: what is wrong and where, then what each function can reach. */
import type { Colors } from "picocolors/types";
import type { FunctionReport } from "../lint";
import { type Catalogue, message, render } from "../message";
import type { FunctionVerdict } from "../network/verdict";
import type { Finding, Severity } from "../rules/rule";
import type { Span } from "../template/syntax";
import { excerpt, printable } from "./excerpt";
import { type CheckedFile, linesOf, pathOf, positionAt } from "./file";
import {
  type Counted,
  countFindings,
  countFunctions,
  functionSays,
  type Mood,
  moodOf,
  setOutcomes,
  setsText,
  templatesOf,
  whenText,
  whySo,
} from "./words";

export interface TextOptions {
  /** From picocolors, with or without colours. */
  readonly colors: Colors;
  readonly catalogue: Catalogue;
  /** Findings only: no verdicts, no summary. */
  readonly quiet?: boolean;
}

/** Returns what is to be said of one file, a paragraph a finding, each with a line break at its end and an empty line between. */
export function fileText(file: CheckedFile, options: TextOptions): string {
  const lines = linesOf(file);
  const findings = file.result.findings.map((finding) => findingText(finding, file, lines, options));
  const paragraphs = options.quiet === true ? findings : [...findings, ...overview(file, options)];
  return paragraphs.map((paragraph) => `${paragraph}\n`).join("\n");
}

function findingText(
  { rule, severity, message: words, construct, span, notes, fixes }: Finding,
  file: CheckedFile,
  lines: ReturnType<typeof linesOf>,
  { colors, catalogue }: TextOptions,
): string {
  const paint = severityColor(severity, colors);
  const show = (at: Span, style: (text: string) => string) => {
    const text = lines(at);
    if (text === undefined) return [];
    const number = String(positionAt(text, at.start).line + 1).padStart(5);
    const { source, carets } = excerpt(text, at);
    const bar = colors.dim("|");
    return [
      `${colors.dim(number)} ${bar}${source === "" ? "" : ` ${source}`}`,
      `${" ".repeat(6)}${bar} ${style(carets)}`,
    ];
  };
  const place = (at: Span) => {
    const text = lines(at);
    const path = printable(pathOf(file, at));
    if (text === undefined) return path;
    const { line, character } = positionAt(text, at.start);
    return `${path}:${line + 1}:${character + 1}`;
  };
  return [
    `${colors.bold(place(span))} ${paint(severity)} ${colors.cyan(rule)} ${printable(render(words, catalogue))}${made(construct, colors)}`,
    ...show(span, paint),
    ...notes.flatMap((note) => [
      `  ${place(note.span)} ${colors.dim(render(message("note:"), catalogue))} ${printable(render(note.message, catalogue))}`,
      ...show(note.span, colors.dim),
    ]),
    ...fixes.map(({ title }) => {
      return `  ${colors.green(render(message("fix:"), catalogue))} ${printable(render(title, catalogue))}`;
    }),
  ].join("\n");
}

/** The CDK construct behind a resource, which people know by another name. */
function made(construct: string | undefined, colors: Colors): string {
  return construct === undefined ? "" : colors.dim(` (${printable(construct)})`);
}

/** What the file's functions can reach; nothing for a template without functions. */
function overview(file: CheckedFile, options: TextOptions): string[] {
  const { colors, catalogue } = options;
  const { path, result } = file;
  if (result.kind === "not-a-template") {
    const words = render(message("is not a CloudFormation or SAM template"), catalogue);
    return [`${colors.bold(printable(path))} ${colors.dim(words)}`];
  }
  if (result.functions.length === 0) return [];
  const sets = setsText(result);
  const name = colors.bold(printable(path));
  const head = sets === undefined ? name : `${name} ${colors.dim(printable(render(sets, catalogue)))}`;
  return [[head, ...result.functions.flatMap((fn) => functionLines(fn, file, options))].join("\n")];
}

function functionLines(fn: FunctionReport, { destination }: CheckedFile, { colors, catalogue }: TextOptions): string[] {
  const why = whySo(fn, destination).map((reason) => render(reason, catalogue));
  const reasons = why.length === 0 ? "" : colors.dim(` — ${printable(why.join("; "))}`);
  const says = (verdict: FunctionVerdict) =>
    colors[moods[moodOf(verdict)]](render(functionSays(verdict, destination), catalogue));
  return [
    `  ${printable(fn.id)}${made(fn.construct, colors)}: ${says(fn.verdict)}${reasons}`,
    ...fn.dependsOn.map(({ when, verdict }) => `    ${says(verdict)} ${printable(render(whenText(when), catalogue))}`),
    ...setOutcomes(fn).map(({ verdict, text }) => `    ${says(verdict)} ${printable(render(text, catalogue))}`),
  ];
}

const moods: Readonly<Record<Mood, "green" | "yellow" | "red" | "dim">> = {
  good: "green",
  fair: "yellow",
  bad: "red",
  open: "dim",
};

/** Returns the line at the end: what there is in all files together. */
export function summaryText(files: readonly Counted[], { colors, catalogue }: TextOptions): string {
  const templates = templatesOf(files);
  if (templates.length === 0) return `${colors.dim(render(message("No templates found"), catalogue))}\n`;
  const counted = countFindings(templates).map(({ severity, text }) =>
    severityColor(severity, colors)(render(text, catalogue)),
  );
  const found = counted.length === 0 ? colors.green(render(message("Nothing found"), catalogue)) : counted.join(", ");
  return `${found} ${render(countFunctions(templates), catalogue)}\n`;
}

function severityColor(severity: Severity, colors: Colors): (text: string) => string {
  switch (severity) {
    case "error":
      return colors.red;
    case "warning":
      return colors.yellow;
    case "information":
      return colors.blue;
    case "hint":
      return colors.dim;
  }
}
