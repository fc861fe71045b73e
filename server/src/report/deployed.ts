/** The report on what is deployed, as data that text, Markdown and JSON print. */

import { type FunctionReport, reportSubnet } from "../lint";
import type { LiveFact } from "../live/facts";
import { whyFailed } from "../live/failure";
import type { Deployed, DeployedFunction } from "../live/live";
import { type Catalogue, english, type Message, message, render } from "../message";
import { isEmpty } from "../network/address-space";
import type { Destination } from "../network/egress";
import type { Network } from "../network/model";
import type { Family, FunctionEgress, Hop, Path, RoleEgress, Status } from "../network/verdict";
import { missingEniPermissions } from "../rules/missing-eni-permissions";
import { rulePage } from "../rules/page";
import { type Severity, summaryOf } from "../rules/rule";
import { templateDrift } from "../rules/template-drift";
import type { Settings } from "../settings";
import { type DeployedFinding, faultKey, type Named, named, ruleFor } from "./deployed-rules";
import { type DriftReport, type DriftRow, driftRows, stackNote } from "./drift";
import { type JsonFunction, nowhere, toJsonFunction } from "./json";
import { type Cause, causes } from "./remedy";

export interface DeployedReport {
  readonly asked: Omit<Deployed, "network" | "functions">;
  /** All that was looked at. */
  readonly network: Network;
  readonly destination: Destination;
  readonly time: Date;
  /** False where links would tell whose account it is. */
  readonly links: boolean;
  /** What settings make of rules: `off` or another severity, by rule id. */
  readonly severities?: Settings["rules"];
  readonly functions: readonly CheckedFunction[];
  /** Present where the function was looked for in a stack. */
  readonly drift?: DriftReport;
}

export interface CheckedFunction {
  readonly deployed: DeployedFunction;
  readonly egress: FunctionEgress;
}

/** Returns a function in the words that the reports on templates use. */
export function reportOf({ egress, deployed }: CheckedFunction): Omit<FunctionReport, "span"> {
  const { fn, verdict, subnets, role } = egress;
  const whole = fn.vpcConfig.is === "unknown" ? [fn.vpcConfig.why] : [];
  return {
    id: deployed.key,
    verdict,
    subnets: subnets.map(reportSubnet),
    ...(role === undefined ? {} : { role: role.verdict }),
    dependsOn: [],
    reasons: [
      ...whole,
      ...subnets.flatMap(({ ipv4 }) => (ipv4.verdict === "unknown" ? ipv4.unknowns.slice(0, 1) : [])),
    ],
  };
}

/** Returns a row for each difference from the template; none where there was no comparison, or where its rule is off. */
export function driftOf(report: DeployedReport): readonly DriftRow[] {
  const { drift, severities = {} } = report;
  return drift === undefined ? [] : driftRows(drift, severities, (id) => linkTo(id, report));
}

/** Returns the comparison with a template; undefined where there was none, or where its rule is off. */
export function shownDrift({ drift, severities = {} }: DeployedReport): DriftReport | undefined {
  return named(templateDrift.id, severities) === undefined ? undefined : drift;
}

export interface JsonDeployed {
  readonly version: 1;
  readonly function: JsonFunction;
  /** Faults that rules name, in the function, its network and its role. */
  readonly findings: readonly JsonDeployedFinding[];
  /** Present where the account was compared with a template. */
  readonly drift?: readonly JsonDrift[];
}

export interface JsonDeployedAll extends Pick<JsonDeployed, "version" | "findings"> {
  readonly functions: readonly JsonFunction[];
}

export interface JsonDeployedFinding {
  /** The function that suffers. */
  readonly function: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Of the thing at fault, in AWS. */
  readonly id: string;
  readonly fix?: string;
  /** The address of the rule's page. */
  readonly docs: string;
}

export interface JsonDrift extends Pick<DriftRow, "subject" | "cause" | "id"> {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fix: string;
  readonly link?: string;
  /** The template's file, and the line that promises it, counted from one; absent for the stack's own template. */
  readonly path?: string;
  readonly line?: number;
}

