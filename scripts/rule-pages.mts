/**
 * Writes docs/rules: a page for each rule and a table of all, from the rule objects and their fixtures alone; and
 * docs/rules/de, the same in German.
 * With `--check`, writes nothing and fails with the list of stale files.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { type Catalogue, english, type Message, message, render, translate } from "../server/src/message";
import { allRules, liveRules, rules, workspaceRules } from "../server/src/rules/index";
import type { Group, LiveRule, Rule, RuleText, WorkspaceRule } from "../server/src/rules/rule";
import { german } from "../server/src/texts/german";
import { display } from "../test/annotations";

const notice = "<!-- Generated from the rule by scripts/rule-pages.mts; edit the rule. -->";

const groups: Record<Group, Message> = {
  reach: message("a function does not get out; silent where the function is not meant to"),
  deploy: message("the stack fails to deploy"),
  template: message("the text of the template"),
  account: message("what is deployed; found by `lambda-egress deployed` and Check Deployed Function"),
};

const root = path.resolve(import.meta.dirname, "..");
const folder = path.join(root, "docs/rules");

const examples = rules.flatMap(({ bad, good }) => [bad, good]);
const missing = examples.filter((name) => !fs.existsSync(path.join(root, "test/fixtures", name)));
if (missing.length > 0) {
  console.error(missing.map((name) => `test/fixtures/${name} is missing`).join("\n"));
  process.exit(1);
}

const pages = new Map([...pagesIn(english, ""), ...pagesIn(german, "de/")]);

const existing = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
const stale = [...pages]
  .filter(([name, text]) => !existing.includes(name) || read(name) !== text)
  .map(([name]) => name);
const orphans = existing.filter((name) => name.endsWith(".md") && !pages.has(name));

if (process.argv.includes("--check")) {
  for (const name of [...stale, ...orphans]) console.error(`docs/rules/${name} is stale`);
  if (stale.length + orphans.length > 0) {
    console.error("Run: npx tsx scripts/rule-pages.mts");
    process.exitCode = 1;
  }
} else {
  fs.mkdirSync(path.join(folder, "de"), { recursive: true });
  for (const [name, text] of pages) if (stale.includes(name)) fs.writeFileSync(path.join(folder, name), text);
  for (const name of orphans) fs.unlinkSync(path.join(folder, name));
  console.log(`docs/rules: ${pages.size} pages, ${stale.length} written, ${orphans.length} removed`);
}

function read(name: string): string {
  return fs.readFileSync(path.join(folder, name), "utf8");
}

function pagesIn(catalogue: Catalogue, prefix: string): [name: string, text: string][] {
  const say: Say = (one) => render(one, catalogue);
  return [
    ...rules.map((rule): [string, string] => [
      `${prefix}${rule.id}.md`,
      page(rule, example, inTemplate(rule, say), catalogue),
    ]),
    ...liveRules.map((rule): [string, string] => [`${prefix}${rule.id}.md`, page(rule, row, "", catalogue)]),
    ...workspaceRules.map((rule): [string, string] => [
      `${prefix}${rule.id}.md`,
      page(rule, row, inTemplate(rule, say), catalogue),
    ]),
    [`${prefix}README.md`, table(allRules, catalogue)],
  ];
}

type Say = (one: Message) => string;

function page(
  rule: Rule | LiveRule | WorkspaceRule,
  show: (example: string) => string,
  silence: string,
  catalogue: Catalogue,
): string {
  const { id, severity, group, offByDefault, summary, docs, bad, good } = rule;
  const say: Say = (one) => render(one, catalogue);
  const meaning = say(groups[group]);
  return `${notice}
# ${id}

${translate(summary, catalogue)}

${say(
  offByDefault === true
    ? message("Severity: {0}, off by default. Group: {1} ({2}).", severity, group, meaning)
    : message("Severity: {0}. Group: {1} ({2}).", severity, group, meaning),
)}

${translate(docs.trim(), catalogue)}

## ${say(message("Example"))}

${say(message("Reported:"))}

${show(bad)}

${say(message("Not reported:"))}

${show(good)}

## ${say(message("How to silence it"))}

${silence}${say(
  offByDefault === true
    ? message("For a folder, in `.lambda-egress.yaml`, where it is turned on too:")
    : message("For a folder, in `.lambda-egress.yaml`:"),
)}

\`\`\`yaml
rules:
  ${id}: ${say(
    offByDefault === true ? message("{0} # or off", severity) : message("off # or error, warning, information, hint"),
  )}
\`\`\`
`;
}

function inTemplate({ id }: RuleText, say: Say): string {
  return `${say(message("In the template, at the end of the line or alone on the line above:"))}

\`\`\`yaml
# lambda-egress-ignore ${id}: ${say(message("the reason"))}
\`\`\`

${say(message("In the metadata of a resource, or of the template for all of it:"))}

\`\`\`yaml
Metadata:
  LambdaEgress:
    Ignore: [${id}]
\`\`\`

`;
}

function table(all: readonly RuleText[], catalogue: Catalogue): string {
  const say: Say = (one) => render(one, catalogue);
  const rows = all.map(({ id, severity, group, offByDefault, summary }) => {
    const usual = offByDefault === true ? say(message("{0} (off)", severity)) : severity;
    return `| [${id}](${id}.md) | ${usual} | ${group} | ${translate(summary, catalogue).replaceAll("|", "\\|")} |`;
  });
  const heads = [message("rule"), message("severity"), message("group"), message("what it reports")];
  return `${notice}
# ${say(message("Rules"))}

${Object.entries(groups)
  .map(([group, meaning]) => `- \`${group}\`: ${say(meaning)}`)
  .join("\n")}

${say(message("The severity is the usual one; a finding is milder where less is certain."))}

| ${heads.map(say).join(" | ")} |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

function example(fixture: string): string {
  const language = fixture.endsWith(".json") ? "json" : "yaml";
  const text = fs.readFileSync(path.join(root, "test/fixtures", fixture), "utf8");
  return `\`\`\`${language}\n${display(text, language)}\`\`\``;
}

/** A row of the report on a function, or a line of the editor. */
function row(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}
