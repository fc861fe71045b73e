/**
 * Compares what lint says of real templates with what a reader has judged true of them:
 * `npm run corpus -- TEMPLATES LABELS`, two folders. Prints every disagreement; exits with 1 if there is one. Then
 * tells what the templates make known of one another, as if they were one workspace; with UNKNOWN=1 also why other
 * functions stay unknown.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { disk } from "../server/src/disk";
import { type FunctionReport, type LintResult, lint } from "../server/src/lint";
import { render } from "../server/src/message";
import { positionAt, toLines } from "../server/src/report/file";
import type { Finding } from "../server/src/rules/rule";
import { parse } from "../server/src/template/parse";
import { type Document, get, spanOf } from "../server/src/template/syntax";
import { Workspace } from "../server/src/workspace/workspace";

interface Label {
  readonly name: string;
  /** The template; only its base name counts. */
  readonly file: string;
  readonly functions: Readonly<Record<string, FunctionLabel>>;
  readonly expected_findings: readonly FindingLabel[];
  readonly optional_findings: readonly FindingLabel[];
}

interface FunctionLabel {
  readonly verdict: string;
  readonly sg_egress?: { readonly verdict: string };
  readonly internet_ipv4?: string;
  readonly execution_role?: { readonly verdict: string };
  /** Says that parameters decide: the label's verdict may be that of another world. */
  readonly conditions_change?: string;
  readonly verdict_via_capacity_provider?: string;
}

interface FindingLabel {
  readonly code: string;
  /** The logical id or section that it is about. */
  readonly where?: string;
  readonly why: string;
  /** Counted from one. */
  readonly line: number;
  /** Can be argued either way. */
  readonly unsure?: boolean;
}

/** How far, in lines, a finding may stand from its label: labels point at a role where a finding stands at its use. */
const near = 12;

const [templates, labels] = process.argv.slice(2);
if (templates === undefined || labels === undefined) {
  console.error("usage: npm run corpus -- TEMPLATES LABELS");
  process.exit(2);
}

/** The templates as one workspace, for what can be known of them together. */
const workspace = new Workspace(disk);
for (const name of fs.readdirSync(templates)) workspace.refresh(pathToFileURL(path.join(templates, name)).href);
const unknown = { alone: 0, together: 0 };

const counts = { templates: 0, functions: 0, expected: 0, verdicts: 0, roles: 0, missing: 0, "false positives": 0 };
for (const file of fs
  .readdirSync(labels)
  .filter((name) => name.endsWith(".json"))
  .sort()) {
  const label: Label = JSON.parse(fs.readFileSync(path.join(labels, file), "utf8"));
  const text = fs.readFileSync(path.join(templates, path.basename(label.file)), "utf8");
  counts.templates++;
  const document = parse(text);
  const alone = lint(document);
  compare(label, document, alone);
  link(
    label,
    alone,
    lint(parse(text), {
      library: workspace.library(pathToFileURL(path.join(templates, path.basename(label.file))).href),
    }),
  );
}
const disagreements = counts.verdicts + counts.roles + counts.missing + counts["false positives"];
console.log(
  `${counts.templates} templates, ${counts.functions} functions, ${counts.expected} expected findings; ` +
    `${disagreements} disagreements: ${counts.verdicts} verdicts, ${counts.roles} roles, ` +
    `${counts.missing} missing findings, ${counts["false positives"]} false positives`,
);
console.log(`unknown: ${unknown.alone} functions alone, ${unknown.together} together with the other templates`);
process.exitCode = disagreements > 0 ? 1 : 0;

