/** What the reports for people say of functions and subnets, in the same words everywhere. */
import type { Dependence, FunctionReport, LintResult, SubnetReport } from "../lint";
import { english, listed, type Message, message, render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet } from "../network/egress";
import type { FunctionVerdict, Ipv4Verdict, Ipv6Verdict, RoleVerdict } from "../network/verdict";
import type { Finding, Severity } from "../rules/rule";
import type { CheckedFile } from "./file";

export type Mood = "good" | "fair" | "bad" | "open";

/** Returns what a function's verdict means, to stand after its name. */
export function functionSays(verdict: FunctionVerdict, destination: Destination = internet): Message {
  return verdict === "no-internet" && destination === internet
    ? message("no internet")
    : verdicts[verdict].says(describeDestination(destination));
}

/** Returns how good a verdict is, for a colour or a sign. */
export function moodOf(verdict: FunctionVerdict): Mood {
  return verdicts[verdict].mood;
}

/** Returns whether the role allows what Lambda needs, in one word. */
export function roleSays(verdict: RoleVerdict): Message {
  return roleWords[verdict];
}

/** Returns why a function's verdict is what it is, one phrase a reason. */
export function whySo(
  fn: Pick<FunctionReport, "subnets" | "reasons" | "role">,
  destination: Destination = internet,
): Message[] {
  return [
    ...once(fn.subnets.map((subnet) => message("{0}: {1}", nameOf(subnet), subnetSays(subnet, destination)))),
    ...once(fn.reasons),
    ...(fn.role === "missing" ? [message("the role may not create network interfaces")] : []),
  ];
}

/** A reference, and what it stands for in the account that was asked, where that says more. */
function nameOf({ ref, id }: SubnetReport): string {
  return id === undefined || ref.endsWith(id) ? ref : `${ref} (${id})`;
}

/** Returns the parameter values under which an outcome holds, as a clause. */
export function whenText(when: Dependence["when"]): Message {
  const terms = Object.entries(when).map(([name, value]) =>
    typeof value === "string"
      ? message("{0} is {1}", name, quote(value))
      : message("{0} is not {1}", name, either(value.not.map(quote))),
  );
  const [first, ...rest] = terms;
  if (first === undefined) return message("otherwise");
  return message(
    "when {0}",
    rest.reduce((all, one) => message("{0} and {1}", all, one), first),
  );
}

/** Returns the outcomes of a function's parameter sets, each with the names of its sets; none where all are the same. */
export function setOutcomes({ sets = [] }: Pick<FunctionReport, "sets">): {
  readonly verdict: FunctionVerdict;
  readonly text: Message;
}[] {
  const verdicts = [...new Set(sets.map(({ verdict }) => verdict))];
  if (verdicts.length < 2) return [];
  return verdicts.map((verdict) => {
    const names = sets.flatMap((set) => (set.verdict === verdict ? [quote(set.name)] : []));
    return { verdict, text: inSetsText(names) };
  });
}

/** Returns whose parameter values a file was looked at with, to stand after its path; undefined where it has none. */
export function setsText({ sets }: LintResult): Message | undefined {
  if (sets === undefined) return undefined;
  return message("with the parameter values of {0}", sets.map(({ name }) => quote(name)).join(", "));
}

/** Leaves out what says the same once more. */
function once(texts: readonly Message[]): readonly Message[] {
  return [...new Map(texts.map((text) => [render(text, english), text])).values()];
}

function inSetsText(names: readonly string[]): Message {
  return names.length === 1 ? message("in set {0}", names.join("")) : message("in sets {0}", names.join(", "));
}

/** What a summary counts of a checked file: little, so that it is kept where the file itself is not. */
export interface Counted extends Pick<CheckedFile, "destination"> {
  readonly result: {
    readonly kind: CheckedFile["result"]["kind"];
    readonly functions: readonly Pick<FunctionReport, "verdict">[];
    readonly findings: readonly Pick<Finding, "severity">[];
  };
}

/** Returns what a summary counts of a file, and nothing else of it. */
export function countedOf({ result, destination }: CheckedFile): Counted {
  const { kind, functions, findings } = result;
  return {
    result: {
      kind,
      functions: functions.map(({ verdict }) => ({ verdict })),
      findings: findings.map(({ severity }) => ({ severity })),
    },
    ...(destination === undefined ? {} : { destination }),
  };
}

/** Returns how many findings of each severity there are, none left out silently: `2 errors`, `1 hint`. */
export function countFindings(files: readonly Counted[]): { readonly severity: Severity; readonly text: Message }[] {
  const findings = files.flatMap(({ result }) => result.findings);
  return (["error", "warning", "information", "hint"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [{ severity, text: counted[severity](count) }];
  });
}

/** Returns where the findings are and what the functions reach, to stand after how many there are. */
export function countFunctions(templates: readonly Counted[]): Message {
  const functions = templates.flatMap(({ result }) => result.functions);
  const elsewhere = templates.some(({ destination = internet }) => destination !== internet);
  const reached = Object.entries(verdicts).flatMap(([word, { sums }]) => {
    const count = functions.filter(({ verdict }) => verdict === word).length;
    return count === 0 ? [] : [sums(count, elsewhere)];
  });
  const count = functions.length;
  const many = count === 1 ? message("{0} function", count) : message("{0} functions", count);
  const reach = count === 0 ? message("no functions") : message("{0}: {1}", many, listed(reached));
  return templates.length === 1
    ? message("in {0} template; {1}", templates.length, reach)
    : message("in {0} templates; {1}", templates.length, reach);
}

