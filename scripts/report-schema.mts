/**
 * Writes docs/report.schema.json, the JSON schema of `lambda-egress check --format json`, which holds that of
 * `lambda-egress deployed FUNCTION --format json` under `$defs/deployed`.
 *
 * The words and fields stand here once, with what they mean; the compiler holds them against the types of
 * the report, so that a word or field can neither be missing nor be invented. `--check` writes nothing and
 * fails when the file is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { LintResult } from "../server/src/lint";
import type {
  Family,
  FunctionVerdict,
  HopKind,
  Ipv4Verdict,
  Ipv6Verdict,
  RoleVerdict,
  Status,
} from "../server/src/network/verdict";
import type { JsonDeployed, JsonDeployedAll, JsonDeployedFinding, JsonDrift } from "../server/src/report/deployed";
import type { Position } from "../server/src/report/file";
import type {
  JsonFile,
  JsonFinding,
  JsonFunction,
  JsonHop,
  JsonNote,
  JsonRange,
  JsonReport,
  JsonSet,
  JsonSubnet,
} from "../server/src/report/json";
import type { Severity } from "../server/src/rules/rule";

type Schema = Readonly<Record<string, unknown>>;

const text = (description: string): Schema => ({ type: "string", description });
const list = (items: Schema, description: string): Schema => ({ type: "array", items, description });
const count = (minimum: 0 | 1, description: string): Schema => ({ type: "integer", minimum, description });
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** Words and what each means: all of a type's, as the compiler sees to. */
function words<W extends string>(description: string, meanings: Readonly<Record<W, string>>): Schema {
  const each = Object.entries(meanings).map(([word, meaning]) => ({ const: word, description: meaning }));
  return { type: "string", description, oneOf: each };
}

/** An object of exactly the fields of `T`; those that may be absent are required of nobody. */
function object<T>(
  fields: { readonly [K in keyof Required<T>]: Schema },
  ...optional: readonly OptionalKey<T>[]
): Schema {
  const required = Object.keys(fields).filter((key) => !optional.some((one) => one === key));
  return { type: "object", properties: fields, required, additionalProperties: false };
}

type OptionalKey<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

const functionVerdict = words<FunctionVerdict>("Whether the function reaches what it was asked about.", {
  "not-in-vpc": "The function is in no VPC and has the internet.",
  internet: "It reaches it from every subnet.",
  intermittent: "At least one subnet certainly fails, and not all do: calls fail now and then.",
  partial: "Only a part of the addresses, or only some connections.",
  "ipv6-only": "Over IPv6 from every subnet; IPv4 certainly fails.",
  "no-internet": "Every subnet certainly fails.",
  "deploy-fails": "The stack cannot be deployed.",
  unknown: "The template does not tell.",
});

const ipv4Verdict = words<Ipv4Verdict>("The way out of a subnet over IPv4.", {
  nat: "Through a NAT gateway.",
  "nat-instance": "Through a NAT instance.",
  inspection: "Through a firewall or another inspecting endpoint.",
  local: "Inside the VPC; only where its own addresses were asked about.",
  "public-subnet": "Routed to an internet gateway, which Lambda's private addresses cannot use.",
  isolated: "No route.",
  broken: "A route whose chain is broken further on.",
  "no-transit": "A route into what carries no traffic to the internet.",
  "blocked-security-group": "The function's security groups let nothing out.",
  "blocked-nacl": "A network ACL lets nothing out or no answers in.",
  "blocked-account": "A setting of the account or VPC blocks it.",
  partial: "A part of the addresses, or some connections.",
  unknown: "The template does not tell, or IPv4 was not asked about.",
});

