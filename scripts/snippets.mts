/**
 * Makes the editor's snippets from snippets/lambda-nat-vpc.yaml, a template that is whole and valid as it
 * stands: what the snippet inserts can be linted and deployed without an editor, and the YAML and the JSON
 * form cannot drift apart.
 *
 * `tsx scripts/snippets.mts` writes both files; `--check` writes nothing and fails when one is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { type Node, parseDocument, visit } from "yaml";

const folder = new URL("../snippets/", import.meta.url);

/** What the author of a stack changes first, in the order of the tab key; `pattern` finds it in the template. */
const tabStops = [
  { pattern: /\bWorker/g, text: "Worker" },
  { pattern: /\b10\.0(?=\.\d+\.0\/)/g, text: "10.0" },
  { pattern: /https:\/\/checkip\.amazonaws\.com/g, text: "https://checkip.amazonaws.com" },
];

const source = readFileSync(new URL("lambda-nat-vpc.yaml", folder), "utf8");
const stale = [...emit("yaml.json", "YAML", source), ...emit("json.json", "JSON", `${pretty(toLongForms(source))}\n`)];
if (process.argv.includes("--check") && stale.length > 0) {
  console.error(`Out of date: ${stale.join(", ")}. Run: npx tsx scripts/snippets.mts`);
  process.exitCode = 1;
}

/** Writes one snippet file, or with `--check` only compares it; yields the file's name where it was out of date. */
function* emit(name: string, language: string, template: string): Iterable<string> {
  const snippets = {
    [`Lambda function with a NAT gateway (${language})`]: {
      prefix: "lambda-nat-vpc",
      description:
        "A whole template: VPC, public and private subnets, NAT gateway, and a function that reaches the internet",
      body: toBody(template).trimEnd().split("\n"),
    },
  };
  const text = `${JSON.stringify(snippets, null, 2)}\n`;
  const file = new URL(name, folder);
  if (text === read(file)) return;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  yield `snippets/${name}`;
}

function read(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Escapes the template for snippet syntax; each tab stop's first place carries the text, the others follow it. */
function toBody(template: string): string {
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
