/**
 * The check of what is deployed, as the editor and the command line call it.
 *
 * It has its own bundle, loaded when somebody asks: AWS's SDK is larger than all the rest, and most runs
 * ask AWS nothing.
 */
import { disk } from "./disk";
import { type Complain, decode, folderFileName, folderFiles, scopeOf } from "./folder-file";
import { minimalPolicy, partitionOf, resolveActions } from "./live/actions";
import { driftOf } from "./live/compare";
import { type Failure, whyFailed } from "./live/failure";
import { type ListedFunction, listFunctions as listOf } from "./live/list";
import { type Deployed, lookAt, type Refusal } from "./live/live";
import { placeOf, profileNames, type Wish } from "./live/profile";
import { type Resolution, resolveExternals as resolve } from "./live/resolve";
import type { Limits } from "./live/session";
import { listStackFunctions as functionsIn, type ListedStack, listStacks as stacksOf } from "./live/stack";
import { type Catalogue, english, listed, type Message, message, render } from "./message";
import { type Destination, egressOf, internet } from "./network/egress";
import type { Externals, Resolved } from "./network/resolved";
import {
  type CheckedFunction,
  type DeployedReport,
  driftOf as driftRowsOf,
  namesIn,
  redact,
  toDeployedData,
  toRedactedJson,
} from "./report/deployed";
import { type Page, toDeployedHtml } from "./report/deployed-html";
import { toDeployedMarkdown } from "./report/deployed-text";
import type { ComparedTemplate, DriftReport } from "./report/drift";
import type { Position } from "./report/file";
import { summaryOf } from "./report/resolved";
import { toRunbook } from "./report/runbook";
import { allRules } from "./rules/index";
import { defaultSettings, readSettings, type Settings } from "./settings";

/** The stack that has a function, and the template to compare the account with: the stack's own where none is given. */
export interface Against {
  readonly stack: string;
  readonly template?: ComparedTemplate | undefined;
}

/**
 * Asks AWS about one function, or about every function in a VPC where `name` is undefined, and returns the
 * report on it, or why there is none. A function of a stack may be named by its logical id. Never throws.
 */
export async function checkDeployed(
  name: string | undefined,
  wish: Wish,
  limits: Limits = {},
  destination: Destination = internet,
  against?: Against,
): Promise<DeployedReport | Refusal> {
  const time = new Date();
  const { stack, template } = against ?? {};
  const look = await lookAt(
    name,
    wish,
    limits,
    stack === undefined ? undefined : { name: stack, stage: template === undefined ? "Processed" : "Original" },
  );
  return "why" in look ? look : reportOn(look, destination, time, template);
}

/** What an account told about things outside templates, and which of the calls gave no answer. */
export interface Found extends Omit<Resolution, "resolved"> {
  readonly resolved: Resolved;
}

/** Asks AWS about what templates name and do not contain. Never throws. */
export async function resolveExternals(
  externals: Externals,
  wish: Wish,
  limits: Limits = {},
): Promise<Found | Refusal> {
  const time = new Date().toISOString();
  const answer = await resolve(externals, wish, limits);
  return "why" in answer ? answer : { ...answer, resolved: { ...answer.resolved, time } };
}

/** Returns what came of it in sentences, and what kind of thing would help where something is missing. */
export function outcomeOf(
  found: Found,
  catalogue: Catalogue,
): { readonly lines: readonly string[]; readonly remedy: Remedy } {
  const isDenied = found.failures.some(({ kind }) => kind === "denied");
  return { lines: summaryOf(found).map((line) => render(line, catalogue)), remedy: isDenied ? "policy" : "none" };
}

/** Works out the verdicts of what was found. */
function reportOn(look: Deployed, destination: Destination, time: Date, template?: ComparedTemplate): DeployedReport {
  const { network, functions, ...asked } = look;
  const checked = functions.flatMap((deployed): CheckedFunction[] => {
    const fn = network.functions.get(deployed.key);
    return fn === undefined ? [] : [{ deployed, egress: egressOf(network, fn, destination) }];
  });
  const drift = driftReport(look, checked, template);
  const report = { asked, network, destination, time, links: true, functions: checked };
  return drift === undefined ? report : { ...report, drift };
}

function driftReport(
  look: Deployed,
  [checked]: readonly CheckedFunction[],
  template: ComparedTemplate | undefined,
): DriftReport | undefined {
  const { stack } = look;
  if (stack === undefined || checked === undefined) return undefined;
  const text = template?.text ?? (stack.template.ok ? stack.template.value : "");
  const found = driftOf(text, { ...look, stack }, checked.deployed, checked.egress);
  return { stack: stack.name, status: stack.status, template, found };
}

/**
 * Returns what settings make of rules for whoever stands in a folder, a URI with a slash at its end, as an account lies
 * in none: the editor's own, and above them what `.lambda-egress.yaml` says, up to the folder `root`.
 */