/** `partial` is in the type of the engine, but no report says it of IPv6. */
const ipv6Verdict = words<Exclude<Ipv6Verdict, "partial">>("The way out of a subnet over IPv6.", {
  "egress-only": "Through an egress-only internet gateway.",
  igw: "Through an internet gateway.",
  local: "Inside the VPC; only where its own addresses were asked about.",
  isolated: "No route.",
  off: "The function or the subnet does not use IPv6.",
  broken: "A route whose chain is broken further on.",
  "blocked-security-group": "The function's security groups let nothing out.",
  "blocked-nacl": "A network ACL lets nothing out or no answers in.",
  "blocked-account": "A setting of the account or VPC blocks it.",
  unknown: "The template does not tell, or IPv6 was not asked about.",
});

const severity = words<Severity>("How grave a finding is.", {
  error: "Certain to fail.",
  warning: "Most likely a fault.",
  information: "A fault only if it is not on purpose.",
  hint: "Worth knowing.",
});

const hopKind = words<HopKind>("What a step on the way out is.", {
  function: "The function.",
  "security-group": "The function's security groups, or those of a NAT instance.",
  "network-acl": "A network ACL.",
  "route-table": "A route table.",
  route: "A route.",
  "nat-gateway": "A NAT gateway.",
  "nat-instance": "A NAT instance.",
  "egress-only-gateway": "An egress-only internet gateway.",
  "internet-gateway": "An internet gateway.",
  endpoint: "A VPC endpoint that inspects traffic.",
  firewall: "A network firewall.",
  peering: "A VPC peering connection.",
  "transit-gateway": "A transit gateway.",
  other: "Something else.",
});

const fileKind = words<LintResult["kind"] | "unreadable">("What the file turned out to be.", {
  cloudformation: "A CloudFormation template.",
  sam: "A SAM template.",
  "not-a-template": "A file of another kind.",
  unreadable: "A file that could not be read.",
});

const choice: Schema = {
  oneOf: [
    text("The value it must have."),
    object<{ not: readonly string[] }>({ not: list({ type: "string" }, "The values that it must not have.") }),
  ],
};

