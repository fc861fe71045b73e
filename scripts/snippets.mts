/**
 * Makes the editor's snippets. snippets/lambda-nat-vpc.yaml is a template that is whole and valid as it stands; the
 * other snippets are made of its resources and of those in snippets/parts/, where a resource is written only if it
 * differs. So one topology is written once, and the YAML and the JSON form cannot drift apart.
 *
 * `tsx scripts/snippets.mts` writes both files; `--check` writes nothing and fails when one is out of date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Node, parseDocument, visit } from "yaml";

interface Snippet {
  /** What is typed to get it. The file of the same name in snippets/parts/, where there is one, comes before the base. */
  readonly prefix: string;
  readonly title: string;
  /** What it makes, and what of that costs money. */
  readonly description: string;
  /** Its resources, in the order in which they stand. */
  readonly resources: readonly string[];
  /** Whether it is a template of its own; otherwise it goes into the resources of one. */
  readonly whole: boolean;
  /** What the author of a stack changes first, in the order of the tab key. */
  readonly tabStops: readonly TabStop[];
}

interface TabStop {
  /** Finds the text's places in the template, where `$` is escaped already. */
  readonly pattern: RegExp;
  readonly text: string;
}

const name: TabStop = { pattern: /\bWorker/g, text: "Worker" };
const network: TabStop = { pattern: /\b10\.0(?=\.\d+\.0\/)/g, text: "10.0" };
const address: TabStop = { pattern: /https:\/\/checkip\.amazonaws\.com/g, text: "https://checkip.amazonaws.com" };

const internetGateway = ["InternetGateway", "InternetGatewayAttachment"];
const publicRoutes = ["PublicRouteTable", "PublicDefaultRoute"];
const publicSubnet = ["PublicSubnet", ...publicRoutes, "PublicSubnetRoutes"];
const privateSubnets = ["PrivateSubnet1", "PrivateSubnet2"];
const privateRoutes = ["PrivateSubnet1Routes", "PrivateSubnet2Routes"];
const worker = ["WorkerSecurityGroup", "WorkerRole", "Worker"];
const both = (id: string) => [`${id}1`, `${id}2`];