/** Returns the report as plain data for JSON: `function` for one, `functions` for all, and the faults of them. */
export function toDeployedData(
  report: DeployedReport,
  all: boolean,
  catalogue: Catalogue,
): JsonDeployed | JsonDeployedAll {
  const functions = report.functions.map((fn) => toJsonFunction(reportOf(fn), nowhere, catalogue));
  const findings = report.functions.flatMap((fn) =>
    findingsOf(report, fn).map(({ id, severity, message: text, at, fix }): JsonDeployedFinding => {
      const change = fix === undefined ? {} : { fix: render(fix, catalogue) };
      const said = render(text, catalogue);
      const docs = rulePage(id, catalogue);
      return { function: fn.deployed.key, rule: id, severity, message: said, id: at, ...change, docs };
    }),
  );
  const compared =
    shownDrift(report)?.found === undefined
      ? {}
      : { drift: driftOf(report).map((row) => toJsonDrift(row, report, catalogue)) };
  const [only] = functions;
  return all || only === undefined
    ? { version: 1, functions, findings }
    : { version: 1, function: only, findings, ...compared };
}

/** Returns the report as one JSON document, with a line break at its end. */
export function toDeployedJson(report: DeployedReport, all: boolean, catalogue: Catalogue): string {
  return toText(toDeployedData(report, all, catalogue));
}

/** Returns the faults of a function that rules name, in the order of its way out; each thing once a rule. */
export function findingsOf(report: DeployedReport, fn: CheckedFunction): readonly DeployedFinding[] {
  const hops = sectionsOf(report, fn).flatMap(({ rows }) =>
    rows.flatMap(({ rule, why, id, fix }) => (rule === undefined ? [] : [{ ...rule, message: why, at: id, fix }])),
  );
  const deployment = fn.egress.deployFaults.flatMap((fault): DeployedFinding[] => {
    const rule = ruleFor(fault, report.destination);
    const own = rule === undefined ? undefined : named(rule.id, report.severities ?? {});
    if (rule === undefined || own === undefined) return [];
    return [{ ...own, message: summaryOf(rule), at: fn.deployed.key, fix: undefined }];
  });
  const facts = factsOf(report, fn).flatMap(({ named: rule, text, id }) =>
    rule === undefined ? [] : [{ ...rule, message: text, at: id, fix: undefined }],
  );
  const drift = driftOf(report).map(
    ({ named: rule, message: text, id, fix }): DeployedFinding => ({
      ...rule,
      message: text,
      at: id,
      part: render(text, english),
      fix,
    }),
  );
  const all = new Map<string, DeployedFinding>();
  for (const one of [...hops, ...deployment, ...facts, ...drift]) {
    const key = faultKey(one);
    if (!all.has(key)) all.set(key, one);
  }
  return [...all.values()];
}

function toJsonDrift(
  { place, link, message: what, fix, ...row }: DriftRow,
  { drift }: DeployedReport,
  catalogue: Catalogue,
): JsonDrift {
  const { named: rule, subject, cause, id } = row;
  const path = drift?.template?.path;
  return {
    rule: rule.id,
    severity: rule.severity,
    subject,
    message: render(what, catalogue),
    cause,
    fix: render(fix, catalogue),
    id,
    ...(link === undefined ? {} : { link }),
    ...(path === undefined || place === undefined ? {} : { path, line: place.line + 1 }),
  };
}

/** A hop as a row of a table. */
export interface Row {
  readonly status: Status;
  readonly kind: string;
  readonly id: string;
  /** What decides, where that is not the hop itself: a rule, an association. */
  readonly evidence: string;
  readonly why: Message;
  readonly fix: Message | undefined;
  /** The rule that names the fault that shows here. */
  readonly rule: Named | undefined;
  readonly link: string | undefined;
}

export interface Section {
  readonly subnet: string;
  readonly family: Family;
  readonly verdict: string;
  readonly rows: readonly Row[];
}

