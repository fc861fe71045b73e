/**
 * Writes docs/cases.md: tricky templates, one a row, with what the engine says of each. The templates are
 * the fixtures of test/fixtures/cases, so the page cannot say what is not so.
 * With `--check`, writes nothing and fails where the page is stale.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import type { FunctionReport, LintResult } from "../server/src/lint";
import { lintAs, readFixtures } from "../test/harness";

const file = path.resolve(import.meta.dirname, "../docs/cases.md");

const cases = readFixtures()
  .filter(({ name }) => name.startsWith("cases/"))
  .map((fixture) => ({ ...fixture, result: lintAs(fixture, fixture.text) }));

const text = `<!-- Generated from test/fixtures/cases by scripts/case-table.mts; edit the templates. -->
# Tricky templates

Templates that look right and are not, or look wrong and are right, and what Lambda Egress says of each. The
number leads to the template, with every finding beneath the line it is about; a finding leads to its rule.
Hints are left out here.

*Verdict* is what becomes of the function: it reaches the internet (\`internet\`), part of it or with a part of its
calls (\`partial\`), from some of its subnets (\`intermittent\`), over IPv6 alone (\`ipv6-only\`), or not at all
(\`no-internet\`); it stands outside any VPC and has Lambda's own way out (\`not-in-vpc\`); it cannot be deployed
(\`deploy-fails\`); or the template does not tell (\`unknown\`). *Subnets* says by which way, or what is in the way.

| no. | template | verdict | subnets | findings |
| --- | --- | --- | --- | --- |
${cases.map(({ name, annotated, result }) => row(name, annotated, result)).join("\n")}
`;

if (!process.argv.includes("--check")) {
  fs.writeFileSync(file, text);
  console.log(`docs/cases.md: ${cases.length} cases`);
} else if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== text) {
  console.error("docs/cases.md is stale\nRun `npm run case-table`.");
  process.exitCode = 1;
}

function row(name: string, annotated: string, { functions, findings }: LintResult): string {
  const number = /\/0*(\w+)-/.exec(name)?.[1] ?? name;
  const sentence = annotated.split("\n", 1)[0]?.replace(/^(?:#|\/\/) /, "") ?? "";
  const rules = findings.flatMap(({ rule, severity }) =>
    severity === "hint" ? [] : [`[${rule}](rules/${rule}.md) (${severity})`],
  );
  const cells = [`[${number}](../test/fixtures/${name})`, sentence, ...told(functions), unique(rules) || "none"];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Verdict and subnets; functions of one template that fare alike are told once. */
function told(functions: readonly FunctionReport[]): readonly [verdict: string, subnets: string] {
  const verdicts = functions.map(({ verdict, dependsOn }) => {
    const others = dependsOn.filter((other) => other.verdict !== verdict);
    return [`\`${verdict}\``, ...others.map(({ when, verdict }) => `\`${verdict}\` when ${terms(when)}`)].join("; ");
  });
  const subnets = functions.map((fn) =>
    fn.subnets
      .map(({ ref, verdict, ipv6 }) => `${named(ref)}: \`${verdict}\`${ipv6 === "off" ? "" : `, IPv6 \`${ipv6}\``}`)
      .join("<br>"),
  );
  return [unique(verdicts), unique(subnets)];
}

/** A subnet as a reader would call it, who need not know the forms of references. */
function named(ref: string): string {
  return ref.replace(/^literal:/, "").replace(/^param:/, "parameter ");
}

function terms(when: FunctionReport["dependsOn"][number]["when"]): string {
  return Object.entries(when)
    .map(([name, is]) => `${name} is ${typeof is === "string" ? is : `not ${is.not.join(", ")}`}`)
    .join(" and ");
}

function unique(lines: readonly string[]): string {
  return [...new Set(lines)].join("<br>");
}