const snippets: readonly Snippet[] = [
  {
    prefix: "lambda-nat-vpc",
    title: "Lambda function with a NAT gateway",
    description:
      "A whole template: VPC, public and private subnets, NAT gateway, and a function that reaches the internet. The NAT gateway is charged per hour and per GB, its address per hour.",
    resources: [
      ...["Vpc", ...internetGateway, ...publicSubnet, "NatAddress", "NatGateway"],
      ...[...privateSubnets, "PrivateRouteTable", "PrivateDefaultRoute", ...privateRoutes, ...worker],
    ],
    whole: true,
    tabStops: [name, network, address],
  },
  {
    prefix: "lambda-nat-vpc-per-zone",
    title: "Lambda function with a NAT gateway in each Availability Zone",
    description:
      "A whole template: two zones, each with its own NAT gateway and route table, so that one keeps working when the other fails. Each NAT gateway is charged per hour and per GB, each address per hour.",
    resources: [
      ...["Vpc", ...internetGateway, ...both("PublicSubnet"), ...publicRoutes],
      ...["PublicSubnet1Routes", "PublicSubnet2Routes", ...both("NatAddress"), ...both("NatGateway")],
      ...[...privateSubnets, ...both("PrivateRouteTable"), ...both("PrivateDefaultRoute"), ...privateRoutes],
      ...worker,
    ],
    whole: true,
    tabStops: [name, network, address],
  },
  {
    prefix: "lambda-nat-vpc-regional",
    title: "Lambda function with a regional NAT gateway",
    description:
      "A whole template without a public subnet: one NAT gateway serves every Availability Zone. It is charged per hour in each zone it serves and per GB, its addresses per hour.",
    resources: [
      ...["Vpc", ...internetGateway, "NatGateway", ...privateSubnets],
      ...["PrivateRouteTable", "PrivateDefaultRoute", ...privateRoutes, ...worker],
    ],
    whole: true,
    tabStops: [name, network, address],
  },
  {
    prefix: "lambda-nat-vpc-instance",
    title: "Lambda function with a NAT instance",
    description:
      "A whole template: an EC2 instance forwards the function's calls through a network interface whose source/destination check is off. The instance and its disk are charged per hour, its address per hour, traffic to the internet per GB. You keep it up to date yourself.",
    resources: [
      ...["Vpc", ...internetGateway, ...publicSubnet, "NatSecurityGroup", "NatInterface"],
      ...["NatAddress", "NatAddressAssociation", "NatInstance", ...privateSubnets],
      ...["PrivateRouteTable", "PrivateDefaultRoute", ...privateRoutes, ...worker],
    ],
    whole: true,
    tabStops: [name, network, address],
  },
  {
    prefix: "lambda-nat-vpc-dual-stack",
    title: "Lambda function with IPv6 and a NAT gateway",
    description:
      "A whole template: IPv6 leaves through an egress-only internet gateway, IPv4 through a NAT gateway. The egress-only gateway costs nothing; the NAT gateway is charged per hour and per GB, its address per hour.",
    resources: [
      ...["Vpc", "Ipv6Block", ...internetGateway, "EgressOnlyGateway", ...publicSubnet, "NatAddress", "NatGateway"],
      ...[...privateSubnets, "PrivateRouteTable", "PrivateDefaultRoute", "PrivateDefaultRouteIpv6"],
      ...[...privateRoutes, ...worker],
    ],
    whole: true,
    tabStops: [name, network, address],
  },
  {
    prefix: "lambda-vpc-endpoints",
    title: "Lambda function with VPC endpoints and no internet",
    description:
      "A whole template: the function reaches S3 and one other AWS service, and nothing else. The interface endpoint is charged per hour in each Availability Zone and per GB, the gateway endpoint for S3 costs nothing.",
    resources: [
      ...["Vpc", ...privateSubnets, "PrivateRouteTable", ...privateRoutes, "EndpointSecurityGroup"],
      ...["S3Endpoint", "ServiceEndpoint", ...worker],
    ],
    whole: true,
    tabStops: [name, network, { pattern: /(?<=AWS::Region\}\.)sts\b/g, text: "sts" }],
  },
  {
    prefix: "lambda-vpc-role",
    title: "Execution role for a Lambda function in a VPC",
    description:
      "A role that may create the function's network interfaces and write its logs, for the resources of a template. It costs nothing.",
    resources: ["WorkerRole"],
    whole: false,
    tabStops: [name],
  },
  {
    prefix: "lambda-vpc-route-table",
    title: "Route table that sends a private subnet to a NAT gateway",
    description:
      "A route table, its default route and its association with a subnet, for the resources of a template. It costs nothing; the NAT gateway that you name is charged per hour and per GB.",
    resources: ["PrivateRouteTable", "PrivateDefaultRoute", "PrivateSubnet1Routes"],
    whole: false,
    tabStops: [
      { pattern: /\bVpc\b/g, text: "Vpc" },
      { pattern: /\bNatGateway\b/g, text: "NatGateway" },
      { pattern: /\bPrivateSubnet1/g, text: "PrivateSubnet1" },
    ],
  },
];

const folder = new URL("../snippets/", import.meta.url);
const base = read("lambda-nat-vpc.yaml");

const stale = [...emit("yaml.json", "YAML", toYaml), ...emit("json.json", "JSON", toJson)];
if (process.argv.includes("--check") && stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run: npx tsx scripts/snippets.mts`);
  process.exitCode = 1;
}

/** Writes one snippet file, or with `--check` only compares it; yields the file's name where it was out of date. */
function* emit(file: string, language: string, print: (snippet: Snippet) => string): Iterable<string> {
  const entries = snippets.map((snippet) => {
    const { prefix, title, description, tabStops } = snippet;
    const body = toBody(print(snippet), tabStops).trimEnd().split("\n");
    return [`${title} (${language})`, { prefix, description, body }];
  });
  const text = `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  if (existsSync(new URL(file, folder)) && text === read(file)) return;
  if (!process.argv.includes("--check")) writeFileSync(new URL(file, folder), text);
  yield `snippets/${file}`;
}