/** Returns a table for each subnet and address family in which something was looked at. */
export function sectionsOf(report: DeployedReport, { egress }: CheckedFunction): readonly Section[] {
  return egress.subnets.flatMap(({ reference, ipv4, ipv6 }) =>
    [ipv4, ipv6].flatMap((path: Path): Section[] => {
      if (path.hops.length === 0) return [];
      const found = causes(path.hops, path.faults);
      const decides = path.family === (isEmpty(report.destination.ipv4) ? "ipv6" : "ipv4");
      const rows = path.hops.map((hop) => toRow(hop, found.get(hop), decides, report));
      return [{ subnet: reference.ref, family: path.family, verdict: path.verdict, rows }];
    }),
  );
}

/** A family that does not decide whether the function gets out is no fault of it. */
function toRow(hop: Hop, cause: Cause | undefined, decides: boolean, report: DeployedReport): Row {
  const at = hop.at?.kind === "aws" ? hop.at.id : "";
  const rule = cause === undefined || !decides ? undefined : ruleFor(cause.fault, report.destination);
  return {
    status: hop.status,
    kind: hop.kind,
    id: hop.id,
    evidence: at === hop.id ? "" : at,
    why: hop.why,
    fix: cause?.fix,
    rule: rule === undefined ? undefined : named(rule.id, report.severities ?? {}),
    link: linkTo(hop.id, report) ?? linkTo(at, report),
  };
}

/** A row beside the hops, with the rule that names the fault where it is one. */
export interface FactRow extends LiveFact {
  readonly named: Named | undefined;
}

/** Returns the rows beside the hops: the state of things, the role's permissions, and what could not be asked. */
export function factsOf(report: DeployedReport, { deployed, egress }: CheckedFunction): readonly FactRow[] {
  const { asked, drift, severities = {} } = report;
  const text = drift === undefined ? undefined : stackNote(drift);
  const stack: LiveFact[] =
    text === undefined ? [] : [{ subject: message("stack"), id: asked.stack?.id ?? "", status: "note", text }];
  const role = egress.role === undefined ? [] : roleFacts(egress.role);
  const failures = asked.failures.map(
    (failure): LiveFact => ({
      subject: message("not asked"),
      id: failure.action,
      status: "unknown",
      text: whyFailed(failure),
    }),
  );
  return [...stack, ...deployed.facts, ...role, ...failures].flatMap((fact): FactRow[] => {
    if (fact.rule === undefined) return [{ ...fact, named: undefined }];
    const rule = named(fact.rule, severities, fact.severity);
    if (rule === undefined && severities[fact.rule] === "off") return [];
    return [{ ...fact, named: fact.status === "bad" ? rule : undefined }];
  });
}

function roleFacts({ verdict, key, actions }: RoleEgress): LiveFact[] {
  const name = key?.slice(key.lastIndexOf("/") + 1) ?? "?";
  const of = (allowed: string) => [...actions].flatMap(([action, one]) => (one.allowed === allowed ? [action] : []));
  const [no, open] = [of("no"), of("unknown")];
  const row = (status: LiveFact["status"], text: Message): LiveFact => ({
    subject: message("role"),
    id: key ?? name,
    status,
    text,
  });
  if (verdict === "granted" && no.length === 0 && open.length === 0) {
    return [row("good", message("{0} may make network interfaces", name))];
  }
  return [
    ...(no.length === 0
      ? []
      : [
          {
            ...row(verdict === "missing" ? "bad" : "note", message("{0} lacks {1}", name, no.join(", "))),
            rule: missingEniPermissions.id,
          },
        ]),
    ...(open.length === 0
      ? []
      : [row("unknown", message("whether {0} has {1} cannot be told", name, open.join(", ")))]),
  ];
}

/** Returns the console's page for a thing, in the partition whose console is known to have such addresses. */
export function linkTo(id: string, { asked, links }: DeployedReport): string | undefined {
  const { partition, region, account } = asked;
  if (!links || partition !== "aws" || account === undefined) return undefined;
  const own = id.split("|", 1)[0] ?? "";
  const kind = consoleKinds[/^([a-z]+)-[0-9a-f]+$/.exec(own)?.[1] ?? ""];
  const arn = own.startsWith("arn:") ? own : kind && `arn:aws:ec2:${region}:${account}:${kind}/${own}`;
  return arn === undefined ? undefined : `https://console.aws.amazon.com/go/view?arn=${arn}`;
}