function compare(label: Label, document: Document, result: LintResult): void {
  const say = (what: "verdicts" | "roles" | "missing" | "false positives", sentence: string) => {
    counts[what]++;
    console.log(`${label.name}: ${sentence}`);
  };
  const reports = new Map(result.functions.map((fn) => [fn.id, fn]));
  for (const [id, expected] of Object.entries(label.functions)) {
    counts.functions++;
    const fn = reports.get(id);
    if (fn === undefined) {
      say("verdicts", `function ${id} is not reported, labelled ${expected.verdict}`);
      continue;
    }
    const verdicts = expectedVerdicts(expected);
    if (!said(fn, expected).some((verdict) => verdicts.includes(verdict))) {
      say(
        "verdicts",
        `function ${id} is ${fn.verdict}, labelled ${expected.verdict} (${verdicts.join(" or ")})${reasons(fn)}`,
      );
    }
    const role = expectedRole(expected);
    if (fn.role !== undefined && role !== undefined && fn.role !== role) {
      say("roles", `role of ${id} is ${fn.role}, labelled ${expected.execution_role?.verdict}`);
    }
  }
  for (const id of reports.keys()) {
    if (!Object.hasOwn(label.functions, id)) say("verdicts", `function ${id} is reported, but not labelled`);
  }

  const lines = toLines(document.text);
  const serious = result.findings.filter(({ severity }) => severity === "error" || severity === "warning");
  const placed = serious.map((finding) => ({ finding, at: linesOf(finding) }));
  function linesOf({ span, notes }: Finding): number[] {
    const own = [span, ...notes.map((note) => note.span)].filter(({ file }) => file === undefined);
    return own.map(({ start }) => positionAt(lines, start).line + 1);
  }
  const meets = (at: readonly number[], { line }: FindingLabel) => at.some((own) => Math.abs(own - line) <= near);

  for (const expected of label.expected_findings) {
    counts.expected++;
    if (expected.unsure === true || placed.some(({ at }) => meets(at, expected))) continue;
    say("missing", `line ${expected.line}: nothing reported for ${expected.code} (${expected.why})`);
  }
  const known = [...label.expected_findings, ...label.optional_findings];
  for (const { finding, at } of placed) {
    if (known.some((one) => meets(at, one) || lies(finding, document, one))) continue;
    const { severity, rule, message } = finding;
    say("false positives", `line ${at[0]}: ${severity} ${rule}: ${render(message)}`);
  }
}

/** Tells what other templates make known of functions, and why the others stay unknown. */
function link({ name }: Label, alone: LintResult, together: LintResult): void {
  const before = new Map(alone.functions.map(({ id, verdict }) => [id, verdict]));
  for (const fn of together.functions) {
    const was = before.get(fn.id);
    if (was === "unknown") unknown.alone++;
    if (fn.verdict === "unknown") unknown.together++;
    if (was !== fn.verdict) console.log(`${name}: function ${fn.id} is ${fn.verdict} together, ${was} alone`);
    else if (process.env.UNKNOWN === "1" && was === "unknown") {
      console.log(`${name}: function ${fn.id} stays unknown${reasons(fn)}`);
    }
  }
}

/** Whether the finding lies in the section that the label is about; one such label may stand for several places. */
function lies({ span }: Finding, { root }: Document, { where }: FindingLabel): boolean {
  const about = where === undefined ? undefined : get(root, where);
  if (about === undefined) return false;
  const { start, end } = spanOf(about);
  return start <= span.start && span.end <= end;
}

/** The verdicts that agree with a label. */
function expectedVerdicts({
  verdict,
  sg_egress,
  internet_ipv4,
  verdict_via_capacity_provider: provider,
}: FunctionLabel): string[] {
  const group = sg_egress?.verdict ?? "";
  // A group that lets nothing public out decides, whatever the routes are.
  const closed = group === "none" || internet_ipv4?.includes("security group does not allow it") === true;
  const narrow = group.startsWith("restricted");
  const own = provider === undefined ? [] : [provider];
  switch (verdict) {
    case "nat":
    case "nat-instance":
      return closed ? ["no-internet"] : narrow ? ["no-internet", "partial"] : ["internet"];
    case "isolated":
    case "public-subnet":
    case "broken":
      return ["no-internet"];
    case "mixed":
      return ["intermittent"];
    case "unknown":
      return closed ? ["no-internet", "unknown"] : ["unknown"];
    default:
      return [verdict, ...own];
  }
}

function said({ verdict, dependsOn }: FunctionReport, { conditions_change }: FunctionLabel): string[] {
  return conditions_change === undefined ? [verdict] : [verdict, ...dependsOn.map((world) => world.verdict)];
}

function expectedRole({ execution_role }: FunctionLabel): string | undefined {
  const verdict = execution_role?.verdict;
  return verdict === "sam-auto" || verdict?.startsWith("granted") ? "granted" : verdict;
}

function reasons({ reasons }: FunctionReport): string {
  return reasons.length === 0 ? "" : `: ${reasons.map((reason) => render(reason)).join("; ")}`;
}
