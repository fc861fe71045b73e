/** The report on what is deployed, as a page for an editor's view. */
import type { LiveFact } from "../live/facts";
import { type Message, message, render } from "../message";
import { describeDestination } from "../network/destination";
import type { Destination } from "../network/egress";
import type { FunctionVerdict, Status } from "../network/verdict";
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
}

/**
 * Returns a whole page on the functions of a report. Its buttons post `{ copy: … }` to the editor, or
 * `{ open: … }` with the index of a row that differs from the template. Everything that an account may name is escaped, and nothing is loaded from anywhere.
 */
export function toDeployedHtml(report: DeployedReport, { nonce }: Page): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(report.functions.map(({ deployed }) => deployed.key).join(", "))}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${overview(report)}
${report.functions.map((fn, index) => functionHtml(report, fn, index, nonce)).join("\n")}
</main>
<footer>
${buttons.map(([copy, label]) => `<button type="button" data-copy="${copy}">${text(label)}</button>`).join("\n")}
${secondOpinion(report)}
</footer>
<script nonce="${nonce}">${script}</script>
</body>
</html>
`;
}

/** AWS's own runbook asks the same, so whoever doubts this report has AWS check it. */
function secondOpinion(report: DeployedReport): string {
  const page = `<a href="${runbookPage}">${runbook}</a>`;
  const starts = report.functions.flatMap((fn) => {
    const link = runbookLink(report, fn);
    if (link === undefined) return [];
    return [`<a href="${escaped(link)}">${text(message("Start it in the AWS console for {0}", fn.deployed.key))}</a>`];
  });
  return `<p>${[`${text(message("Second opinion: AWS's runbook"))} ${page}`, ...starts].join("<br>")}</p>`;
}

const buttons = [
  ["markdown", message("Copy as Markdown")],
  ["json", message("Copy as JSON")],
  ["redacted", message("Copy redacted")],
  ["redacted-json", message("Copy redacted JSON")],
  ["policy", message("Copy minimal IAM policy")],
] as const;

/** A table of the functions, where there is not just one. */
function overview({ functions, destination, asked }: DeployedReport): string {
  if (functions.length === 1) return "";
  const title = `<h1>${text(message("Functions of {0}", asked.region))}</h1>`;
  if (functions.length === 0) return `${title}\n<p>${text(message("No function of this region is in a VPC."))}</p>`;
  const rows = functions.map((fn, index) => {
    const { verdict } = fn.egress;
    const name = `<th scope="row"><a href="#function-${index}">${escaped(fn.deployed.key)}</a></th>`;
    const says = `<td class="${moodOf(verdict)}">${escaped(sentence(verdict, destination))}</td>`;
    return `<tr>${name}${says}<td>${list(whySo(reportOf(fn), destination))}</td></tr>`;
  });
  return `${title}\n${table(message("All functions that were checked"), ["Function", "Verdict", "Why"], rows)}`;
}

function functionHtml(report: DeployedReport, fn: CheckedFunction, index: number, nonce: string): string {
  const { egress, deployed } = fn;
  const { asked, destination, time, functions } = report;
  const head: readonly (readonly [Message, string])[] = [
    [message("Account"), asked.account ?? render(message("unknown"))],
    [message("Region"), asked.region],
    [message("Profile"), asked.profile ?? render(message("none"))],
    [message("Time"), `${time.toISOString().slice(0, 19)}Z`],
    [message("Asked about"), `${render(describeDestination(destination))}, tcp/${destination.port}`],
  ];
  const state = deployed.facts.find((fact) => fact.state !== undefined)?.state;
  const title = functions.length === 1 ? "h1" : "h2";
  return `<article id="function-${index}">