const definitions = {
  functionVerdict,
  ipv4Verdict,
  severity,
  file: object<JsonFile>({
    path: text("As given on the command line, or relative to the folder it ran in; `-` is standard input."),
    kind: fileKind,
    functions: list(ref("function"), "The functions of the template."),
    findings: list(ref("finding"), "What is wrong, in the order of the text."),
  }),
  function: object<JsonFunction>(
    {
      id: text("Logical id."),
      construct: text("The path of the CDK construct that it was made from; absent where CDK made none."),
      verdict: ref("functionVerdict"),
      subnets: list(ref("subnet"), "The function's subnets, in the order of the template."),
      role: words<RoleVerdict>("Whether the role may create network interfaces; absent outside a VPC.", {
        granted: "It may.",
        missing: "It may not.",
        unknown: "The template does not tell.",
      }),
      dependsOn: list(
        object<JsonFunction["dependsOn"][number]>({
          when: { type: "object", additionalProperties: choice, description: "Parameter to value." },
          verdict: ref("functionVerdict"),
        }),
        "One row an outcome where parameters decide; empty where they do not.",
      ),
      sets: list(
        object<JsonSet>({
          name: text("An environment of `samconfig`, or what the name of a parameter file says."),
          verdict: ref("functionVerdict"),
        }),
        "The verdict in each parameter set that has the function; absent where no set was found.",
      ),
    },
    "construct",
    "role",
    "sets",
  ),
  subnet: object<JsonSubnet>(
    {
      ref: text("As written: a logical id, `param:Name`, `import:name`, `ssm:/path`, `output:…` or `literal:…`."),
      id: text("What the reference stands for in the account that was asked; absent where none told."),
      verdict: ref("ipv4Verdict"),
      ipv6: ipv6Verdict,
      blockers: list(ref("ipv4Verdict"), "Everything that fails over IPv4, the decisive first."),
      hops: list(ref("hop"), "The way out, step by step."),
    },
    "id",
  ),
  hop: object<JsonHop>(
    {
      kind: hopKind,
      id: text("What is passed: a logical id, or as written."),
      family: words<Family>("The address family.", { ipv4: "IPv4.", ipv6: "IPv6." }),
      status: words<Status>("What comes of it.", {
        passed: "The traffic gets on.",
        failed: "It does not.",
        unknown: "The template does not tell.",
      }),
      why: text("A sentence for a person."),
      line: count(1, "Counted from one; absent for what has no line in a file."),
      path: text("Present when the line is another file's."),
    },
    "line",
    "path",
  ),
  finding: object<JsonFinding>(
    {
      rule: text("The rule's id."),
      severity: ref("severity"),
      message: text("A sentence for a person."),
      construct: text("The path of the CDK construct that it is about; absent where CDK made none."),
      range: ref("range"),
      notes: list(ref("note"), "Other places that matter."),
      fixes: list({ type: "string" }, "Titles of the fixes that an editor offers."),
    },
    "construct",
  ),
  note: object<JsonNote>(
    {
      message: text("A sentence for a person."),
      range: ref("range"),
      path: text("Present when the note lies in another file."),
    },
    "path",
  ),
  deployed: object<JsonDeployed>(
    {
      version: { const: 1, description: "Within a version words and fields are only added." },
      function: ref("function"),
      findings: list(ref("deployedFinding"), "What is wrong, in the order of the way out."),
      drift: list(ref("drift"), "What is otherwise than in the template; present where there was one to compare with."),
    },
    "drift",
  ),
  deployedAll: object<JsonDeployedAll>({
    version: { const: 1, description: "Within a version words and fields are only added." },
    functions: list(ref("function"), "The functions of the region that are in a VPC."),
    findings: list(ref("deployedFinding"), "What is wrong, by function."),
  }),
  deployedFinding: object<JsonDeployedFinding>(
    {
      function: text("The function that suffers."),
      rule: text("The rule's id."),
      severity: ref("severity"),
      message: text("A sentence for a person."),
      id: text("The AWS id of the thing at fault."),
      fix: text("What to do, a sentence for a person; absent where the rule's page has to do."),
      docs: text("The address of the rule's page."),
    },
    "fix",
  ),
  drift: object<JsonDrift>(
    {
      rule: { const: "template-drift", description: "The rule's id." },
      severity: ref("severity"),
      subject: text("What in the template promises otherwise: a logical id."),
      message: text("A sentence for a person."),
      cause: words<JsonDrift["cause"]>("Why it differs.", {
        outside: "The template that was deployed says the same: the account was changed by other means.",
        undeployed: "The template that was deployed says otherwise: this one is yet to be deployed.",
        unknown: "The template that was deployed is not known.",
      }),
      fix: text("What to do, a sentence for a person."),
      id: text("The AWS id of what is there, or of what lacks it."),
      link: text("The console's page for that id."),
      path: text("The template's file; absent where the stack's own template was compared with."),
      line: count(1, "The line that promises it, counted from one."),
    },
    "link",
    "path",
    "line",
  ),
  range: object<JsonRange>({ start: ref("position"), end: ref("position") }),
  position: object<Position>({
    line: count(0, "Counted from zero."),
    character: count(0, "Counted from zero, in UTF-16 units."),
  }),
};

const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Report of `lambda-egress check --format json`",
  ...object<JsonReport>({
    version: { const: 1, description: "Within a version words and fields are only added." },
    files: list(ref("file"), "The files, in the order they were checked."),
  }),
  $defs: definitions,
};

const file = new URL("../docs/report.schema.json", import.meta.url);
const generated = `${JSON.stringify(schema, undefined, 2)}\n`;
const existing = (() => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
})();

if (process.argv.includes("--check")) {
  if (generated !== existing) {
    console.error("docs/report.schema.json is out of date. Run: npx tsx scripts/report-schema.mts");
    process.exitCode = 1;
  }
} else if (generated !== existing) {
  writeFileSync(file, generated);
}
