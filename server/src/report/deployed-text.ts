/** The report on what is deployed, for a person: at a terminal, or as Markdown. */
import type { Colors } from "picocolors/types";
import type { LiveFact } from "../live/facts";
import { render } from "../message";
import { describeDestination } from "../network/destination";
import type { Status } from "../network/verdict";
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
import { functionSays, type Mood, moodOf, whySo } from "./words";

/** Returns what the runbook of AWS is good for beside this report. */
const pointer = `AWS's runbook ${runbook} (Systems Manager, Automation) checks one address from the same side: start it to have AWS confirm a path.`;

/** Returns the report on one function as text: head, hops by subnet, and what else is worth knowing. */
export function toDeployedText(report: DeployedReport, colors: Colors): string {
  return report.functions.map((fn) => functionText(report, fn, colors)).join("\n");
}

/** Returns a table with one line a function, for many. */
export function toDeployedList(report: DeployedReport, colors: Colors): string {
  const rows = report.functions.map((fn) => {
    const { id, verdict, role = "" } = reportOf(fn);
    return { cells: [id, functionSays(verdict, report.destination), role, whyOf(report, fn)], mood: moodOf(verdict) };
  });
  const heads = ["Function", "Verdict", "Role", "Why"];
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
    colors.dim(whereAndWhen(report)),
    "",
    ...(rows.length === 0 ? ["no function of this region is in a VPC"] : [line(heads, () => colors.bold), ...table]),
    ...(failures.length === 0 ? [] : ["", `Not asked: ${failures.join(", ")}`]),
    "",
  ]
    .map((one) => safe(one))
    .join("\n");
}

/** Returns why a function's verdict is what it is, with the rules that name what is wrong. */
function whyOf(report: DeployedReport, fn: CheckedFunction): string {
  const why = whySo(reportOf(fn), report.destination).join("; ");
  const ids = [...new Set(findingsOf(report, fn).map(({ id }) => id))];
  return ids.length === 0 ? why : `${why} (${ids.join(", ")})`;
}

/** Returns the report on functions as Markdown, each with its tables. */
export function toDeployedMarkdown(report: DeployedReport): string {
  const { functions, asked } = report;
  const sections = functions.map((fn) => functionMarkdown(report, fn));
  if (functions.length === 1) return sections.join("\n");
  const rows = functions.map((fn) => {
    const { id, verdict, role = "" } = reportOf(fn);
    return `| ${[id, functionSays(verdict, report.destination), role, whyOf(report, fn)].map(cell).join(" | ")} |`;
  });
  const table = ["| function | verdict | role | why |", "| --- | --- | --- | --- |", ...rows];
  const none = ["No function of this region is in a VPC."];
  const head = [`# Functions of ${cell(asked.region)}`, "", cell(whereAndWhen(report)), ""];
  return [`${[...head, ...(rows.length === 0 ? none : table)].join("\n")}\n`, ...sections].join("\n");
}

function functionText(report: DeployedReport, fn: CheckedFunction, colors: Colors): string {
  const { egress, deployed } = fn;
  const lines = [
    `${colors.bold(deployed.key)} ${paint(moodOf(egress.verdict), colors)(saysOf(report, fn))}`,
    colors.dim(`  ${deployed.arn}`),
    colors.dim(`  ${whereAndWhen(report)}`),
    ...linkLine(linkTo(deployed.arn, report), "  ", colors),
  ];
  for (const { subnet, family, verdict, rows } of sectionsOf(report, fn)) {
    lines.push("", `${colors.bold(subnet)} over ${family === "ipv4" ? "IPv4" : "IPv6"}: ${verdict}`);
    const width = Math.max(...rows.map(({ kind }) => kind.length));
    const ids = Math.min(40, Math.max(...rows.map(({ id }) => id.length)));
    for (const row of rows) lines.push(...rowLines(row, width, ids, colors));
  }
  lines.push(...driftText(report, colors));
  const facts = factsOf(report, fn);
  if (facts.length > 0) lines.push("", colors.bold("Also"));
  for (const { subject, status, text, named } of facts) {
    lines.push(`  ${factSign(status, colors)} ${subject}: ${render(text)}`, ...ruleLine(named, "    ", colors));
  }
  if (egress.subnets.length > 0) {
    lines.push("", colors.dim(pointer), ...linkLine(runbookLink(report, fn), "", colors));
  }
  return `${lines.map((line) => safe(line)).join("\n")}\n`;
}

function rowLines(row: Row, width: number, ids: number, colors: Colors): string[] {
  const { kind, id, evidence, why, fix, rule, link, status } = row;
  const indent = " ".repeat(11);
  return [
    `  ${statusSign(status, colors)} ${kind.padEnd(width)} ${id.padEnd(ids)} ${render(why)}`,
    ...(evidence === "" || status === "passed" ? [] : [`${indent}${colors.dim(`decided by ${evidence}`)}`]),
    ...(fix === undefined ? [] : [`${indent}${colors.green("fix:")} ${render(fix)}`]),
    ...ruleLine(rule, indent, colors),
    ...(status === "passed" ? [] : linkLine(link, indent, colors)),
  ];
}

