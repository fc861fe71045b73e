/** The command "Check Deployed Function": which account, which function, then the report. */
import { commands, type ExtensionContext, env, l10n, ProgressLocation, Uri, window, workspace } from "vscode";
import type { Remedy } from "../../server/src/account";
import type { Refusal } from "../../server/src/live/live";
import type { Settings } from "../../server/src/settings";
import { catalogueOf } from "../../server/src/texts/catalogues";
import {
  type Account,
  fromStack,
  type Place,
  pickFunction,
  pickFunctionOf,
  pickProfile,
  pickRegion,
  pickStack,
} from "./pick";
import { showReport } from "./report-view";

/** What is known before anything is asked. */
export interface Wanted {
  /** The template that the account is compared with. */
  readonly template?: Uri | undefined;
  /** The function in that template. */
  readonly logicalId?: string | undefined;
  /** A function's name that was given before. */
  readonly typed?: string | undefined;
}

/** Returns what a code lens hands over; the palette hands over nothing. */
export function wantedBy(uri: unknown, logicalId: unknown): Wanted {
  if (typeof logicalId !== "string") return {};
  return { template: uri instanceof Uri ? uri : Uri.parse(String(uri)), logicalId };
}

/**
 * Asks for profile, region and function, then AWS, and shows the report. Nothing is asked of AWS before, and
 * nothing at all in a workspace that the person does not trust: its files could name the profile's commands.
 */
export async function checkDeployed(context: ExtensionContext, wanted: Wanted = {}): Promise<void> {
  if (!workspace.isTrusted) {
    await window.showWarningMessage(l10n.t("Lambda Egress asks AWS only in workspaces that you trust."));
    return;
  }
  const account = await load();
  const { workspaceState: memory } = context;
  const endpoint = endpointOfPerson();
  const profile = await pickProfile(account, memory);
  if (profile === undefined) return;
  const asked = { ...(profile === "" ? {} : { profile }), ...(endpoint === "" ? {} : { endpoint }), env: process.env };
  const region = await pickRegion(profile, await account.regionOf(asked), memory);
  if (region === undefined) return;
  const place: Place = { ...asked, region };
  const target = await pickTarget(account, place, wanted, context);
  if (target !== undefined) await check(account, target, place, context);
}

/** A function by its name, or by its logical id in a stack, to be compared with a template. */
interface Target {
  readonly name: string;
  readonly stack?: { readonly name: string; readonly template: Uri };
}

async function pickTarget(
  account: Account,
  place: Place,
  { template = openTemplate(), logicalId, typed }: Wanted,
  { workspaceState: memory }: ExtensionContext,
): Promise<Target | undefined> {
  if (logicalId === undefined || template === undefined) {
    const name = await pickFunction(account, place, { typed, stacks: template !== undefined });
    if (name === undefined) return undefined;
    if (name !== fromStack || template === undefined) return { name: String(name) };
  }
  const steps = logicalId === undefined ? 4 : 3;
  const stack = await pickStack(account, place, memory, `stack ${template}`, steps);
  if (stack === undefined) return undefined;
  const name = logicalId ?? (await pickFunctionOf(account, place, stack));
  return name === undefined ? undefined : { name, stack: { name: stack, template } };
}

/** Returns the template that the person has before them. */
function openTemplate(): Uri | undefined {
  const editors = [
    ...(window.activeTextEditor === undefined ? [] : [window.activeTextEditor]),
    ...window.visibleTextEditors,
  ];
  return editors.find(
    ({ document }) =>
      ["yaml", "json", "cloudformation"].includes(document.languageId) &&
      /^\s*["']?(?:AWSTemplateFormatVersion|Transform|Resources)["']?\s*:/m.test(document.getText()),
  )?.document.uri;
}

/** Puts the policy that a check needs on the clipboard. */
export async function copyMinimalPolicy(region = ""): Promise<void> {
  const account = await load();
  await env.clipboard.writeText(account.policyFor(region));
  window.setStatusBarMessage(l10n.t("Lambda Egress: policy copied"), 3000);
}

async function check(account: Account, target: Target, place: Place, context: ExtensionContext): Promise<void> {
  const { name, stack } = target;
  const against = stack && { stack: stack.name, template: await readTemplate(stack.template) };
  const found = await window.withProgress(
    {
      location: ProgressLocation.Notification,
      title: l10n.t("Checking {0} in {1}", name, place.region),
      cancellable: true,
    },
    async (_progress, token) => {
      const stop = new AbortController();
      const listening = token.onCancellationRequested(() => stop.abort());
      try {
        return await account.checkDeployed(name, place, { signal: stop.signal }, undefined, against);
      } finally {
        listening.dispose();
      }
    },
  );
  const catalogue = await catalogueOf(env.language);
  if (!("why" in found)) {
    showReport(account.viewOf({ ...found, severities: severitiesHere(account) }, catalogue), stack?.template);
    return;
  }
  // Whoever stopped the check knows it.
  if (found.why === "failed" && found.failure.kind === "cancelled") return;
  const { text, remedy } = account.refusalOf(found, catalogue);
  const [label, run] = offers(remedy, found, context, target);
  const answer = await window.showErrorMessage(text, ...(label === "" ? [] : [label]));
  if (answer !== undefined) await run();
}

type Offer = readonly [label: string, run: () => unknown];

function offers(
  remedy: Remedy,
  { profile, region }: Refusal,
  context: ExtensionContext,
  { name, stack }: Target,
): Offer {
  switch (remedy) {
    case "region":
    case "elsewhere":
      return [
        l10n.t("Ask Elsewhere…"),
        () =>
          checkDeployed(context, stack === undefined ? { typed: name } : { template: stack.template, logicalId: name }),
      ];
    case "sso":
      return [l10n.t("Sign In (aws sso login)"), () => signIn(profile)];
    case "policy":
      return [
        l10n.t("Copy Minimal IAM Policy"),
        () => commands.executeCommand("lambdaEgress.copyMinimalPolicy", region),
      ];
    case "none":
      return ["", () => undefined];
  }
}

/** The text is the editor's, saved or not. */
async function readTemplate(uri: Uri): Promise<{ path: string; text: string }> {
  const document = await workspace.openTextDocument(uri);
  return { path: workspace.asRelativePath(uri), text: document.getText() };
}

/** Writes the command into a terminal; the person sends it off. */
export function signIn(profile: string | undefined): void {
  const terminal = window.createTerminal("aws sso login");
  terminal.show();
  terminal.sendText(
    `aws sso login${profile === undefined ? "" : ` --profile "${profile.replace(/["$`\\]/g, "")}"`}`,
    false,
  );
}

/** Only what the person set for the whole editor counts: a repository must not send credentials elsewhere. */
export function endpointOfPerson(): string {
  const { globalValue } = workspace.getConfiguration("lambdaEgress").inspect<string>("awsEndpoint") ?? {};
  return typeof globalValue === "string" ? globalValue : "";
}

/** What is wrong in these settings the language server writes to its log. */
function severitiesHere(account: Account): Settings["rules"] {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const own = workspace.getConfiguration("lambdaEgress", folder).get("rules");
  const uri = folder === undefined ? "" : `${folder.toString().replace(/\/+$/, "")}/`;
  return account.severitiesIn(uri, own, () => undefined, uri);
}

export function load(): Promise<Account> {
  // The SDK's own warning about the version of Node.js is for programmers.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return import("../../server/src/account");
}