/** Returns the files that are templates. */
export function templatesOf<File extends Counted>(files: readonly File[]): readonly File[] {
  return files.filter(({ result }) => result.kind !== "not-a-template");
}

const roleWords: Readonly<Record<RoleVerdict, Message>> = {
  granted: message("granted"),
  missing: message("missing"),
  unknown: message("unknown"),
};

function either([first = "", ...rest]: readonly string[]): Message | string {
  return rest.reduce<Message | string>((all, one) => message("{0} or {1}", all, one), first);
}

function quote(value: string): string {
  return /^[\w./:-]+$/.test(value) ? value : `"${value}"`;
}

/** IPv6 is mentioned only where it is in use, or alone where nothing else was asked about. */
function subnetSays({ verdict, ipv6 }: SubnetReport, { ipv4 }: Destination): Message {
  if (ipv4.ranges.length === 0) return ipv6Words[ipv6];
  const silent = ipv6 === "isolated" || ipv6 === "off" || ipv6 === "unknown";
  return silent ? ipv4Words[verdict] : listed([ipv4Words[verdict], ipv6Words[ipv6]]);
}

const counted: Readonly<Record<Severity, (count: number) => Message>> = {
  error: (count) => (count === 1 ? message("{0} error", count) : message("{0} errors", count)),
  warning: (count) => (count === 1 ? message("{0} warning", count) : message("{0} warnings", count)),
  information: (count) => message("{0} information", count),
  hint: (count) => (count === 1 ? message("{0} hint", count) : message("{0} hints", count)),
};

interface Words {
  /** After the function's name; `to` is what it is to reach. */
  readonly says: (to: Message) => Message;
  /** In the summary; `elsewhere`: something else than the internet is to be reached. */
  readonly sums: (count: number, elsewhere: boolean) => Message;
  readonly mood: Mood;
}

const verdicts: Readonly<Record<FunctionVerdict, Words>> = {
  internet: {
    says: (to) => message("reaches {0}", to),
    sums: (count, elsewhere) => {
      if (elsewhere) return count === 1 ? message("{0} reaches it", count) : message("{0} reach it", count);
      return count === 1 ? message("{0} reaches the internet", count) : message("{0} reach the internet", count);
    },
    mood: "good",
  },
  "ipv6-only": {
    says: (to) => message("reaches {0} over IPv6 only", to),
    sums: (count) => message("{0} over IPv6 only", count),
    mood: "fair",
  },
  intermittent: {
    says: (to) => message("reaches {0} from some subnets only", to),
    sums: (count) => message("{0} from some subnets only", count),
    mood: "fair",
  },
  partial: {
    says: (to) => message("reaches part of {0} only", to),
    sums: (count) =>
      count === 1 ? message("{0} reaches a part of it", count) : message("{0} reach a part of it", count),
    mood: "fair",
  },
  "no-internet": {
    says: (to) => message("does not reach {0}", to),
    sums: (count) => (count === 1 ? message("{0} does not reach it", count) : message("{0} do not reach it", count)),
    mood: "bad",
  },
  "deploy-fails": {
    says: () => message("cannot be deployed"),
    sums: (count) => message("{0} cannot be deployed", count),
    mood: "bad",
  },
  unknown: { says: () => message("unknown"), sums: (count) => message("{0} unknown", count), mood: "open" },
  "not-in-vpc": {
    says: () => message("not in a VPC"),
    sums: (count) => message("{0} not in a VPC", count),
    mood: "open",
  },
};

const ipv4Words: Readonly<Record<Ipv4Verdict, Message>> = {
  nat: message("through NAT"),
  "nat-instance": message("through a NAT instance"),
  inspection: message("through inspection"),
  local: message("inside the VPC"),
  "public-subnet": message("public subnet"),
  isolated: message("isolated"),
  broken: message("broken route"),
  "no-transit": message("no transit"),
  "blocked-security-group": message("blocked by the security group"),
  "blocked-nacl": message("blocked by the network ACL"),
  "blocked-account": message("blocked by an account setting"),
  partial: message("in part"),
  unknown: message("unknown"),
};

const ipv6Words: Readonly<Record<Ipv6Verdict, Message>> = {
  "egress-only": message("IPv6 through an egress-only gateway"),
  igw: message("IPv6 through the internet gateway"),
  local: message("IPv6 inside the VPC"),
  isolated: message("IPv6 isolated"),
  off: message("IPv6 off"),
  broken: message("IPv6 route broken"),
  "blocked-security-group": message("IPv6 blocked by the security group"),
  "blocked-nacl": message("IPv6 blocked by the network ACL"),
  "blocked-account": message("IPv6 blocked by an account setting"),
  partial: message("IPv6 in part"),
  unknown: message("IPv6 unknown"),
};
