/** The report on what is deployed, as a page for an editor's view. */
import type { LiveFact } from "../live/facts";
import { type Catalogue, type Message, message, render } from "../message";
import { describeDestination } from "../network/destination";
import { type Destination, internet } from "../network/egress";
import type { FunctionVerdict, Status } from "../network/verdict";
import { rulePage } from "../rules/page";
import type { Severity } from "../rules/rule";
import {
  type CheckedFunction,
  type DeployedReport,
  driftOf,
  factsOf,
  linkTo,
  type Row,
  reportOf,
  type Section,
  sectionsOf,
  shownDrift,
} from "./deployed";
import type { Named } from "./deployed-rules";
import { factStatus } from "./deployed-text";
import { type DriftRow, driftSummary } from "./drift";
import { drawMap } from "./map/draw";
import { runbook, runbookLink, runbookPage } from "./runbook";
import { functionSays, moodOf, whySo } from "./words";

/** What the view allows the page to run: only what carries its nonce. */
export interface Page {
  readonly nonce: string;
  readonly catalogue: Catalogue;
}

/**
 * Returns a whole page on the functions of a report. Its buttons post `{ copy: … }` to the editor, or
 * `{ open: … }` with the index of a row that differs from the template. Everything that an account may name is escaped,
 * and nothing is loaded from anywhere.
 */