/** Resource types in ARNs by the prefix of the id (AWS Service Authorization Reference, Amazon EC2). */
const consoleKinds: Readonly<Record<string, string>> = {
  subnet: "subnet",
  vpc: "vpc",
  rtb: "route-table",
  nat: "natgateway",
  igw: "internet-gateway",
  eigw: "egress-only-internet-gateway",
  acl: "network-acl",
  sg: "security-group",
  vpce: "vpc-endpoint",
  eni: "network-interface",
  i: "instance",
  pl: "prefix-list",
  tgw: "transit-gateway",
  pcx: "vpc-peering-connection",
};

/** Returns the names that tell whose account a report is about, beside its ids and numbers. */
export function namesIn({ asked, functions, drift }: DeployedReport): readonly string[] {
  const keys = functions.map(({ deployed }) => deployed.key.split(":", 1)[0] ?? deployed.key);
  const roles = functions.flatMap(({ egress: { role } }) => role?.key?.slice(role.key.lastIndexOf("/") + 1) ?? []);
  const things = [...(asked.stack?.resources.values() ?? [])].flatMap(({ physicalId }) => physicalId ?? []);
  // A route's id or a rule's is made of ids that have stand-ins of their own.
  const own = things.filter((name) => !/^[a-z]+(?:-assoc)?-[0-9a-f]{8,17}\b/.test(name) && name.length > 3);
  return [...keys, ...roles, ...own, drift?.stack ?? "", asked.profile ?? ""];
}

/** Returns a text in which nothing tells whose account it is about, the same id always by the same stand-in. */
export function redact(text: string, names: readonly string[]): string {
  return redactor(names)(text);
}

/** Returns the JSON of the report in which nothing tells whose account it is about. Its own words stay as they are. */
export function toRedactedJson(report: DeployedReport, all: boolean, catalogue: Catalogue): string {
  const hide = redactor(namesIn(report));
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return hide(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, ownWords.has(key) ? one : walk(one)]));
  };
  return toText(walk(toDeployedData({ ...report, links: false }, all, catalogue)));
}

/** Fields that hold words of the report and never a name: a function may be called `nat` or `internet`. */
const ownWords = new Set([
  "verdict",
  "ipv6",
  "blockers",
  "kind",
  "family",
  "status",
  "role",
  "rule",
  "severity",
  "docs",
]);

/** An IPv6 address, or a block of one VPC: AWS gives those out, so unlike 10.0.0.0/16 no two accounts have the same. */
const telling6 =
  "(?<![\\w:])[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*(?:(?::[0-9a-f]{1,4}){2}::|::[0-9a-f]{1,4}|(?::[0-9a-f]{1,4}){6})[0-9a-f:]*(?![\\w:])";

/** Returns a function that hides what tells whose account a text is about, by the same stand-ins in all texts. */
export function redactor(names: readonly string[]): (text: string) => string {
  const stands = new Map<string, string>();
  const counts = new Map<string, number>();
  const standIn = (kind: string, original: string): string => {
    const known = stands.get(original);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    stands.set(original, `${kind}-${count}`);
    return `${kind}-${count}`;
  };
  const longestFirst = names.filter((one) => one !== "").sort((a, b) => b.length - a.length);
  const parts = [
    longestFirst.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|") || "(?!)",
    "\\b[a-z]+(?:-assoc)?(?=-(?:[0-9a-f]{17}|[0-9a-f]{8})\\b)-[0-9a-f]+",
    `\\b(?:\\d{1,3}\\.){3}\\d{1,3}\\b(?=/32\\b|(?!/))|${telling6}`,
    "\\b\\d{12}\\b",
  ];
  // In one pass, so that no stand-in is taken for a name.
  const telling = new RegExp(parts.map((part) => `(${part})`).join("|"), "g");
  return (text) =>
    text.replace(telling, (found, name?: string, id?: string, address?: string) => {
      if (name !== undefined) return standIn("name", found);
      if (id !== undefined) return standIn(id.slice(0, id.lastIndexOf("-")), found);
      return address === undefined ? "000000000000" : standIn("address", found);
    });
}

function toText(data: unknown): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}
