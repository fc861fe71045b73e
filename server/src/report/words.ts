/** What the reports for people say of functions and subnets, in the same words everywhere. */
import type { Dependence, FunctionReport, SubnetReport } from "../lint";
import { render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet } from "../network/egress";
import type { FunctionVerdict, Ipv4Verdict, Ipv6Verdict } from "../network/verdict";
import type { Severity } from "../rules/rule";
import type { CheckedFile } from "./file";

export type Mood = "good" | "fair" | "bad" | "open";

/** Returns what a function's verdict means, to stand after its name. */
export function functionSays(verdict: FunctionVerdict, destination: Destination = internet): string {
  const to = render(describeDestination(destination));
  return verdict === "no-internet" && destination === internet ? "no internet" : verdicts[verdict].says(to);
}

/** Returns how good a verdict is, for a colour or a sign. */
export function moodOf(verdict: FunctionVerdict): Mood {
  return verdicts[verdict].mood;
}

/** Returns why a function's verdict is what it is, one phrase a reason. */
export function whySo(
  fn: Pick<FunctionReport, "subnets" | "reasons" | "role">,
  destination: Destination = internet,
): string[] {
  return [
    ...fn.subnets.map((subnet) => `${subnet.ref}: ${subnetSays(subnet, destination)}`),
    ...new Set(fn.reasons.map((reason) => render(reason))),
    ...(fn.role === "missing" ? ["the role may not create network interfaces"] : []),
  ];
}

/** Returns the parameter values under which an outcome holds, as a clause. */
export function whenText(when: Dependence["when"]): string {
  const terms = Object.entries(when).map(([name, value]) =>
    typeof value === "string" ? `${name} is ${quote(value)}` : `${name} is not ${value.not.map(quote).join(" or ")}`,
  );
  return terms.length === 0 ? "otherwise" : `when ${terms.join(" and ")}`;
}

/** Returns how many findings of each severity there are, none left out silently: `2 errors`, `1 hint`. */
export function countFindings(files: readonly CheckedFile[]): { readonly severity: Severity; readonly text: string }[] {
  const findings = files.flatMap(({ result }) => result.findings);
  return (["error", "warning", "information", "hint"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const noun = severity === "information" || count === 1 ? severity : `${severity}s`;
    return count === 0 ? [] : [{ severity, text: `${count} ${noun}` }];
  });
}

/** Returns where the findings are and what the functions reach, to stand after how many there are. */
export function countFunctions(templates: readonly CheckedFile[]): string {
  const functions = templates.flatMap(({ result }) => result.functions);
  const elsewhere = templates.some(({ destination = internet }) => destination !== internet);
  const reached = Object.entries(verdicts).flatMap(([word, { sums }]) => {
    const count = functions.filter(({ verdict }) => verdict === word).length;
    const says = count === 1 ? sums[0] : sums[1];
    return count === 0 ? [] : [`${count} ${elsewhere ? says.replace("the internet", "it") : says}`];
  });
  const reach =
    functions.length === 0 ? "no functions" : `${plural(functions.length, "function")}: ${reached.join(", ")}`;
  return `in ${plural(templates.length, "template")}; ${reach}`;
}

/** Returns the files that are templates. */
export function templatesOf(files: readonly CheckedFile[]): readonly CheckedFile[] {
  return files.filter(({ result }) => result.kind !== "not-a-template");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function quote(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `"${value}"`;
}

/** IPv6 is mentioned only where it is in use, or alone where nothing else was asked about. */
function subnetSays({ verdict, ipv6 }: SubnetReport, { ipv4 }: Destination): string {
  if (ipv4.ranges.length === 0) return ipv6Words[ipv6];
  const silent = ipv6 === "isolated" || ipv6 === "off" || ipv6 === "unknown";
  return silent ? ipv4Words[verdict] : `${ipv4Words[verdict]}, ${ipv6Words[ipv6]}`;
}

interface Words {
  /** After the function's name; `to` is what it is to reach. */
  readonly says: (to: string) => string;
  /** In the summary, for one function and for several. */
  readonly sums: readonly [one: string, several: string];
  readonly mood: Mood;
}

const verdicts: Readonly<Record<FunctionVerdict, Words>> = {
  internet: { says: (to) => `reaches ${to}`, sums: ["reaches the internet", "reach the internet"], mood: "good" },
  "ipv6-only": {
    says: (to) => `reaches ${to} over IPv6 only`,
    sums: ["over IPv6 only", "over IPv6 only"],
    mood: "fair",
  },
  intermittent: {
    says: (to) => `reaches ${to} from some subnets only`,
    sums: ["from some subnets only", "from some subnets only"],
    mood: "fair",
  },
  partial: {
    says: (to) => `reaches part of ${to} only`,
    sums: ["reaches a part of it", "reach a part of it"],
    mood: "fair",
  },
  "no-internet": {
    says: (to) => `does not reach ${to}`,
    sums: ["does not reach it", "do not reach it"],
    mood: "bad",
  },
  "deploy-fails": {
    says: () => "cannot be deployed",
    sums: ["cannot be deployed", "cannot be deployed"],
    mood: "bad",
  },
  unknown: { says: () => "unknown", sums: ["unknown", "unknown"], mood: "open" },
  "not-in-vpc": { says: () => "not in a VPC", sums: ["not in a VPC", "not in a VPC"], mood: "open" },
};

const ipv4Words: Readonly<Record<Ipv4Verdict, string>> = {
  nat: "through NAT",
  "nat-instance": "through a NAT instance",
  inspection: "through inspection",
  local: "inside the VPC",
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

const ipv6Words: Readonly<Record<Ipv6Verdict, string>> = {
  "egress-only": "IPv6 through an egress-only gateway",
  igw: "IPv6 through the internet gateway",
  local: "IPv6 inside the VPC",
  isolated: "IPv6 isolated",
  off: "IPv6 off",
  broken: "IPv6 route broken",
  "blocked-security-group": "IPv6 blocked by the security group",
  "blocked-nacl": "IPv6 blocked by the network ACL",
  "blocked-account": "IPv6 blocked by an account setting",
  partial: "IPv6 in part",
  unknown: "IPv6 unknown",
};