export function severitiesIn(folder: string, own: unknown, complain: Complain, root?: string): Settings["rules"] {
  const ids = new Set(allRules.map(({ id }) => id));
  const settings = { ...defaultSettings, ...readSettings({ rules: own }, ids).given };
  const uri = folder + folderFileName;
  const files = folderFiles(disk, ids, complain)(uri, root === undefined ? undefined : decode(root));
  return scopeOf(uri, { settings, ignored: false }, files).settings.rules;
}

/** A report as a view shows and copies it. */
export interface ReportView {
  readonly title: string;
  html(page: Omit<Page, "catalogue">): string;
  readonly copies: Readonly<Record<Copy, string>>;
  /** Where the rows stand in the template that was compared with, by their index in the page. */
  readonly places: readonly (Position | undefined)[];
}

export type Copy = "markdown" | "json" | "redacted" | "redacted-json" | "policy";

/** Returns everything a view needs of a report on one function. */
export function viewOf(report: DeployedReport, catalogue: Catalogue): ReportView {
  const hidden = { ...report, links: false };
  return {
    title: report.functions.map(({ deployed }) => deployed.key).join(", "),
    html: (page) => toDeployedHtml(report, { ...page, catalogue }),
    copies: {
      markdown: toDeployedMarkdown(report, catalogue),
      json: withRunbook(report),
      redacted: redact(toDeployedMarkdown(hidden, catalogue), namesIn(report)),
      "redacted-json": toRedactedJson(report, report.functions.length !== 1, english),
      policy: policyFor(report.asked.region),
    },
    places: driftRowsOf(report).map(({ place }) => place),
  };
}

/**
 * The JSON of the command line, and beside it the same in the names of AWS's runbook, for each function: for programs,
 * so in English.
 */
function withRunbook(report: DeployedReport): string {
  const all = report.functions.length !== 1;
  const checks = report.functions.map(({ deployed, egress }) => ({ id: deployed.key, ...toRunbook(egress, english) }));
  const [only] = report.functions.map(({ egress }) => toRunbook(egress, english));
  const runbook = all ? { runbooks: checks } : { runbook: only };
  return `${JSON.stringify({ ...toDeployedData(report, all, english), ...runbook }, undefined, 2)}\n`;
}

/** Returns the IAM policy that a check in this region needs and no more, or that resolving needs, as JSON. */
export function policyFor(region: string, purpose: "check" | "resolve" = "check"): string {
  const allowed = purpose === "resolve" ? resolveActions : undefined;
  return `${JSON.stringify(minimalPolicy(partitionOf(region), allowed), undefined, 2)}\n`;
}

/** Returns why there is no report, in a sentence, and what kind of thing would help. */
export function refusalOf(refusal: Refusal, catalogue: Catalogue): { readonly text: string; readonly remedy: Remedy } {
  if (refusal.why === "no-region") return { text: render(message("No region is set."), catalogue), remedy: "region" };
  const { failure, account, region, profile } = refusal;
  const where = listed([
    account === undefined ? message("account unknown") : message("account {0}", account),
    region === undefined ? message("region unknown") : message("region {0}", region),
    profile === undefined ? message("profile none") : message("profile {0}", profile),
  ]);
  const text = render(message("{0} ({1})", whyFailed(failure), where), catalogue);
  switch (failure.kind) {
    case "not-found":
      return { text: render(message("{0} in {1}.", whatIsMissing(failure), where), catalogue), remedy: "elsewhere" };
    case "credentials":
      return { text, remedy: failure.sso ? "sso" : "none" };
    case "denied":
      return { text, remedy: "policy" };
    default:
      return { text, remedy: "none" };
  }
}

/** Returns what was asked for and is not there, without a full stop. */
export function whatIsMissing({ action, detail }: Failure): Message {
  switch (action) {
    case "cloudformation:DescribeStacks":
      return message("There is no such stack");
    case "cloudformation:ListStackResources":
      return message("The stack has no function {0}", detail);
    default:
      return message("There is no such function");
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
  catalogue: Catalogue,
  onPage: (functions: readonly ListedFunction[]) => void,
): Promise<string | undefined> {
  const failure = await listOf(wish, limits, onPage);
  return failure === undefined ? undefined : render(whyFailed(failure), catalogue);
}

/** Hands out the stacks of a region page by page; returns why some are missing, undefined when none is. */
export async function listStacks(
  wish: Wish & { readonly region: string },
  limits: Limits,
  catalogue: Catalogue,
  onPage: (stacks: readonly ListedStack[]) => void,
): Promise<string | undefined> {
  const failure = await stacksOf(wish, limits, onPage);
  return failure === undefined ? undefined : render(whyFailed(failure), catalogue);
}

/** Hands out the logical ids of a stack's functions; returns why there are none, undefined when they came. */
export async function listStackFunctions(
  wish: Wish & { readonly region: string },
  limits: Limits,
  catalogue: Catalogue,
  stack: string,
  onPage: (ids: readonly string[]) => void,
): Promise<string | undefined> {
  const answer = await functionsIn(wish, limits, stack);
  if (!answer.ok) return render(whyFailed(answer.failure), catalogue);
  onPage(answer.value);
  return undefined;
}
