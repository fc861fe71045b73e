/**
 * The annotations of a fixture: what lint says of it, written beneath the lines it speaks of.
 *
 * ```yaml
 *         SubnetIds: [!Ref Public]
 * #                   ^^^^^^^^^^^ warning public-subnet [fix]: Worker cannot reach …
 *       GatewayId: !Ref Gateway
 * #                ^^^^^^^^^^^^ note public-subnet: this route …
 * # Worker: no-internet (Public public-subnet/off), role granted
 * ```
 *
 * Annotations are never parsed: they are stripped, made again from the findings, and compared. A JSON
 * fixture writes `//` for `#`. A stretch that begins under the comment sign itself is marked by `<`.
 */
import type { FunctionReport, LintResult } from "../server/src/lint";
import { render } from "../server/src/message";
import { lineAt, positionAt, toLines } from "../server/src/report/file";
import type { Span } from "../server/src/template/syntax";

const verdictLine =
  "\\w+: (?:not-in-vpc|internet|intermittent|partial|ipv6-only|no-internet|deploy-fails|unknown)(?= \\(|,|\\s*$)";
const annotationLine = new RegExp(
  `^(?:#|//)(?:\\s*<?\\^+ |< |\\s{3}why: |\\s{3}when |\\s{3}set .+: |\\s{3}otherwise: | ${verdictLine}).*`,
);
/** JSON has no comments, so all of them are the fixture's own. */
const jsonComment = /^\/\//;
const headLine = /^(?:#|\/\/) (param|rule|expect): (.*)$/;

/** What the comment lines at the head of a fixture set. */
export interface Head {
  readonly parameters: Record<string, string>;
  /** Rule id to severity, for rules that are off by default. */
  readonly rules: Record<string, string>;
  readonly expect: string | undefined;
}

/** Returns the template without its annotations, as lint is to see it. */
export function strip(annotated: string, language: "yaml" | "json"): string {
  return annotated
    .split(/(?<=\n)/)
    .filter((line) => !annotationLine.test(line) && !(language === "json" && jsonComment.test(line)))
    .join("");
}

/** Returns the template as a documentation page shows it: without annotations and without the lines that set parameters. */
export function display(annotated: string, language: "yaml" | "json"): string {
  const lines = strip(annotated, language).split(/(?<=\n)/);
  return `${lines
    .filter((line) => !headLine.test(line.trimEnd()))
    .join("")
    .trim()}\n`;
}

/** Reads `# param: K=V`, `# rule: ID=SEVERITY` and `# expect: WORD` among the lines of a fixture. */
export function readHead(annotated: string): Head {
  const parameters: Record<string, string> = {};
  const rules: Record<string, string> = {};
  let expect: string | undefined;
  for (const line of annotated.split(/\r?\n/)) {
    const [, what, value = ""] = headLine.exec(line) ?? [];
    const equals = value.indexOf("=");
    if (what === "param") parameters[value.slice(0, equals)] = value.slice(equals + 1);
    if (what === "rule") rules[value.slice(0, equals)] = value.slice(equals + 1);
    if (what === "expect") expect = value;
  }
  return { parameters, rules, expect };
}

/** What the check of another file says of a place in this one. */
export interface Incoming {
  readonly span: Span;
  readonly what: string;
}

/** Returns the notes of a result that lie in other files, each with its file. */
export function outgoing(from: string, { findings }: LintResult): (Incoming & { readonly file: string })[] {
  return findings.flatMap(({ rule, notes }) =>
    notes.flatMap(({ span, message }) =>
      span.file === undefined
        ? []
        : [{ span, file: span.file, what: `note ${rule} of ${from}: ${oneLine(render(message))}` }],
    ),
  );
}

/** Returns the fixture's text with annotations made from what lint says of `annotated` once stripped. */
export function annotate(
  annotated: string,
  language: "yaml" | "json",
  { findings, functions }: LintResult,
  incoming: readonly Incoming[] = [],
): string {
  const sign = language === "json" ? "//" : "#";
  const text = strip(annotated, language);
  const lines = toLines(text);
  const beneath = new Map<number, string[]>();
  const put = (at: Span, what: string, once: boolean) => {
    const { line, character } = positionAt(lines, at.start);
    const end = Math.min(lineAt(lines, line).length, character + (at.end - at.start));
    const row = `${sign}${carets(sign.length, character, end)} ${what}`.trimEnd();
    const rows = beneath.get(line) ?? [];
    if (!(once && rows.includes(row))) beneath.set(line, [...rows, row]);
  };
  for (const { rule, severity, message, span, fixes } of findings) {
    const mark = fixes.length === 0 ? "" : fixes.length === 1 ? " [fix]" : ` [${fixes.length} fixes]`;
    put(span, `${severity} ${rule}${mark}: ${oneLine(render(message))}`, false);
  }
  for (const { rule, notes } of findings) {
    for (const note of notes) {
      if (note.span.file === undefined) put(note.span, `note ${rule}: ${oneLine(render(note.message))}`, true);
    }
  }
  for (const { span, what } of incoming) put(span, what, true);
  // What a JSON fixture says in its own words stands at its head.
  const comments = language === "json" ? annotated.split(/(?<=\n)/).filter((line) => isOwnComment(line)) : [];
  const body = text.split(/(?<=\n)/).map((line, index) => {
    const rows = beneath.get(index);
    return rows === undefined
      ? line
      : `${line.endsWith("\n") ? line : `${line}\n`}${rows.map((row) => `${row}\n`).join("")}`;
  });
  const verdicts = functions.flatMap((fn) => verdictLines(fn).map((line) => `${sign} ${line}\n`));
  const joined = [...comments, ...body].join("");
  return `${joined}${joined === "" || joined.endsWith("\n") || verdicts.length === 0 ? "" : "\n"}${verdicts.join("")}`;
}

function isOwnComment(line: string): boolean {
  return jsonComment.test(line) && !annotationLine.test(line);
}

/** Carets under the columns `start` to `end`, of which the comment sign takes the first ones. */
function carets(sign: number, start: number, end: number): string {
  if (start < sign) return `<${"^".repeat(Math.max(0, end - sign - 1))}`;
  return `${" ".repeat(start - sign)}${"^".repeat(Math.max(1, end - start))}`;
}

function verdictLines({ id, verdict, subnets, role, dependsOn, reasons, sets = [] }: FunctionReport): string[] {
  const paths = subnets.map(({ ref, verdict, ipv6 }) => `${ref} ${verdict}/${ipv6}`).join(", ");
  return [
    `${id}: ${verdict}${paths === "" ? "" : ` (${paths})`}${role === undefined ? "" : `, role ${role}`}`,
    ...dependsOn.map(({ when, verdict }) => `  ${whenText(when)}: ${verdict}`),
    ...sets.map((set) => `  set ${set.name}: ${set.verdict}`),
    ...reasons.map((reason) => `  why: ${oneLine(render(reason))}`),
  ];
}

function whenText(when: FunctionReport["dependsOn"][number]["when"]): string {
  const terms = Object.entries(when).map(([name, value]) =>
    typeof value === "string" ? `${name}=${value}` : `${name}!=${value.not.join("|")}`,
  );
  return terms.length === 0 ? "otherwise" : `when ${terms.join(", ")}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
