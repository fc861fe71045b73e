/** The report on what is deployed, for a person: at a terminal, or as Markdown. */
import type { Colors } from "picocolors/types";
import type { LiveFact } from "../live/facts";
import { type Catalogue, listed, type Message, message, render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet } from "../network/egress";
import type { Family, FunctionVerdict, Status } from "../network/verdict";
import { rulePage } from "../rules/page";
import {
  type CheckedFunction,
  type DeployedReport,
  driftOf,
  factsOf,
  findingsOf,
  linkTo,
  type Row,
  reportOf,
  sectionsOf,
  shownDrift,
} from "./deployed";
import type { Named } from "./deployed-rules";
import { driftSummary } from "./drift";
import { printable } from "./excerpt";
import type { Position } from "./file";
import { runbook, runbookLink } from "./runbook";
import { functionSays, type Mood, moodOf, roleSays, whySo } from "./words";

/** Returns what the runbook of AWS is good for beside this report. */
const pointer = message(
  "AWS's runbook {0} (Systems Manager, Automation) checks one address from the same side: start it to have AWS confirm a path.",
  runbook,
);

export interface DeployedTextOptions {
  readonly colors: Colors;
  readonly catalogue: Catalogue;
}

/** Returns the report on one function as text: head, hops by subnet, and what else is worth knowing. */
export function toDeployedText(report: DeployedReport, options: DeployedTextOptions): string {
  return report.functions.map((fn) => functionText(report, fn, options)).join("\n");
}

