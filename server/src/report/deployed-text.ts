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
  linkTo,
  type Row,
  reportOf,
  sectionsOf,
} from "./deployed";
import { driftSummary } from "./drift";
import { printable } from "./excerpt";
import type { Position } from "./file";
import { functionSays, type Mood, moodOf, whySo } from "./words";

/** The runbook of AWS that asks the same question. */
export const runbook = "AWSSupport-TroubleshootLambdaInternetAccess";

/** Returns what the runbook of AWS is good for beside this report. */
const pointer = `AWS's runbook ${runbook} (Systems Manager, Automation) checks one address from the same side: start it to have AWS confirm a path.`;

/** Returns the report on one function as text: head, hops by subnet, and what else is worth knowing. */
export function toDeployedText(report: DeployedReport, colors: Colors): string {
  return report.functions.map((fn) => functionText(report, fn, colors)).join("\n");
}

/** Returns one line a function, for many. */
export function toDeployedList(report: DeployedReport, colors: Colors): string {
  const lines = report.functions.map((fn) => {
    const { id, verdict, ...own } = reportOf(fn);
    const why = whySo(own, report.destination);
    const reasons = why.length === 0 ? "" : colors.dim(` — ${why.join("; ")}`);
    return safe(`${id}: ${paint(moodOf(verdict), colors)(functionSays(verdict, report.destination))}${reasons}`);
  });
  const failures = report.asked.failures.map(({ action, kind }) => `${action}: ${kind}`);
  return [
    colors.dim(whereAndWhen(report)),
    ...(lines.length === 0 ? ["no function of this region is in a VPC"] : lines),
    ...(failures.length === 0 ? [] : ["", `Not asked: ${failures.join(", ")}`]),
    colors.dim("Roles are looked at for single functions only."),
    "",
  ].join("\n");
}

/** Returns the report on functions as Markdown, each with its tables. */
export function toDeployedMarkdown(report: DeployedReport): string {
  return report.functions.map((fn) => functionMarkdown(report, fn)).join("\n");
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
  for (const { subject, status, text } of facts) {
    lines.push(`  ${factSign(status, colors)} ${subject}: ${render(text)}`);
  }
  if (egress.subnets.length > 0) lines.push("", colors.dim(pointer));
  return `${lines.map((line) => safe(line)).join("\n")}\n`;
}

function rowLines(row: Row, width: number, ids: number, colors: Colors): string[] {
  const { kind, id, evidence, why, fix, link, status } = row;
  const indent = " ".repeat(11);
  return [
    `  ${statusSign(status, colors)} ${kind.padEnd(width)} ${id.padEnd(ids)} ${render(why)}`,
    ...(evidence === "" || status === "passed" ? [] : [`${indent}${colors.dim(`decided by ${evidence}`)}`]),
    ...(fix === undefined ? [] : [`${indent}${colors.green("fix:")} ${render(fix)}`]),
    ...(status === "passed" ? [] : linkLine(link, indent, colors)),
  ];
}

function driftText(report: DeployedReport, colors: Colors): string[] {
  const { drift } = report;
  if (drift === undefined) return [];
  const indent = " ".repeat(4);
  const rows = driftOf(report).flatMap(({ place, subject, message, rule, fix, link }) => [
    `  ${colors.yellow("!")} ${whereOf(place, drift.template?.path)}${subject}: ${render(message)} ${colors.dim(rule)}`,
    `${indent}${colors.green("fix:")} ${render(fix)}`,
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
    for (const { status, kind, id, link, evidence, why, fix } of rows) {
      const words = [
        marks[status],
        kind,
        linked(id, link),
        cell(evidence),
        cell(render(why)),
        fix === undefined ? "" : cell(render(fix)),
      ];
      lines.push(`| ${words.join(" | ")} |`);
    }
  }
  lines.push(...driftMarkdown(report, linked));
  const facts = factsOf(report, fn);
  if (facts.length > 0) lines.push("", "### Also", "", "| | what | |", "| --- | --- | --- |");
  for (const { status, subject, text } of facts) {
    lines.push(`| ${marks[factStatus[status]]} | ${cell(subject)} | ${cell(render(text))} |`);
  }
  if (egress.subnets.length > 0) lines.push("", pointer);
  return `${lines.join("\n")}\n`;
}

function driftMarkdown(report: DeployedReport, linked: (text: string, link: string | undefined) => string): string[] {
  const { drift } = report;
  if (drift === undefined) return [];
  const rows = driftOf(report).map(({ place, subject, id, link, message, fix }) => {
    const where = cell(`${whereOf(place, drift.template?.path)}${subject}`);
    return `| ${[where, cell(render(message)), linked(id, link), cell(render(fix))].join(" | ")} |`;
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

/** Text that stands in a table's cell as it is. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_{}[\]<>#|~$]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/@/g, "&#64;");
}

const marks: Readonly<Record<Status, string>> = { passed: "✅", failed: "❌", unknown: "❔" };

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
