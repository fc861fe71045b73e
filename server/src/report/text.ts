/** The report for a person at a terminal: what is wrong and where, then what each function can reach. */
import type { Colors } from "picocolors/types";
import type { Dependence, FunctionReport } from "../lint";
import { render } from "../message";
import type { FunctionVerdict, Ipv4Verdict, Ipv6Verdict } from "../network/verdict";
import type { Finding, Severity } from "../rules/rule";
import type { Span } from "../template/syntax";
import { excerpt, printable } from "./excerpt";
import { type CheckedFile, type FileReport, linesOf, positionAt } from "./file";

export interface TextOptions {
  /** From picocolors, with or without colours. */
  readonly colors: Colors;
  /** Findings only: no verdicts, no summary. */
  readonly quiet?: boolean;
}

/** Returns the report, one paragraph a finding; unreadable files are left to the caller, who has named them already. */
export function toText(files: readonly FileReport[], { colors, quiet = false }: TextOptions): string {
  const checked = files.filter((file): file is CheckedFile => "result" in file);
  const paragraphs = checked.flatMap((file) => {
    const findings = file.result.findings.map((finding) => findingText(finding, file, colors));
    return quiet ? findings : [...findings, ...overview(file, colors)];
  });
  if (!quiet) paragraphs.push(summary(checked, colors));
  return paragraphs.map((paragraph) => `${paragraph}\n`).join("\n");
}

function findingText(
  { rule, severity, message, span, notes, fixes }: Finding,
  file: CheckedFile,
  colors: Colors,
): string {
  const lines = linesOf(file);
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
    const path = printable(at.file ?? file.path);
    if (text === undefined) return path;
    const { line, character } = positionAt(text, at.start);
    return `${path}:${line + 1}:${character + 1}`;
  };
  return [
    `${colors.bold(place(span))} ${paint(severity)} ${colors.cyan(rule)} ${printable(render(message))}`,
    ...show(span, paint),
    ...notes.flatMap((note) => [
      `  ${place(note.span)} ${colors.dim("note:")} ${printable(render(note.message))}`,
      ...show(note.span, colors.dim),
    ]),
    ...fixes.map(({ title }) => `  ${colors.green("fix:")} ${printable(render(title))}`),
  ].join("\n");
}

/** What the file's functions can reach; nothing for a template without functions. */
function overview({ path, result }: CheckedFile, colors: Colors): string[] {
  if (result.kind === "not-a-template") {
    return [`${colors.bold(printable(path))} ${colors.dim("is not a CloudFormation or SAM template")}`];
  }
  if (result.functions.length === 0) return [];
  return [[colors.bold(printable(path)), ...result.functions.flatMap((fn) => functionLines(fn, colors))].join("\n")];
}

function functionLines(fn: FunctionReport, colors: Colors): string[] {
  const { says, color } = verdicts[fn.verdict];
  const why = [
    ...fn.subnets.map(({ ref, verdict, ipv6 }) => `${ref}: ${subnetWords[verdict]}${ipv6Words[ipv6]}`),
    ...new Set(fn.reasons.map((reason) => render(reason))),
    ...(fn.role === "missing" ? ["the role may not create network interfaces"] : []),
  ];
  const reasons = why.length === 0 ? "" : colors.dim(` — ${printable(why.join("; "))}`);
  return [
    `  ${printable(fn.id)}: ${colors[color](says)}${reasons}`,
    ...fn.dependsOn.map(
      ({ when, verdict }) =>
        `    ${colors[verdicts[verdict].color](verdicts[verdict].says)} ${printable(whenText(when))}`,
    ),
  ];
}

function whenText(when: Dependence["when"]): string {
  const terms = Object.entries(when).map(([name, value]) =>
    typeof value === "string" ? `${name} is ${quote(value)}` : `${name} is not ${value.not.map(quote).join(" or ")}`,
  );
  return terms.length === 0 ? "otherwise" : `when ${terms.join(" and ")}`;
}