/** Returns a table with one line a function, for many. */
export function toDeployedList(report: DeployedReport, { colors, catalogue }: DeployedTextOptions): string {
  const rows = report.functions.map((fn) => ({
    cells: cellsOf(report, fn, catalogue),
    mood: moodOf(fn.egress.verdict),
  }));
  const heads = listHeads.map((head) => render(head, catalogue));
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], colour: (column: number) => (text: string) => string): string =>
    cells
      // Nothing stands behind the last column, which may be long.
      .map((text, column) => colour(column)(column === cells.length - 1 ? text : text.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  const plain = (text: string) => text;
  const table = rows.map(({ cells, mood }) =>
    line(cells, (column) => [colors.bold, paint(mood, colors), plain, colors.dim][column] ?? plain),
  );
  const failures = report.asked.failures.map(({ action, kind }) => `${action}: ${kind}`);
  return [
    colors.dim(whereAndWhen(report, catalogue)),
    "",
    ...(rows.length === 0
      ? [render(message("no function of this region is in a VPC"), catalogue)]
      : [line(heads, () => colors.bold), ...table]),
    ...(failures.length === 0 ? [] : ["", render(message("Not asked: {0}", failures.join(", ")), catalogue)]),
    "",
  ]
    .map((one) => safe(one))
    .join("\n");
}

const listHeads = [message("Function"), message("Verdict"), message("Role"), message("Why")] as const;

/** A function's line of a table: name, verdict, role, and why it is so, with the rules that name what is wrong. */
function cellsOf(report: DeployedReport, fn: CheckedFunction, catalogue: Catalogue): readonly string[] {
  const row = reportOf(fn);
  const { id, verdict, role } = row;
  const why = whySo(row, report.destination)
    .map((reason) => render(reason, catalogue))
    .join("; ");
  const ids = [...new Set(findingsOf(report, fn).map((finding) => finding.id))];
  return [
    id,
    render(functionSays(verdict, report.destination), catalogue),
    role === undefined ? "" : render(roleSays(role), catalogue),
    ids.length === 0 ? why : `${why} (${ids.join(", ")})`,
  ];
}

/** Returns the report on functions as Markdown, each with its tables. */
export function toDeployedMarkdown(report: DeployedReport, catalogue: Catalogue): string {
  const { functions, asked } = report;
  const sections = functions.map((fn) => functionMarkdown(report, fn, catalogue));
  if (functions.length === 1) return sections.join("\n");
  const say = (text: Message): string => render(text, catalogue);
  const rows = functions.map((fn) => `| ${cellsOf(report, fn, catalogue).map(cell).join(" | ")} |`);
  const titles = [message("function"), message("verdict"), message("role"), message("why")].map(say);
  const table = [`| ${titles.join(" | ")} |`, "| --- | --- | --- | --- |", ...rows];
  const none = [say(message("No function of this region is in a VPC."))];
  const title = say(message("Functions of {0}", cell(asked.region)));
  const head = [`# ${title}`, "", cell(whereAndWhen(report, catalogue)), ""];
  return [`${[...head, ...(rows.length === 0 ? none : table)].join("\n")}\n`, ...sections].join("\n");
}

function functionText(report: DeployedReport, fn: CheckedFunction, options: DeployedTextOptions): string {
  const { colors, catalogue } = options;
  const { egress, deployed } = fn;
  const lines = [
    `${colors.bold(deployed.key)} ${paint(moodOf(egress.verdict), colors)(saysOf(report, fn, catalogue))}`,
    colors.dim(`  ${deployed.arn}`),
    colors.dim(`  ${whereAndWhen(report, catalogue)}`),
    ...linkLine(linkTo(deployed.arn, report), "  ", colors),
  ];
  for (const { subnet, family, verdict, rows } of sectionsOf(report, fn)) {
    lines.push("", render(overFamily(colors.bold(subnet), family, verdict), catalogue));
    const width = Math.max(...rows.map(({ kind }) => kind.length));
    const ids = Math.min(40, Math.max(...rows.map(({ id }) => id.length)));
    for (const row of rows) lines.push(...rowLines(row, width, ids, options));
  }
  lines.push(...driftText(report, options));
  const facts = factsOf(report, fn);
  if (facts.length > 0) lines.push("", colors.bold(render(message("Also"), catalogue)));
  for (const { subject, status, text, named } of facts) {
    const says = render(message("{0}: {1}", subject, text), catalogue);
    lines.push(`  ${factSign(status, colors)} ${says}`, ...ruleLine(named, "    ", options));
  }
  if (egress.subnets.length > 0) {
    lines.push("", colors.dim(render(pointer, catalogue)), ...linkLine(runbookLink(report, fn), "", colors));
  }

  return `${lines.map((line) => safe(line)).join("\n")}\n`;
}

function rowLines(row: Row, width: number, ids: number, options: DeployedTextOptions): string[] {
  const { kind, id, evidence, why, fix, rule, link, status } = row;
  const { colors, catalogue } = options;
  const indent = " ".repeat(11);
  const decided = render(message("decided by {0}", evidence), catalogue);
  return [
    `  ${statusSign(status, colors)} ${kind.padEnd(width)} ${id.padEnd(ids)} ${render(why, catalogue)}`,
    ...(evidence === "" || status === "passed" ? [] : [`${indent}${colors.dim(decided)}`]),
    ...(fix === undefined
      ? []
      : [`${indent}${colors.green(render(message("fix:"), catalogue))} ${render(fix, catalogue)}`]),
    ...ruleLine(rule, indent, options),
    ...(status === "passed" ? [] : linkLine(link, indent, colors)),
  ];
}

function ruleLine(rule: Named | undefined, indent: string, { colors, catalogue }: DeployedTextOptions): string[] {
  if (rule === undefined) return [];
  return [`${indent}${colors.dim(`${rule.severity} ${rule.id}: ${rulePage(rule.id, catalogue)}`)}`];
}

function driftText(report: DeployedReport, options: DeployedTextOptions): string[] {
  const { colors, catalogue } = options;
  const drift = shownDrift(report);
  if (drift === undefined) return [];
  const indent = " ".repeat(4);
  const rows = driftOf(report).flatMap(({ place, subject, message: what, named, fix, link }) => [
    `  ${colors.yellow("!")} ${whereOf(place, drift.template?.path)}${subject}: ${render(what, catalogue)}`,
    `${indent}${colors.green(render(message("fix:"), catalogue))} ${render(fix, catalogue)}`,
    ...ruleLine(named, indent, options),
    ...linkLine(link, indent, colors),
  ]);
  return ["", colors.bold(render(driftSummary(drift), catalogue)), ...rows];
}

function whereOf(place: Position | undefined, path: string | undefined): string {
  return place === undefined || path === undefined ? "" : `${path}:${place.line + 1} `;
}

function linkLine(link: string | undefined, indent: string, colors: Colors): string[] {
  return link === undefined ? [] : [`${indent}${colors.dim(link)}`];
}

function functionMarkdown(report: DeployedReport, fn: CheckedFunction, catalogue: Catalogue): string {
  const { egress, deployed } = fn;
  const linked = (text: string, link: string | undefined): string =>
    link === undefined ? cell(text) : `[${cell(text)}](${link})`;
  const lines = [
    `## ${cell(deployed.key)} ${saysOf(report, fn, catalogue)}`,
    "",
    `${linked(deployed.arn, linkTo(deployed.arn, report))}  `,
    cell(whereAndWhen(report, catalogue)),
  ];
  for (const { subnet, family, verdict, rows } of sectionsOf(report, fn)) {
    lines.push("", `### ${render(overFamily(cell(subnet), family, verdict), catalogue)}`, "");
    const titles = heads.map((head) => render(head, catalogue)).join(" | ");
    lines.push(`| ${titles} |`, "| --- | --- | --- | --- | --- | --- |");
    for (const { status, kind, id, link, evidence, why, fix, rule } of rows) {
      const words = [
        marks[status],
        kind,
        linked(id, link),
        cell(evidence),
        `${cell(render(why, catalogue))}${ruleCell(rule, catalogue)}`,
        fix === undefined ? "" : cell(render(fix, catalogue)),
      ];
      lines.push(`| ${words.join(" | ")} |`);
    }
  }
  lines.push(...driftMarkdown(report, linked, catalogue));
  const facts = factsOf(report, fn);
  if (facts.length > 0) {
    const [also, what] = [render(message("Also"), catalogue), render(message("what"), catalogue)];
    lines.push("", `### ${also}`, "", `| | ${what} | |`, "| --- | --- | --- |");
  }
  for (const { status, subject, text, named } of facts) {
    const says = `${cell(render(text, catalogue))}${ruleCell(named, catalogue)}`;
    lines.push(`| ${factMarks[status]} | ${cell(render(subject, catalogue))} | ${says} |`);
  }
  const start = runbookLink(report, fn);
  if (egress.subnets.length > 0) {
    const also = start === undefined ? "" : ` [${render(message("Start it"), catalogue)}](${start})`;
    lines.push("", `${render(pointer, catalogue)}${also}`);
  }
  return `${lines.join("\n")}\n`;
}

function driftMarkdown(
  report: DeployedReport,
  linked: (text: string, link: string | undefined) => string,
  catalogue: Catalogue,
): string[] {
  const drift = shownDrift(report);
  if (drift === undefined) return [];
  const rows = driftOf(report).map(({ place, subject, id, link, message: what, fix, named }) => {
    const where = cell(`${whereOf(place, drift.template?.path)}${subject}`);
    const says = `${cell(render(what, catalogue))}${ruleCell(named, catalogue)}`;
    return `| ${[where, says, linked(id, link), cell(render(fix, catalogue))].join(" | ")} |`;
  });
  const titles = [message("template"), message("what"), message("id"), message("fix")];
  const line = titles.map((title) => render(title, catalogue)).join(" | ");
  const head = rows.length === 0 ? [] : ["", `| ${line} |`, "| --- | --- | --- | --- |"];
  return ["", `### ${cell(render(driftSummary(drift), catalogue))}`, ...head, ...rows];
}

function saysOf({ destination }: DeployedReport, { egress }: CheckedFunction, catalogue: Catalogue): string {
  return render(sentenceOn(egress.verdict, destination), catalogue);
}

function sentenceOn(verdict: FunctionVerdict, destination: Destination): Message {
  if (verdict === "not-in-vpc") return message("is not in a VPC: it reaches the internet by default");
  if (verdict === "no-internet" && destination === internet) return message("does not reach the internet");
  return functionSays(verdict, destination);
}

const heads = [
  message("status"),
  message("hop"),
  message("id"),
  message("evidence"),
  message("why"),
  message("fix"),
] as const;

/** Returns what stands above a path; the name comes as it is marked up. */
function overFamily(subnet: string, family: Family, verdict: string): Message {
  return family === "ipv4"
    ? message("{0} over IPv4: {1}", subnet, verdict)
    : message("{0} over IPv6: {1}", subnet, verdict);
}

function whereAndWhen({ asked, destination, time }: DeployedReport, catalogue: Catalogue): string {
  const { account, region, profile } = asked;
  const parts = [
    account === undefined ? message("account unknown") : message("account {0}", account),
    message("region {0}", region),
    ...(profile === undefined ? [] : [message("profile {0}", profile)]),
    message("{0}", `${time.toISOString().slice(0, 19)}Z`),
    message("asked about {0} on tcp/{1}", describeDestination(destination), destination.port),
  ];
  return render(listed(parts), catalogue);
}

/** Names in an account are anybody's; only our own colours may steer the terminal. */
function safe(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
  const colour = /(\u001b\[\d+(?:;\d+)*m)/;
  return line
    .split(colour)
    .map((part) => (colour.test(part) ? part : printable(part)))
    .join("");
}

/** The rule that names a fault, behind the words on it. */
function ruleCell(rule: Named | undefined, catalogue: Catalogue): string {
  return rule === undefined ? "" : ` (${rule.severity} [${rule.id}](${rulePage(rule.id, catalogue)}))`;
}

/** Text that stands in a table's cell as it is. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]<>#|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/@/g, "&#64;");
}

const marks: Readonly<Record<Status, string>> = { passed: "✅", failed: "❌", unknown: "❔" };

const factMarks: Readonly<Record<LiveFact["status"], string>> = {
  good: marks.passed,
  note: "ℹ️",
  bad: marks.failed,
  unknown: marks.unknown,
};

/** What a row beside the hops amounts to, in the words of hops. */
export const factStatus: Readonly<Record<LiveFact["status"], Status>> = {
  good: "passed",
  note: "passed",
  bad: "failed",
  unknown: "unknown",
};

function statusSign(status: Status, colors: Colors): string {
  const signs = { passed: colors.green("passed "), failed: colors.red("failed "), unknown: colors.yellow("unknown") };
  return signs[status];
}

function factSign(status: LiveFact["status"], colors: Colors): string {
  const signs = { good: colors.green("+"), bad: colors.red("!"), unknown: colors.yellow("?"), note: colors.dim("-") };
  return signs[status];
}

function paint(mood: Mood, colors: Colors): (text: string) => string {
  switch (mood) {
    case "good":
      return colors.green;
    case "fair":
      return colors.yellow;
    case "bad":
      return colors.red;
    case "open":
      return colors.dim;
  }
}
