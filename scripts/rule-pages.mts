/**
 * Writes docs/rules: a page for each rule and a table of all, from the rule objects and their fixtures alone.
 * With `--check`, writes nothing and fails with the list of stale files.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { allRules, liveRules, rules } from "../server/src/rules/index";
import type { Group, LiveRule, Rule, RuleText } from "../server/src/rules/rule";
import { display } from "../test/annotations";

const notice = "<!-- Generated from the rule by scripts/rule-pages.mts; edit the rule. -->";

const groups: Record<Group, string> = {
  reach: "a function does not get out; silent where the function is not meant to",
  deploy: "the stack fails to deploy",
  template: "the text of the template",
  account: "what is deployed; found by `lambda-egress deployed` and Check Deployed Function",
};

const root = path.resolve(import.meta.dirname, "..");
const folder = path.join(root, "docs/rules");

const examples = rules.flatMap(({ bad, good }) => [bad, good]);
const missing = examples.filter((name) => !fs.existsSync(path.join(root, "test/fixtures", name)));
if (missing.length > 0) {
  console.error(missing.map((name) => `test/fixtures/${name} is missing`).join("\n"));
  process.exit(1);
}

const pages = new Map<string, string>([
  ...rules.map((rule) => [`${rule.id}.md`, page(rule, example, inTemplate(rule))] as const),
  ...liveRules.map((rule) => [`${rule.id}.md`, page(rule, row, "")] as const),
]);
pages.set("README.md", table(allRules));

const existing = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
const stale = [...pages]
  .filter(([name, text]) => !existing.includes(name) || read(name) !== text)
  .map(([name]) => name);
const orphans = existing.filter((name) => name.endsWith(".md") && !pages.has(name));

if (process.argv.includes("--check")) {
  for (const name of [...stale, ...orphans]) console.error(`docs/rules/${name} is stale`);
  if (stale.length + orphans.length > 0) {
    console.error("Run `npm run rule-pages`.");
    process.exitCode = 1;
  }
} else {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages) if (stale.includes(name)) fs.writeFileSync(path.join(folder, name), text);
  for (const name of orphans) fs.unlinkSync(path.join(folder, name));
  console.log(`docs/rules: ${pages.size} pages, ${stale.length} written, ${orphans.length} removed`);
}

function read(name: string): string {
  return fs.readFileSync(path.join(folder, name), "utf8");
}

function page(rule: Rule | LiveRule, show: (example: string) => string, silence: string): string {
  const { id, severity, group, offByDefault, summary, docs, bad, good } = rule;
  return `${notice}
# ${id}

${summary}

Severity: ${severity}${offByDefault === true ? ", off by default" : ""}. Group: ${group} (${groups[group]}).

${docs.trim()}

## Example

Reported:

${show(bad)}

Not reported:

${show(good)}

## How to silence it

${silence}For a folder, in \`.lambda-egress.yaml\`${offByDefault === true ? ", where it is turned on too" : ""}:

\`\`\`yaml
rules:
  ${id}: ${offByDefault === true ? `${severity} # or off` : "off # or error, warning, information, hint"}
\`\`\`
`;
}

function inTemplate({ id }: Rule): string {
  return `In the template, at the end of the line or alone on the line above:

\`\`\`yaml
# lambda-egress-ignore ${id}: the reason
\`\`\`

In the metadata of a resource, or of the template for all of it:

\`\`\`yaml
Metadata:
  LambdaEgress:
    Ignore: [${id}]
\`\`\`

`;
}

function table(all: readonly RuleText[]): string {
  const rows = all.map(
    ({ id, severity, group, offByDefault, summary }) =>
      `| [${id}](${id}.md) | ${severity}${offByDefault === true ? " (off)" : ""} | ${group} | ${summary.replaceAll("|", "\\|")} |`,
  );
  return `${notice}
# Rules

${Object.entries(groups)
  .map(([group, meaning]) => `- \`${group}\`: ${meaning}`)
  .join("\n")}

The severity is the usual one; a finding is milder where less is certain.

| rule | severity | group | what it reports |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

/** A row of the report on a function. */
function row(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function example(fixture: string): string {
  const language = fixture.endsWith(".json") ? "json" : "yaml";
  const text = fs.readFileSync(path.join(root, "test/fixtures", fixture), "utf8");
  return `\`\`\`${language}\n${display(text, language)}\`\`\``;
}