<${title}>${escaped(deployed.key)}</${title}>
<p class="verdict ${moodOf(egress.verdict)}">${escaped(sentence(egress.verdict, destination))}</p>
<p>${text(meaning[egress.verdict])}</p>
${state === undefined ? "" : `<p class="banner" role="status">${text(banners[state])}</p>`}
${list(whySo(reportOf(fn), destination))}
${mapHtml(report, fn, nonce)}
<dl>${head.map(([name, value]) => `<div><dt>${text(name)}</dt><dd>${escaped(value)}</dd></div>`).join("")}
<div><dt>${text(message("ARN"))}</dt><dd>${linked(deployed.arn, linkTo(deployed.arn, report))}</dd></div></dl>
${driftHtml(report)}
${sectionsOf(report, fn).map(sectionHtml).join("\n")}
${factsHtml(report, fn)}
</article>`;
}

/** The picture of the way out; several would not help anybody. */
function mapHtml(
  { network, destination, links, functions }: DeployedReport,
  fn: CheckedFunction,
  nonce: string,
): string {
  if (functions.length > 1) return "";
  const { svg } = drawMap({ network, functions: [fn.egress], destination, nonce, uncut: !links });
  return `<figure>${svg}</figure>`;
}

function sentence(verdict: FunctionVerdict, destination: Destination): string {
  if (verdict === "unknown") return render(message("Not known"));
  if (verdict === "not-in-vpc") return render(message("Not in a VPC: it reaches the internet by default"));
  const says = functionSays(verdict, destination);
  if (says === "no internet") return render(message("Does not reach the internet"));
  return says.charAt(0).toUpperCase() + says.slice(1);
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

function sectionHtml({ subnet, family, verdict, rows }: Section): string {
  const over =
    family === "ipv4" ? message("{0} over IPv4: {1}", subnet, verdict) : message("{0} over IPv6: {1}", subnet, verdict);
  return table(over, ["Status", "Hop", "Why", "What to do"], rows.map(hopRow));
}

function hopRow({ status, kind, id, evidence, why, fix, rule, link }: Row): string {
  const decided =
    evidence === "" || status === "passed" ? "" : `<br><small>${text(message("decided by {0}", evidence))}</small>`;
  const hop = `<span class="kind">${escaped(kind)}</span><br>${linked(id, link)}`;
  return row([mark(status), hop, text(why) + decided + ruleHtml(rule), fix === undefined ? "" : text(fix)], status);
}

function driftHtml(report: DeployedReport): string {
  const drift = shownDrift(report);
  if (drift === undefined) return "";
  const rows = driftOf(report);
  const summary = driftSummary(drift);
  if (rows.length === 0) return `<p>${text(summary)}</p>`;
  const heads = ["Template", "Difference", "What to do"];
  return table(
    summary,
    heads,
    rows.map((one, index) => driftRow(one, index, drift.template?.path)),
  );
}

function driftRow({ subject, place, message: what, id, link, fix, named }: DriftRow, index: number, path = ""): string {
  const where =
    place === undefined
      ? ""
      : `<br><button type="button" class="place" data-open="${index}">${escaped(`${path}:${place.line + 1}`)}</button>`;
  const cells = [
    `<code>${escaped(subject)}</code>${where}`,
    `${text(what)}<br>${linked(id, link)}${ruleHtml(named)}`,
    text(fix),
  ];
  return `<tr class="drift">${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function factsHtml(report: DeployedReport, fn: CheckedFunction): string {
  const rows = factsOf(report, fn).map((fact) => {
    const status = factStatus[fact.status];
    const sign = fact.status === "note" ? text(message("note")) : mark(status);
    return row([sign, escaped(fact.subject), text(fact.text) + ruleHtml(fact.named)], status);
  });
  return rows.length === 0 ? "" : table(message("Beside the path"), ["Status", "About", "What"], rows);
}

/** The rule that names a fault, with the page that explains it. */
function ruleHtml(rule: Named | undefined): string {
  if (rule === undefined) return "";
  return `<br><small><a href="${rule.page}">${rule.id}</a> (${text(message(rule.severity))})</small>`;
}

function table(caption: Message, heads: readonly string[], rows: readonly string[]): string {
  return `<table>
<caption>${text(caption)}</caption>
<thead><tr>${heads.map((head) => `<th scope="col">${text(message(head))}</th>`).join("")}</tr></thead>
<tbody>${rows.join("")}</tbody>
</table>`;
}

function row(cells: readonly string[], status: Status): string {
  return `<tr class="${status}">${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function list(reasons: readonly string[]): string {
  return reasons.length === 0 ? "" : `<ul>${reasons.map((reason) => `<li>${escaped(reason)}</li>`).join("")}</ul>`;
}

/** A sign and a word: neither colour nor shape alone tells the state. */
function mark(status: Status): string {
  const signs = { passed: "✓", failed: "✗", unknown: "?" } as const;
  return `<span class="mark" aria-hidden="true">${signs[status]}</span> ${text(words[status])}`;
}

const words: Readonly<Record<Status, Message>> = {
  passed: message("passed"),
  failed: message("failed"),
  unknown: message("unknown"),
};

function linked(name: string, link: string | undefined): string {
  const code = `<code>${escaped(name)}</code>`;
  return link === undefined ? code : `<a href="${escaped(link)}" title="Open in the AWS console">${code}</a>`;
}

function text(one: Message): string {
  return escaped(render(one));
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