function quote(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `"${value}"`;
}

function summary(files: readonly CheckedFile[], colors: Colors): string {
  const templates = files.filter(({ result }) => result.kind !== "not-a-template");
  if (templates.length === 0) return colors.dim("No templates found");
  const findings = templates.flatMap(({ result }) => result.findings);
  const functions = templates.flatMap(({ result }) => result.functions);
  const counted = (["error", "warning", "information", "hint"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [severityColor(severity, colors)(plural(count, severityNouns[severity]))];
  });
  const reached = Object.values(verdicts).flatMap(({ word, sums }) => {
    const count = functions.filter(({ verdict }) => verdict === word).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? sums[0] : sums[1]}`];
  });
  const found = counted.length === 0 ? colors.green("Nothing found") : counted.join(", ");
  const reach =
    functions.length === 0 ? "no functions" : `${plural(functions.length, "function")}: ${reached.join(", ")}`;
  return `${found} in ${plural(templates.length, "template")}; ${reach}`;
}

function plural(count: number, noun: string): string {
  return noun === "information" ? `${count} information` : `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const severityNouns: Record<Severity, string> = {
  error: "error",
  warning: "warning",
  information: "information",
  hint: "hint",
};

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

interface VerdictWords<V> {
  readonly word: V;
  /** After the function's name. */
  readonly says: string;
  /** In the summary, for one function and for several. */
  readonly sums: readonly [one: string, several: string];
  readonly color: "green" | "yellow" | "red" | "dim";
}

const verdicts: { readonly [V in FunctionVerdict]: VerdictWords<V> } = {
  internet: {
    word: "internet",
    says: "reaches the internet",
    sums: ["reaches the internet", "reach the internet"],
    color: "green",
  },
  "ipv6-only": {
    word: "ipv6-only",
    says: "reaches the internet over IPv6 only",
    sums: ["over IPv6 only", "over IPv6 only"],
    color: "yellow",
  },
  intermittent: {
    word: "intermittent",
    says: "reaches the internet from some subnets only",
    sums: ["from some subnets only", "from some subnets only"],
    color: "yellow",
  },
  partial: {
    word: "partial",
    says: "reaches part of the internet only",
    sums: ["reaches a part of it", "reach a part of it"],
    color: "yellow",
  },
  "no-internet": {
    word: "no-internet",
    says: "no internet",
    sums: ["does not reach it", "do not reach it"],
    color: "red",
  },
  "deploy-fails": {
    word: "deploy-fails",
    says: "cannot be deployed",
    sums: ["cannot be deployed", "cannot be deployed"],
    color: "red",
  },
  unknown: { word: "unknown", says: "unknown", sums: ["unknown", "unknown"], color: "dim" },
  "not-in-vpc": { word: "not-in-vpc", says: "not in a VPC", sums: ["not in a VPC", "not in a VPC"], color: "dim" },
};

const subnetWords: Record<Ipv4Verdict, string> = {
  nat: "through NAT",
  "nat-instance": "through a NAT instance",
  inspection: "through inspection",
  "public-subnet": "public subnet",
  isolated: "isolated",
  broken: "broken route",
  "no-transit": "no transit",
  "blocked-security-group": "blocked by the security group",
  "blocked-nacl": "blocked by the network ACL",
  "blocked-account": "blocked by an account setting",
  partial: "in part",
  unknown: "unknown",
};

/** IPv6 is mentioned only where it is in use. */
const ipv6Words: Record<Ipv6Verdict, string> = {
  "egress-only": ", IPv6 through an egress-only gateway",
  igw: ", IPv6 through the internet gateway",
  isolated: "",
  off: "",
  broken: ", IPv6 route broken",
  "blocked-security-group": ", IPv6 blocked by the security group",
  "blocked-nacl": ", IPv6 blocked by the network ACL",
  "blocked-account": ", IPv6 blocked by an account setting",
  partial: ", IPv6 in part",
  unknown: "",
};