/** Returns the snippet's text, made of the blocks of its own file and of the base. */
function toYaml({ prefix, resources, whole }: Snippet): string {
  const file = `parts/${prefix}.yaml`;
  const text = existsSync(new URL(file, folder)) ? read(file) : "";
  const own = blocksOf(text);
  const unused = [...own.keys()].filter((id) => !resources.includes(id));
  if (unused.length > 0) throw new Error(`${file} has resources that its snippet does not take: ${unused.join(", ")}`);
  const shared = blocksOf(base);
  const blocks = resources.map((id) => {
    const block = own.get(id) ?? shared.get(id);
    if (block === undefined) throw new Error(`${prefix} takes ${id}, which is nowhere.`);
    return block;
  });
  const body = blocks.join("\n\n");
  if (!whole) return body.replace(/^ {2}(?:#.*\n)?/gm, "");
  const [head = "", foot = ""] = base.split(/(?<=^Resources:\n)[\s\S]*(?=\n^Outputs:)/m);
  const line = /^Description: .*/m;
  return `${head.replace(line, line.exec(text)?.[0] ?? "$&")}${body}\n${foot}`;
}

/** Returns the resources of a template by their ids, each as text with the comment above it. A blank line parts them. */
function blocksOf(template: string): ReadonlyMap<string, string> {
  const [, rest = ""] = template.split(/^Resources:\n/m);
  const [resources = ""] = rest.split(/^(?=\w)/m);
  const blocks = resources.trimEnd().split(/\n\n(?= {2}\S)/);
  return new Map(blocks.flatMap((block) => (block === "" ? [] : [[/^ {2}(\w+):/m.exec(block)?.[1] ?? "", block]])));
}

function read(file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

/** Escapes the template for snippet syntax; each tab stop's first place carries the text, the others follow it. */
function toBody(template: string, tabStops: readonly TabStop[]): string {
  let body = template.replace(/[\\$]/g, "\\$&");
  for (const [index, { pattern, text }] of tabStops.entries()) {
    let seen = false;
    body = body.replace(pattern, () => {
      const stop = seen ? `\${${index + 1}}` : `\${${index + 1}:${text}}`;
      seen = true;
      return stop;
    });
    if (!seen) throw new Error(`The template does not contain ${text}.`);
  }
  return body;
}

/** Returns the snippet as JSON: a template, or the members of one's `Resources`. */
function toJson(snippet: Snippet): string {
  const text = pretty(toLongForms(toYaml(snippet)));
  return snippet.whole ? text : text.slice(2, -2).replace(/^ {2}/gm, "");
}

/** Returns the template as JSON knows it: `!Ref X` as `{ "Ref": "X" }`, and so on. */
function toLongForms(template: string): unknown {
  const document = parseDocument(template, { logLevel: "error" });
  visit(document, {
    Node(_key, node) {
      const { tag } = node as Node & { tag?: string };
      if (!tag?.startsWith("!")) return undefined;
      delete (node as { tag?: string }).tag;
      if (tag === "!Ref") return document.createNode({ Ref: node });
      if (tag === "!GetAtt") return document.createNode({ "Fn::GetAtt": String(node).split(".") });
      return document.createNode({ [`Fn::${tag.slice(1)}`]: node });
    },
  });
  return document.toJS();
}

/** Returns JSON in which whatever fits stands on one line, since a template of one-entry maps is unreadable otherwise. */
function pretty(value: unknown, indent = "", taken = 0): string {
  const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
  if (typeof value !== "object" || value === null) return flat;
  if (indent.length + taken + flat.length <= 100) return flat;
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => deeper + pretty(item, deeper))
    : Object.entries(value).map(([key, item]) => {
        const label = `${JSON.stringify(key)}: `;
        return deeper + label + pretty(item, deeper, label.length);
      });
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}
