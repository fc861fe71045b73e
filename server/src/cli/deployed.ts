/** `lambda-egress deployed`: asks AWS about functions that run, and prints what their network lets out. */

import { fileURLToPath, pathToFileURL } from "node:url";
import { homepage, version } from "../../../package.json";
import { type Catalogue, type Message, message, render } from "../message";
import { type Destination, internet } from "../network/egress";
import type { FunctionEgress } from "../network/verdict";
import { type DeployedReport, driftOf, namesIn, redact, toDeployedJson, toRedactedJson } from "../report/deployed";
import { toDeployedSarif } from "../report/deployed-sarif";
import { toDeployedList, toDeployedMarkdown, toDeployedText } from "../report/deployed-text";
import type { Severity } from "../rules/rule";
import { adviceFor, policyFor } from "./asking";
import { isFatal } from "./check";
import { colorsFor } from "./colors";
import { asPrinted, sources } from "./inputs";
import { catalogueFor, isForPrograms, type Language } from "./language";
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
  /** The language that was asked for. */
  readonly lang?: Language;
}

/** Prints the report. Returns the exit status: 0, 1 where a function does not get through or differs from its template, 2 where AWS did not tell. */
export async function deployed(name: string | undefined, options: DeployedOptions): Promise<0 | 1 | 2> {
  const spoken = await catalogueFor(options.lang);
  if (options.minimalPolicy === true) {
    process.stdout.write(policyFor(options.region));
    return 0;
  }
  const problem = misuse(name, options);
  if (problem !== undefined) return refuse([problem], spoken);
  const template = await readTemplate(options.template);
  if (template !== undefined && "unreadable" in template) {
    return refuse([message("{0}: {1}", template.path, template.unreadable)], spoken);
  }
  // The SDK's own warning about the version of Node.js is for programmers; this program says which it needs.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  process.once("SIGINT", onInterrupt);
  const progress = options.all === true ? showProgress(spoken) : undefined;
  try {
    const { checkDeployed, severitiesIn } = await import("../account");
    // The other bundle has an `internet` of its own; the words of the report know this one.
    const { region, profile, endpoint, timeout, destination = internet } = options;
    const wish = { region, profile, endpoint, env: process.env };
    const limits = { signal: stop.signal, timeout: timeout * 1000, watch: progress };
    const against = options.stack === undefined ? undefined : { stack: options.stack, template };
    const report = await checkDeployed(name, wish, limits, destination, against);
    progress?.end();
    if ("why" in report) return refuse(adviceFor(report, name, "deployed"), spoken);
    const severities = severitiesIn(pathToFileURL("./").href, undefined, (uri, line, text) => {
      process.stderr.write(`lambda-egress: ${asPrinted(fileURLToPath(uri))}:${line}: ${render(text, spoken)}\n`);
    });
    const status = await print({ ...report, severities }, options);
    return options.map === undefined ? status : (await draw(report, options.map, options, spoken)) || status;
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
  catalogue: Catalogue,
): Promise<0 | 2> {
  const { drawMap } = await import("../report/map/draw");
  const { network, functions } = report;
  const egress = functions.map((fn) => fn.egress);
  const picture = drawMap({ network, functions: egress, destination, uncut: isRedacted, catalogue });
  const text = formatOf(file) === "mermaid" ? picture.mermaid : picture.svg;
  return write(isRedacted ? redact(text, namesIn(report)) : text, file, catalogue);
}

function misuse(name: string | undefined, { all, stack, template }: DeployedOptions): Message | undefined {
  if ((name === undefined) === (all !== true)) return message("name one function, or ask about --all");
  if (stack !== undefined && name === undefined) return message("name one function of the stack");
  if (template === undefined || stack !== undefined) return undefined;
  return message("name the stack that was made of the template, with --stack");
}
async function readTemplate(path: string | undefined) {
  for await (const source of path === undefined ? [] : sources([path])) return source;
  return undefined;
}

async function print(report: DeployedReport, options: DeployedOptions): Promise<0 | 1 | 2> {
  const { asked, functions } = report;
  const isOpen = asked.failures.length > 0 && functions.some(({ egress }) => egress.verdict === "unknown");
  const isBad =
    functions.some(({ egress }) => isFault(egress)) ||
    driftOf(report)
      .map(({ named }) => named)
      .some(isFatal(options.failOn));
  const status = isBad ? 1 : isOpen ? 2 : 0;
  process.stdout.write(await toReport(report, status, options));
  return status;
}

async function toReport(report: DeployedReport, exitCode: 0 | 1 | 2, options: DeployedOptions): Promise<string> {
  const { format, all = false, color, lang, redact: isRedacted = false } = options;
  const catalogue = await catalogueFor(lang, isForPrograms(format));
  const shown = { ...report, links: !isRedacted };
  const hide = (text: string) => (isRedacted ? redact(text, namesIn(report)) : text);
  switch (format) {
    case "json":
      return isRedacted ? toRedactedJson(report, all, catalogue) : toDeployedJson(report, all, catalogue);
    case "sarif":
      return toDeployedSarif(shown, { version, homepage, exitCode, redact: isRedacted, catalogue });
    case "markdown":
      return hide(toDeployedMarkdown(shown, catalogue));
    case "text": {
      const options = { colors: colorsFor(process.stdout, color), catalogue };
      return hide(all ? toDeployedList(shown, options) : toDeployedText(shown, options));
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

function refuse([problem, ...advice]: readonly [Message, ...Message[]], catalogue: Catalogue): 2 {
  const lines = advice.map((line) => `  ${render(line, catalogue)}\n`).join("");
  process.stderr.write(`lambda-egress: ${render(problem, catalogue)}\n${lines}`);
  return 2;
}
