/**
 * The check of what is deployed, as the editor and the command line call it.
 *
 * It has its own bundle, loaded when somebody asks: AWS's SDK is larger than all the rest, and most runs
 * ask AWS nothing.
 */
import { minimalPolicy, partitionOf } from "./live/actions";
import { whyFailed } from "./live/failure";
import { type ListedFunction, listFunctions as listOf } from "./live/list";
import { type Deployed, lookAt, type Refusal } from "./live/live";
import { placeOf, profileNames, type Wish } from "./live/profile";
import type { Limits } from "./live/session";
import { render } from "./message";
import { type Destination, egressOf, internet } from "./network/egress";
import { type CheckedFunction, type DeployedReport, namesIn, redact, toDeployedJson } from "./report/deployed";
import { type Page, toDeployedHtml } from "./report/deployed-html";
import { toDeployedMarkdown } from "./report/deployed-text";
import { toRunbook } from "./report/runbook";

/**
 * Asks AWS about one function, or about every function in a VPC where `name` is undefined, and returns the
 * report on it, or why there is none. Never throws.
 */
export async function checkDeployed(
  name: string | undefined,
  wish: Wish,
  limits: Limits = {},
  destination: Destination = internet,
): Promise<DeployedReport | Refusal> {
  const time = new Date();
  const look = await lookAt(name, wish, limits);
  return "why" in look ? look : reportOn(look, destination, time);
}

/** Works out the verdicts of what was found. */
function reportOn({ network, functions, ...asked }: Deployed, destination: Destination, time: Date): DeployedReport {
  const checked = functions.flatMap((deployed): CheckedFunction[] => {
    const fn = network.functions.get(deployed.key);
    return fn === undefined ? [] : [{ deployed, egress: egressOf(network, fn, destination) }];
  });
  return { asked, destination, time, links: true, functions: checked };
}

/** A report as a view shows and copies it. */
export interface ReportView {
  readonly title: string;
  html(page: Page): string;
  readonly copies: Readonly<Record<Copy, string>>;
}

export type Copy = "markdown" | "json" | "redacted" | "policy";

/** Returns everything a view needs of a report on one function. */
export function viewOf(report: DeployedReport): ReportView {
  const hidden = { ...report, links: false };
  return {
    title: report.functions.map(({ deployed }) => deployed.key).join(", "),
    html: (page) => toDeployedHtml(report, page),
    copies: {
      markdown: toDeployedMarkdown(report),
      json: withRunbook(report),
      redacted: redact(toDeployedMarkdown(hidden), namesIn(report)),
      policy: policyFor(report.asked.region),
    },
  };
}

/** The JSON of the command line, and beside it the same in the names of AWS's runbook. */
function withRunbook(report: DeployedReport): string {
  const runbook = report.functions.map(({ egress }) => toRunbook(egress))[0];
  return `${JSON.stringify({ ...JSON.parse(toDeployedJson(report, false)), runbook }, undefined, 2)}\n`;
}

/** Returns the IAM policy that a check in this region needs and no more, as JSON. */
export function policyFor(region: string): string {
  return `${JSON.stringify(minimalPolicy(partitionOf(region)), undefined, 2)}\n`;
}

/** Returns why there is no report, in a sentence, and what kind of thing would help. */
export function refusalOf(refusal: Refusal): { readonly text: string; readonly remedy: Remedy } {
  if (refusal.why === "no-region") return { text: "No region is set.", remedy: "region" };
  const { failure, account, region, profile } = refusal;
  const where = `account ${account ?? "unknown"}, region ${region ?? "unknown"}, profile ${profile ?? "none"}`;
  const text = `${render(whyFailed(failure))} (${where})`;
  switch (failure.kind) {
    case "not-found":
      return { text: `There is no such function in ${where}.`, remedy: "elsewhere" };
    case "credentials":
      return { text, remedy: failure.sso ? "sso" : "none" };
    case "denied":
      return { text, remedy: "policy" };
    default:
      return { text, remedy: "none" };
  }
}

export type Remedy = "region" | "elsewhere" | "sso" | "policy" | "none";

/** Returns the region that the environment or the profile names. */
export async function regionOf(wish: Wish): Promise<string | undefined> {
  return (await placeOf(wish)).region;
}

/** Returns the names of the profiles in the person's AWS files. */
export function namesOfProfiles(): Promise<readonly string[]> {
  return profileNames();
}

/** Hands out the functions of a region page by page; returns why some are missing, undefined when none is. */
export async function listFunctions(
  wish: Wish & { readonly region: string },
  limits: Limits,
  onPage: (functions: readonly ListedFunction[]) => void,
): Promise<string | undefined> {
  const failure = await listOf(wish, limits, onPage);
  return failure === undefined ? undefined : render(whyFailed(failure));
}