function ruleLine(rule: Named | undefined, indent: string, colors: Colors): string[] {
  return rule === undefined ? [] : [`${indent}${colors.dim(`${rule.severity} ${rule.id}: ${rule.page}`)}`];
}

function driftText(report: DeployedReport, colors: Colors): string[] {
  const drift = shownDrift(report);
  if (drift === undefined) return [];
  const indent = " ".repeat(4);
  const rows = driftOf(report).flatMap(({ place, subject, message, named, fix, link }) => [
    `  ${colors.yellow("!")} ${whereOf(place, drift.template?.path)}${subject}: ${render(message)}`,
    `${indent}${colors.green("fix:")} ${render(fix)}`,
    ...ruleLine(named, indent, colors),
    ...linkLine(link, indent, colors),
  ]);
  return ["", colors.bold(render(driftSummary(drift))), ...rows];
}

function whereOf(place: Position | undefined, path: string | undefined): string {
  return place === undefined || path === undefined ? "" : `${path}:${place.line + 1} `;
}

function linkLine(link: string | undefined, indent: string, colors: Colors): string[] {
  return link === undefined ? [] : [`${indent}${colors.dim(link)}`];
}

function functionMarkdown(report: DeployedReport, fn: CheckedFunction): string {
  const { egress, deployed } = fn;
  const linked = (text: string, link: string | undefined): string =>
    link === undefined ? cell(text) : `[${cell(text)}](${link})`;
  const lines = [
    `## ${cell(deployed.key)} ${saysOf(report, fn)}`,
    "",
    `${linked(deployed.arn, linkTo(deployed.arn, report))}  `,
    cell(whereAndWhen(report)),
  ];
  for (const { subnet, family, verdict, rows } of sectionsOf(report, fn)) {
    lines.push("", `### ${cell(subnet)} over ${family === "ipv4" ? "IPv4" : "IPv6"}: ${verdict}`, "");
    lines.push("| status | hop | id | evidence | why | fix |", "| --- | --- | --- | --- | --- | --- |");
    for (const { status, kind, id, link, evidence, why, fix, rule } of rows) {
      const words = [
        marks[status],
        kind,
        linked(id, link),
        cell(evidence),
        `${cell(render(why))}${ruleCell(rule)}`,
        fix === undefined ? "" : cell(render(fix)),
      ];
      lines.push(`| ${words.join(" | ")} |`);
    }
  }
  lines.push(...driftMarkdown(report, linked));
  const facts = factsOf(report, fn);
  if (facts.length > 0) lines.push("", "### Also", "", "| | what | |", "| --- | --- | --- |");
  for (const { status, subject, text, named } of facts) {
    lines.push(`| ${factMarks[status]} | ${cell(subject)} | ${cell(render(text))}${ruleCell(named)} |`);
  }
  const start = runbookLink(report, fn);
  if (egress.subnets.length > 0) lines.push("", start === undefined ? pointer : `${pointer} [Start it](${start})`);
  return `${lines.join("\n")}\n`;
}

function driftMarkdown(report: DeployedReport, linked: (text: string, link: string | undefined) => string): string[] {
  const drift = shownDrift(report);
  if (drift === undefined) return [];
  const rows = driftOf(report).map(({ place, subject, id, link, message, fix, named }) => {
    const where = cell(`${whereOf(place, drift.template?.path)}${subject}`);
    return `| ${[where, `${cell(render(message))}${ruleCell(named)}`, linked(id, link), cell(render(fix))].join(" | ")} |`;
  });
  const head = rows.length === 0 ? [] : ["", "| template | what | id | fix |", "| --- | --- | --- | --- |"];
  return ["", `### ${cell(render(driftSummary(drift)))}`, ...head, ...rows];
}

function saysOf({ destination }: DeployedReport, { egress }: CheckedFunction): string {
  if (egress.verdict === "not-in-vpc") return "is not in a VPC: it reaches the internet by default";
  const says = functionSays(egress.verdict, destination);
  return says === "no internet" ? "does not reach the internet" : says;
}

function whereAndWhen({ asked, destination, time }: DeployedReport): string {
  return [
    `account ${asked.account ?? "unknown"}`,
    `region ${asked.region}`,
    ...(asked.profile === undefined ? [] : [`profile ${asked.profile}`]),
    `${time.toISOString().slice(0, 19)}Z`,
    `asked about ${render(describeDestination(destination))} on tcp/${destination.port}`,
  ].join(", ");
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
function ruleCell(rule: Named | undefined): string {
  return rule === undefined ? "" : ` (${rule.severity} [${rule.id}](${rule.page}))`;
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
