/** `lambda-egress deployed`: asks AWS about functions that run, and prints what their network lets out. */

import { fileURLToPath, pathToFileURL } from "node:url";
import { homepage, version } from "../../../package.json";
import { minimalPolicy, partitionOf } from "../live/actions";
import { whyFailed } from "../live/failure";
import type { Refusal } from "../live/live";
import { render } from "../message";
import { type Destination, internet } from "../network/egress";
import type { FunctionEgress } from "../network/verdict";
import { type DeployedReport, driftOf, namesIn, redact, toDeployedJson, toRedactedJson } from "../report/deployed";
import { toDeployedSarif } from "../report/deployed-sarif";
import { toDeployedList, toDeployedMarkdown, toDeployedText } from "../report/deployed-text";
import type { Severity } from "../rules/rule";
import { isFatal } from "./check";
import { colorsFor } from "./colors";
import { asPrinted, sources } from "./inputs";
import { formatOf, write } from "./map";
import { showProgress } from "./progress";

export const deployedFormats = ["text", "json", "sarif", "markdown"] as const;

export interface DeployedOptions {
  readonly all?: boolean;
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly destination?: Destination;
  readonly format: (typeof deployedFormats)[number];
  readonly redact?: boolean;
  /** The stack that has the function, whose logical id may then stand for it. */
  readonly stack?: string;
  /** The template to compare the account with, a path; the stack's own where none is given. */
  readonly template?: string;
  readonly failOn: Severity | "never";
  readonly minimalPolicy?: boolean;
  /** A file for the picture of the way out. */
  readonly map?: string;
  /** Seconds for one call. */
  readonly timeout: number;
  readonly color: boolean;
}

/** Prints the report. Returns the exit status: 0, 1 where a function does not get through or differs from its template, 2 where AWS did not tell. */
export async function deployed(name: string | undefined, options: DeployedOptions): Promise<0 | 1 | 2> {
  if (options.minimalPolicy === true) {
    process.stdout.write(
      `${JSON.stringify(minimalPolicy(partitionOf(options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION)), undefined, 2)}\n`,
    );
    return 0;
  }
  if ((name === undefined) === (options.all !== true)) return refuse(["name one function, or ask about --all"]);
  if (options.stack !== undefined && name === undefined) return refuse(["name one function of the stack"]);
  if (options.template !== undefined && options.stack === undefined) {
    return refuse(["name the stack that was made of the template, with --stack"]);
  }
  const template = await readTemplate(options.template);
  if (template !== undefined && "unreadable" in template) return refuse([`${template.path}: ${template.unreadable}`]);
  // The SDK's own warning about the version of Node.js is for programmers; this program says which it needs.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once("SIGINT", onInterrupt);
  const progress = options.all === true ? showProgress() : undefined;
  try {
    const { checkDeployed, severitiesIn } = await import("../account");
    // The other bundle has an `internet` of its own; the words of the report know this one.
    const { region, profile, endpoint, timeout, destination = internet } = options;
    const wish = { region, profile, endpoint, env: process.env };
    const limits = { signal: stop.signal, timeout: timeout * 1000, watch: progress };
    const against = options.stack === undefined ? undefined : { stack: options.stack, template };
    const report = await checkDeployed(name, wish, limits, destination, against);
    progress?.end();
    if ("why" in report) return refuse(adviceFor(report, name));
    const severities = severitiesIn(pathToFileURL("./").href, undefined, (uri, line, text) => {
      process.stderr.write(`lambda-egress: ${asPrinted(fileURLToPath(uri))}:${line}: ${text}\n`);
    });
    const status = print({ ...report, severities }, options);
    return options.map === undefined ? status : (await draw(report, options.map, options)) || status;
  } finally {
    progress?.end();
    process.removeListener("SIGINT", onInterrupt);
    // A call that waits for its next attempt would keep the program alive for nothing.
    if (stop.signal.aborted) process.stdout.write("", () => process.exit());
  }
}

