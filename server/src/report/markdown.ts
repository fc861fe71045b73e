/** The report as Markdown, fit for the comment on a pull request. */
import type { FunctionReport } from "../lint";
import { type Catalogue, listed, type Message, message, render } from "../message";
import type { FunctionVerdict } from "../network/verdict";
import { rulePage } from "../rules/page";
import type { Finding, Severity } from "../rules/rule";
import type { Span } from "../template/syntax";
import { type CheckedFile, type FileReport, linesOf, pathOf, positionAt } from "./file";
import {
  countFindings,
  countFunctions,
  functionSays,
  type Mood,
  moodOf,
  setOutcomes,
  templatesOf,
  whenText,
  whySo,
} from "./words";

/** Code hosts refuse comments of more than 65,536 characters, so this many are filled and the rest is counted. */
const longest = 60_000;

/** Returns the report: a summary, a table of functions, then the findings by file. */
export function toMarkdown(files: readonly FileReport[], catalogue: Catalogue): string {
  const checked = files.filter((file): file is CheckedFile => "result" in file);
  const templates = templatesOf(checked);
  const pages = templates.map((file): Page => ({ file, lines: linesOf(file), catalogue }));
  const rows = pages.flatMap((page) => page.file.result.functions.map((fn) => toRow(fn, page)));
  const heads = [message("function"), message("template"), message("verdict"), message("why")];
  const titles = heads.map((head) => render(head, catalogue)).join(" | ");
  const head = `| | ${titles} |\n| --- | --- | --- | --- | --- |\n`;
  const parts: Part[] = [
    { text: `## Lambda Egress\n\n${summary(templates, catalogue)}\n` },
    ...rows.map((text, index) => ({ text: index === 0 ? `\n${head}${text}` : text, counts: "function" as const })),
    ...pages.flatMap(fileParts),
    ...unreadParts(files, catalogue),
  ];
  return join(parts, catalogue);
}

interface Page {
  readonly file: CheckedFile;
  readonly lines: ReturnType<typeof linesOf>;
  readonly catalogue: Catalogue;
}

interface Part {
  readonly text: string;
  /** What a reader misses where it is left out. */
  readonly counts?: "function" | "finding" | "file";
}

/** Joins what fits, and says what did not. */
function join(parts: readonly Part[], catalogue: Catalogue): string {
  let text = "";
  let full = false;
  const missing = { function: 0, finding: 0, file: 0 };
  for (const part of parts) {
    full ||= text.length + part.text.length > longest;
    if (!full) text += part.text;
    else if (part.counts !== undefined) missing[part.counts]++;
  }
  const counts = (["function", "finding", "file"] as const).flatMap((what) =>
    missing[what] === 0 ? [] : [more[what](missing[what])],
  );
  if (counts.length === 0) return text;
  return `${text}\n${render(message("Left out for length: {0}.", listed(counts)), catalogue)}\n`;
}

const more: Readonly<Record<NonNullable<Part["counts"]>, (count: number) => Message>> = {
  function: (count) => (count === 1 ? message("{0} more function", count) : message("{0} more functions", count)),
  finding: (count) => (count === 1 ? message("{0} more finding", count) : message("{0} more findings", count)),
  file: (count) => (count === 1 ? message("{0} more file", count) : message("{0} more files", count)),
};

function summary(templates: readonly CheckedFile[], catalogue: Catalogue): string {
  if (templates.length === 0) return render(message("No templates found"), catalogue);
  const counted = countFindings(templates).map(({ text }) => text);
  const found = counted.length === 0 ? message("Nothing found") : listed(counted);
  return `**${render(found, catalogue)}** ${render(countFunctions(templates), catalogue)}`;
}

function toRow(fn: FunctionReport, page: Page): string {
  const { file, catalogue } = page;
  const says = (verdict: FunctionVerdict) => render(functionSays(verdict, file.destination), catalogue);
  const why = [
    ...whySo(fn, file.destination).map((reason) => render(reason, catalogue)),
    ...fn.dependsOn.map(({ when, verdict }) => `${says(verdict)} ${render(whenText(when), catalogue)}`),
    ...setOutcomes(fn).map(({ verdict, text }) => `${says(verdict)} ${render(text, catalogue)}`),
  ];
  const cells = [
    signs[moodOf(fn.verdict)],
    link(fn.id, page, fn.span),
    verbatim(file.path),
    verbatim(says(fn.verdict)),
    why.map(verbatim).join("<br>"),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function fileParts(page: Page): Part[] {
  const { file } = page;
  return file.result.findings.map((finding, index) => {
    const head = index === 0 ? `\n### [${verbatim(file.path)}](${toHref(file.path)})\n\n` : "";
    return { text: head + toItem(finding, page), counts: "finding" as const };
  });
}

function toItem({ rule, severity, message: words, construct, span, notes, fixes }: Finding, page: Page): string {
  const { catalogue } = page;
  const made = construct === undefined ? "" : ` (${verbatim(construct)})`;
  const lines = [
    `- ${severities[severity]} **${severity}** [${verbatim(rule)}](${rulePage(rule, catalogue)}), ${at(span, page)}: ${verbatim(render(words, catalogue))}${made}`,
    ...notes.map((note) => `  - ${at(note.span, page)}: ${verbatim(render(note.message, catalogue))}`),
    ...fixes.map(({ title }) => `  - ${render(message("Fix: {0}", verbatim(render(title, catalogue))), catalogue)}`),
  ];
  return `${lines.join("\n")}\n`;
}

function unreadParts(files: readonly FileReport[], catalogue: Catalogue): Part[] {
  const head = `\n### ${render(message("Not read"), catalogue)}\n\n`;
  return files
    .flatMap((file) => ("unreadable" in file ? [file] : []))
    .map(({ path, unreadable }, index) => ({
      text: `${index === 0 ? head : ""}- ${verbatim(path)}: ${verbatim(render(unreadable, catalogue))}\n`,
      counts: "file" as const,
    }));
}

/** Returns a link to the line, with the file's name where it is another file. */
function at(span: Span, page: Page): string {
  const line = lineOf(page, span);
  const words = [
    ...(span.file === undefined ? [] : [pathOf(page.file, span)]),
    ...(line === undefined ? [] : [render(message("line {0}", line), page.catalogue)]),
  ];
  return link(words.join(" "), page, span);
}

function link(words: string, page: Page, span: Span): string {
  const line = lineOf(page, span);
  return `[${verbatim(words)}](${toHref(pathOf(page.file, span))}${line === undefined ? "" : `#L${line}`})`;
}

/** Counted from one; undefined for a file whose text is not at hand. */
function lineOf({ lines }: Page, span: Span): number | undefined {
  const text = lines(span);
  return text === undefined ? undefined : positionAt(text, span.start).line + 1;
}

/** Returns the path as a link's target: encoded, so that nothing in it ends the link or the table's cell. */
function toHref(path: string): string {
  const encoded = path.split("/").map((part) => encodeURIComponent(part).replace(/[()]/g, percent));
  return encoded.join("/").replace(/^(?:\.\/)+/, "");
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Returns text that Markdown shows as it is, on one line, in a table too: no mark-up, no mention, no link of its own. */
function verbatim(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]<>#|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/@/g, "&#64;")
    .replace(/:\/\//g, "&#58;//");
}

const signs: Readonly<Record<Mood, string>> = { good: "✅", fair: "⚠️", bad: "❌", open: "❔" };

const severities: Readonly<Record<Severity, string>> = { error: "❌", warning: "⚠️", information: "ℹ️", hint: "💡" };