export function toDeployedHtml(report: DeployedReport, page: Page): string {
  const { nonce, catalogue } = page;
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const text = writer(catalogue);
  return `<!DOCTYPE html>
<html lang="${text(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(report.functions.map(({ deployed }) => deployed.key).join(", "))}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${overview(report, text)}
${report.functions.map((fn, index) => functionHtml(report, fn, index, page, text)).join("\n")}
</main>
<footer>
${buttons.map(([copy, label]) => `<button type="button" data-copy="${copy}">${text(label)}</button>`).join("\n")}
${secondOpinion(report, text)}
</footer>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
}

/** AWS's own runbook asks the same, so whoever doubts this report has AWS check it. */
function secondOpinion(report: DeployedReport, text: Text): string {
  const page = `<a href="${runbookPage}">${runbook}</a>`;
  const starts = report.functions.flatMap((fn) => {
    const link = runbookLink(report, fn);
    if (link === undefined) return [];
    return [`<a href="${escaped(link)}">${text(message("Start it in the AWS console for {0}", fn.deployed.key))}</a>`];
  });
  return `<p>${[`${text(message("Second opinion: AWS's runbook"))} ${page}`, ...starts].join("<br>")}</p>`;
}

/** Writes a text in the person's language, fit to stand in the page. */
type Text = (one: Message) => string;

function writer(catalogue: Catalogue): Text {
  return (one) => escaped(render(one, catalogue));
}

/** The page's own language: its tag is translated like everything else. */
const language = message("en");
const buttons = [
  ["markdown", message("Copy as Markdown")],
  ["json", message("Copy as JSON")],
  ["redacted", message("Copy redacted")],
  ["redacted-json", message("Copy redacted JSON")],
  ["policy", message("Copy minimal IAM policy")],
] as const;

/** A table of the functions, where there is not just one. */
function overview({ functions, destination, asked }: DeployedReport, text: Text): string {
  if (functions.length === 1) return "";
  const title = `<h1>${text(message("Functions of {0}", asked.region))}</h1>`;
  if (functions.length === 0) return `${title}\n<p>${text(message("No function of this region is in a VPC."))}</p>`;
  const rows = functions.map((fn, index) => {
    const { verdict } = fn.egress;
    const name = `<th scope="row"><a href="#function-${index}">${escaped(fn.deployed.key)}</a></th>`;
    const says = `<td class="${moodOf(verdict)}">${capital(text(sentence(verdict, destination)))}</td>`;
    return `<tr>${name}${says}<td>${list(whySo(reportOf(fn), destination), text)}</td></tr>`;
  });
  const heads = [message("Function"), message("Verdict"), message("Why")];
  return `${title}\n${table(message("All functions that were checked"), heads, rows, text)}`;
}

function functionHtml(report: DeployedReport, fn: CheckedFunction, index: number, page: Page, text: Text): string {
  const { egress, deployed } = fn;
  const { asked, destination, time, functions } = report;
  const { account, region, profile } = asked;
  const head: readonly (readonly [Message, string])[] = [
    [message("Account"), account === undefined ? text(message("unknown")) : escaped(account)],
    [message("Region"), escaped(region)],
    [message("Profile"), profile === undefined ? text(message("none")) : escaped(profile)],
    [message("Time"), `${time.toISOString().slice(0, 19)}Z`],
    [message("Asked about"), text(message("{0}, tcp/{1}", describeDestination(destination), destination.port))],
  ];
  const state = deployed.facts.find((fact) => fact.state !== undefined)?.state;
  const title = functions.length === 1 ? "h1" : "h2";
  return `<article id="function-${index}">
<${title}>${escaped(deployed.key)}</${title}>
<p class="verdict ${moodOf(egress.verdict)}">${capital(text(sentence(egress.verdict, destination)))}</p>
<p>${text(meaning[egress.verdict])}</p>
${state === undefined ? "" : `<p class="banner" role="status">${text(banners[state])}</p>`}
${list(whySo(reportOf(fn), destination), text)}
${mapHtml(report, fn, page)}
<dl>${head.map(([name, value]) => `<div><dt>${text(name)}</dt><dd>${value}</dd></div>`).join("")}
<div><dt>${text(message("ARN"))}</dt><dd>${linked(deployed.arn, linkTo(deployed.arn, report), text)}</dd></div></dl>
${driftHtml(report, page, text)}
${sectionsOf(report, fn)
  .map((section) => sectionHtml(section, page, text))
  .join("\n")}
${factsHtml(report, fn, page, text)}
</article>`;
}

/** The picture of the way out; several would not help anybody. */
function mapHtml(
  { network, destination, links, functions }: DeployedReport,
  fn: CheckedFunction,
  { nonce, catalogue }: Page,
): string {
  if (functions.length > 1) return "";
  const { svg } = drawMap({ network, functions: [fn.egress], destination, nonce, catalogue, uncut: !links });
  return `<figure>${svg}</figure>`;
}

function sentence(verdict: FunctionVerdict, destination: Destination): Message {
  if (verdict === "unknown") return message("Not known");
  if (verdict === "not-in-vpc") return message("Not in a VPC: it reaches the internet by default");
  if (verdict === "no-internet" && destination === internet) return message("Does not reach the internet");
  return functionSays(verdict, destination);
}

/** What begins with an escaped character has no capital. */
function capital(html: string): string {
  return html.charAt(0).toUpperCase() + html.slice(1);
}

/** What to know of the report as a whole, while the function is in such a state. */
const banners: Readonly<Record<NonNullable<LiveFact["state"]>, Message>> = {
  updating: message(
    "This may be out of date in a minute: the function is being updated. Check again when that is done.",
  ),
  inactive: message(
    "The function is inactive, as nobody called it for a while: its next call fails while Lambda makes its network interfaces anew.",
  ),
};

/** What a verdict means to a person whose function times out. */
const meaning: Readonly<Record<FunctionVerdict, Message>> = {
  internet: message("Nothing in the network stops its calls. Where they time out all the same, look at the other end."),
  "ipv6-only": message("Calls to what has an IPv4 address only will time out."),
  intermittent: message("Lambda picks a subnet for each call: some calls will get through, others will time out."),
  partial: message("Calls to some addresses, or some of the calls, will time out."),
  "no-internet": message("Its calls leave for addresses that they cannot reach, and will time out."),
  "deploy-fails": message("AWS refuses the function's configuration as it is."),
  unknown: message("Something on the way could not be looked at; see the rows marked unknown."),
  "not-in-vpc": message("Nothing here can stop its calls. Where they time out all the same, look at the other end."),
};

function sectionHtml({ subnet, family, verdict, rows }: Section, page: Page, text: Text): string {
  const over =
    family === "ipv4" ? message("{0} over IPv4: {1}", subnet, verdict) : message("{0} over IPv6: {1}", subnet, verdict);
  const heads = [message("Status"), message("Hop"), message("Why"), message("What to do")];
  const lines = rows.map((one) => hopRow(one, page, text));
  return table(over, heads, lines, text);
}

function hopRow({ status, kind, id, evidence, why, fix, rule, link }: Row, page: Page, text: Text): string {
  const decided =
    evidence === "" || status === "passed" ? "" : `<br><small>${text(message("decided by {0}", evidence))}</small>`;
  const hop = `<span class="kind">${escaped(kind)}</span><br>${linked(id, link, text)}`;
  const reason = text(why) + decided + ruleHtml(rule, page, text);
  return row([mark(status, text), hop, reason, fix === undefined ? "" : text(fix)], status);
}

function driftHtml(report: DeployedReport, page: Page, text: Text): string {
  const drift = shownDrift(report);
  if (drift === undefined) return "";
  const rows = driftOf(report);
  const summary = driftSummary(drift);
  if (rows.length === 0) return `<p>${text(summary)}</p>`;
  const heads = [message("Template"), message("Difference"), message("What to do")];
  const lines = rows.map((one, index) => driftRow(one, { index, path: drift.template?.path ?? "" }, page, text));
  return table(summary, heads, lines, text);
}

function driftRow(
  { subject, place, message: what, id, link, fix, named }: DriftRow,
  button: { readonly index: number; readonly path: string },
  page: Page,
  text: Text,
): string {
  const where =
    place === undefined
      ? ""
      : `<br><button type="button" class="place" data-open="${button.index}">${escaped(`${button.path}:${place.line + 1}`)}</button>`;
  const cells = [
    `<code>${escaped(subject)}</code>${where}`,
    `${text(what)}<br>${linked(id, link, text)}${ruleHtml(named, page, text)}`,
    text(fix),
  ];
  return `<tr class="drift">${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function factsHtml(report: DeployedReport, fn: CheckedFunction, page: Page, text: Text): string {
  const rows = factsOf(report, fn).map((fact) => {
    const status = factStatus[fact.status];
    const sign = fact.status === "note" ? text(message("note")) : mark(status, text);
    return row([sign, text(fact.subject), text(fact.text) + ruleHtml(fact.named, page, text)], status);
  });
  const heads = [message("Status"), message("About"), message("What")];
  return rows.length === 0 ? "" : table(message("Beside the path"), heads, rows, text);
}

/** The rule that names a fault, with the page that explains it. */
function ruleHtml(rule: Named | undefined, { catalogue }: Page, text: Text): string {
  if (rule === undefined) return "";
  const severity = text(severityWords[rule.severity]);
  return `<br><small><a href="${rulePage(rule.id, catalogue)}">${rule.id}</a> (${severity})</small>`;
}

function table(caption: Message, heads: readonly Message[], rows: readonly string[], text: Text): string {
  return `<table>
<caption>${text(caption)}</caption>
<thead><tr>${heads.map((head) => `<th scope="col">${text(head)}</th>`).join("")}</tr></thead>
<tbody>${rows.join("")}</tbody>
</table>`;
}

function row(cells: readonly string[], status: Status): string {
  return `<tr class="${status}">${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function list(reasons: readonly Message[], text: Text): string {
  return reasons.length === 0 ? "" : `<ul>${reasons.map((reason) => `<li>${text(reason)}</li>`).join("")}</ul>`;
}

/** A sign and a word: neither colour nor shape alone tells the state. */
function mark(status: Status, text: Text): string {
  const signs = { passed: "✓", failed: "✗", unknown: "?" } as const;
  return `<span class="mark" aria-hidden="true">${signs[status]}</span> ${text(words[status])}`;
}

const words: Readonly<Record<Status, Message>> = {
  passed: message("passed"),
  failed: message("failed"),
  unknown: message("unknown"),
};

const severityWords: Readonly<Record<Severity, Message>> = {
  error: message("error"),
  warning: message("warning"),
  information: message("information"),
  hint: message("hint"),
};

function linked(name: string, link: string | undefined, text: Text): string {
  const code = `<code>${escaped(name)}</code>`;
  const title = text(message("Open in the AWS console"));
  return link === undefined ? code : `<a href="${escaped(link)}" title="${title}">${code}</a>`;
}

function escaped(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
body { font-family: var(--vscode-font-family); color: var(--vscode-foreground); padding: 0 1.5rem 2rem; line-height: 1.5; }
h1, h2 { margin-bottom: 0; }
.verdict { font-size: 1.4em; margin: .2rem 0 1rem; }
.verdict::before { margin-right: .5rem; }
.verdict.good::before { content: "✓"; color: var(--vscode-testing-iconPassed, green); }
.verdict.bad::before { content: "✗"; color: var(--vscode-testing-iconFailed, red); }
.verdict.fair::before { content: "!"; color: var(--vscode-editorWarning-foreground, orange); }
.verdict.open::before { content: "?"; color: var(--vscode-descriptionForeground); }
.banner { border-left: .25rem solid var(--vscode-editorWarning-foreground, orange); padding: .3rem .8rem; }
figure { margin: 1rem 0; overflow: auto; }
figure svg { display: block; }
dl { display: flex; flex-wrap: wrap; gap: .3rem 2rem; }
dt { color: var(--vscode-descriptionForeground); font-size: .9em; }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 1.2rem 0; }
caption { text-align: left; font-size: 1.1em; padding-bottom: .4rem; }
th { text-align: left; font-weight: normal; }
thead th { color: var(--vscode-descriptionForeground); }
td ul { margin: 0; padding-left: 1rem; }
th, td { border-bottom: 1px solid var(--vscode-widget-border, rgba(128, 128, 128, .35)); padding: .35rem .8rem .35rem 0; vertical-align: top; overflow-wrap: break-word; }
td:first-child, .kind { white-space: nowrap; }
td { min-width: 4rem; }
td:nth-child(2) { min-width: 14rem; }
code, small { overflow-wrap: anywhere; }
tr.failed td { background: var(--vscode-inputValidation-errorBackground, rgba(255, 0, 0, .12)); }
tr.passed .mark { color: var(--vscode-testing-iconPassed, green); }
tr.failed .mark { color: var(--vscode-testing-iconFailed, red); }
code { font-family: var(--vscode-editor-font-family, monospace); color: inherit; background: none; }
a { color: var(--vscode-textLink-foreground); }
button { color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-contrastBorder, transparent); padding: .35rem .8rem; margin-right: .5rem; cursor: pointer; font: inherit; }
button.place { color: var(--vscode-textLink-foreground); background: none; border: none; padding: 0; margin: 0; text-align: left; }
tr.drift td:first-child { border-left: .25rem solid var(--vscode-editorWarning-foreground, orange); padding-left: .5rem; }
button:focus-visible, a:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;

const script = `
const editor = acquireVsCodeApi();
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => editor.postMessage({ copy: button.dataset.copy }));
}
for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", () => editor.postMessage({ open: Number(button.dataset.open) }));
}
`;