/** Writes the picture of what was found. Returns 2 where that fails. */
async function draw(
  report: DeployedReport,
  file: string,
  { destination, redact: isRedacted = false }: DeployedOptions,
): Promise<0 | 2> {
  const { drawMap } = await import("../report/map/draw");
  const { network, functions } = report;
  const egress = functions.map((fn) => fn.egress);
  const picture = drawMap({ network, functions: egress, destination, uncut: isRedacted });
  const text = formatOf(file) === "mermaid" ? picture.mermaid : picture.svg;
  return write(isRedacted ? redact(text, namesIn(report)) : text, file);
}

async function readTemplate(path: string | undefined) {
  for await (const source of path === undefined ? [] : sources([path])) return source;
  return undefined;
}

function print(report: DeployedReport, options: DeployedOptions): 0 | 1 | 2 {
  const { asked, functions } = report;
  const isOpen = asked.failures.length > 0 && functions.some(({ egress }) => egress.verdict === "unknown");
  const isBad =
    functions.some(({ egress }) => isFault(egress)) ||
    driftOf(report)
      .map(({ named }) => named)
      .some(isFatal(options.failOn));
  const status = isBad ? 1 : isOpen ? 2 : 0;
  process.stdout.write(toReport(report, status, options));
  return status;
}

function toReport(report: DeployedReport, exitCode: 0 | 1 | 2, options: DeployedOptions): string {
  const { format, all = false, color, redact: isRedacted = false } = options;
  const shown = { ...report, links: !isRedacted };
  const hide = (text: string) => (isRedacted ? redact(text, namesIn(report)) : text);
  switch (format) {
    case "json":
      return isRedacted ? toRedactedJson(report, all) : toDeployedJson(report, all);
    case "sarif":
      return toDeployedSarif(shown, { version, homepage, exitCode, redact: isRedacted });
    case "markdown":
      return hide(toDeployedMarkdown(shown));
    case "text": {
      const colors = colorsFor(process.stdout, color);
      return hide(all ? toDeployedList(shown, colors) : toDeployedText(shown, colors));
    }
  }
}

function isFault({ verdict, role }: FunctionEgress): boolean {
  return (
    role?.verdict === "missing" ||
    verdict === "no-internet" ||
    verdict === "intermittent" ||
    verdict === "partial" ||
    verdict === "deploy-fails"
  );
}

/** Returns what went wrong, and what the person can do about it. */
function adviceFor(refusal: Refusal, name: string | undefined): string[] {
  const { region, profile, account } = refusal;
  if (refusal.why === "no-region") {
    return ["no region is set", "name one with --region, in AWS_REGION, or in the profile"];
  }
  const { failure } = refusal;
  const where = `account ${account ?? "unknown"}, region ${region ?? "unknown"}${profile === undefined ? "" : `, profile ${profile}`}`;
  const using = profile === undefined ? "" : ` --profile ${profile}`;
  switch (failure.kind) {
    case "not-found":
      if (failure.action === "cloudformation:ListStackResources") {
        return [`the stack has no function ${failure.detail} (${where})`];
      }
      return [
        failure.action === "cloudformation:DescribeStacks"
          ? `there is no such stack in ${where}`
          : `there is no function ${name ?? ""} in ${where}`,
        "another --region or --profile may have it",
      ];
    case "credentials":
      return [
        render(whyFailed(failure)),
        failure.sso ? `run: aws sso login${using}` : `sign in again, or name another profile with --profile`,
      ];
    case "denied":
      return [
        `${render(whyFailed(failure))} (${where})`,
        "`lambda-egress deployed --minimal-policy` prints what is needed",
      ];
    default:
      return [`${render(whyFailed(failure))} (${where})`];
  }
}

function refuse([problem = "", ...advice]: readonly string[]): 2 {
  process.stderr.write(`lambda-egress: ${problem}\n${advice.map((line) => `  ${line}\n`).join("")}`);
  return 2;
}
