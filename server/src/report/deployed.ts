/** The report on what is deployed, as data that text, Markdown and JSON print. */

import { type FunctionReport, reportSubnet } from "../lint";
import type { LiveFact } from "../live/facts";
import { whyFailed } from "../live/failure";
import type { Deployed, DeployedFunction } from "../live/live";
import { type Message, message, render } from "../message";
import type { Destination } from "../network/egress";
import type { Family, FunctionEgress, Hop, Path, RoleEgress, Status } from "../network/verdict";
import { type DriftReport, type DriftRow, driftRows, stackNote } from "./drift";
import { type JsonFunction, toJsonFunction } from "./json";
import { remedies } from "./remedy";

export interface DeployedReport {
  readonly asked: Omit<Deployed, "network" | "functions">;
  readonly destination: Destination;
  readonly time: Date;
  /** False where links would tell whose account it is. */
  readonly links: boolean;
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

/** Returns a row for each difference from the template; none where there was no comparison. */
export function driftOf(report: DeployedReport): readonly DriftRow[] {
  return report.drift === undefined ? [] : driftRows(report.drift, (id) => linkTo(id, report));
}

export interface JsonDeployed {
  readonly version: 1;
  readonly function: JsonFunction;
  /** Present where the account was compared with a template. */
  readonly drift?: readonly JsonDrift[];
}

export interface JsonDrift extends Pick<DriftRow, "rule" | "severity" | "subject" | "cause" | "id"> {
  readonly message: string;
  readonly fix: string;
  readonly link?: string;
  /** The template's file, and the line that promises it, counted from one; absent for the stack's own template. */
  readonly path?: string;
  readonly line?: number;
}

/** Returns the report as one JSON document: `function` for one, `functions` for all. */
export function toDeployedJson(report: DeployedReport, all: boolean): string {
  const functions = report.functions.map((fn): JsonFunction => toJsonFunction(reportOf(fn), () => undefined));
  const compared =
    report.drift?.found === undefined ? {} : { drift: driftOf(report).map((row) => toJsonDrift(row, report)) };
  const document = all ? { version: 1, functions } : { version: 1, function: functions[0], ...compared };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function toJsonDrift({ place, link, message: what, fix, ...row }: DriftRow, { drift }: DeployedReport): JsonDrift {
  const { rule, severity, subject, cause, id } = row;
  const path = drift?.template?.path;
  return {
    rule,
    severity,
    subject,
    message: render(what),
    cause,
    fix: render(fix),
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
      const fixes = remedies(path.hops, path.faults);
      const rows = path.hops.map((hop) => toRow(hop, fixes.get(hop), report));
      return [{ subnet: reference.ref, family: path.family, verdict: path.verdict, rows }];
    }),
  );
}

function toRow(hop: Hop, fix: Message | undefined, report: DeployedReport): Row {
  const at = hop.at?.kind === "aws" ? hop.at.id : "";
  return {
    status: hop.status,
    kind: hop.kind,
    id: hop.id,
    evidence: at === hop.id ? "" : at,
    why: hop.why,
    fix,
    link: linkTo(hop.id, report) ?? linkTo(at, report),
  };
}

/** Returns the rows beside the hops: the state of things, the role's permissions, and what could not be asked. */
export function factsOf({ asked, drift }: DeployedReport, { deployed, egress }: CheckedFunction): readonly LiveFact[] {
  const text = drift === undefined ? undefined : stackNote(drift);
  const stack: LiveFact[] =
    text === undefined ? [] : [{ subject: "stack", id: asked.stack?.id ?? "", status: "note", text }];
  const role = egress.role === undefined ? [] : roleFacts(egress.role);
  const failures = asked.failures.map(
    (failure): LiveFact => ({ subject: "not asked", id: failure.action, status: "unknown", text: whyFailed(failure) }),
  );
  return [...stack, ...deployed.facts, ...role, ...failures];
}

function roleFacts({ verdict, key, actions }: RoleEgress): LiveFact[] {
  const name = key?.slice(key.lastIndexOf("/") + 1) ?? "?";
  const of = (allowed: string) => [...actions].flatMap(([action, one]) => (one.allowed === allowed ? [action] : []));
  const [no, open] = [of("no"), of("unknown")];
  const row = (status: LiveFact["status"], text: Message): LiveFact => ({
    subject: "role",
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
      : [row(verdict === "missing" ? "bad" : "note", message("{0} lacks {1}", name, no.join(", ")))]),
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
  const stands = new Map<string, string>();
  const standIn = (kind: string, original: string): string => {
    const known = stands.get(original);
    if (known !== undefined) return known;
    const count = [...stands.values()].filter((one) => one.replace(/\d+$/, "") === `${kind}-`).length;
    const made = `${kind}-${count + 1}`;
    stands.set(original, made);
    return made;
  };
  let hidden = text.replace(/\b([a-z]+(?:-assoc)?)-((?:[0-9a-f]{17})|(?:[0-9a-f]{8}))\b/g, (id, kind: string) =>
    standIn(kind, id),
  );
  for (const name of [...names].filter((one) => one !== "").sort((a, b) => b.length - a.length)) {
    hidden = hidden.replaceAll(name, standIn("name", name));
  }
  return hidden.replace(/\b\d{12}\b/g, "000000000000");
}
