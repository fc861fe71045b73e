/** The command "Check Deployed Function": which account, which function, then the report. */
import { commands, type ExtensionContext, env, ProgressLocation, window, workspace } from "vscode";
import type { Remedy } from "../../server/src/account";
import type { Refusal } from "../../server/src/live/live";
import { type Account, type Place, pickFunction, pickProfile, pickRegion } from "./pick";
import { showReport } from "./report-view";

/**
 * Asks for profile, region and function, then AWS, and shows the report. Nothing is asked of AWS before, and
 * nothing at all in a workspace that the person does not trust: its files could name the profile's commands.
 */
export async function checkDeployed(context: ExtensionContext): Promise<void> {
  if (!workspace.isTrusted) {
    await window.showWarningMessage("Lambda Egress asks AWS only in workspaces that you trust.");
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
  const name = await pickFunction(account, place);
  if (name !== undefined) await check(account, name, place, context);
}

/** Puts the policy that a check needs on the clipboard. */
export async function copyMinimalPolicy(region = ""): Promise<void> {
  const account = await load();
  await env.clipboard.writeText(account.policyFor(region));
  window.setStatusBarMessage("Lambda Egress: policy copied", 3000);
}

async function check(account: Account, name: string, place: Place, context: ExtensionContext): Promise<void> {
  const found = await window.withProgress(
    { location: ProgressLocation.Notification, title: `Checking ${name} in ${place.region}`, cancellable: true },
    async (_progress, token) => {
      const stop = new AbortController();
      const listening = token.onCancellationRequested(() => stop.abort());
      try {
        return await account.checkDeployed(name, place, { signal: stop.signal });
      } finally {
        listening.dispose();
      }
    },
  );
  if (!("why" in found)) {
    showReport(account.viewOf(found));
    return;
  }
  // Whoever stopped the check knows it.
  if (found.why === "failed" && found.failure.kind === "cancelled") return;
  const { text, remedy } = account.refusalOf(found);
  const [label, run] = offers(remedy, found, context);
  const answer = await window.showErrorMessage(text, ...(label === "" ? [] : [label]));
  if (answer !== undefined) await run();
}

type Offer = readonly [label: string, run: () => unknown];

function offers(remedy: Remedy, { profile, region }: Refusal, context: ExtensionContext): Offer {
  switch (remedy) {
    case "region":
    case "elsewhere":
      return ["Ask Elsewhere…", () => checkDeployed(context)];
    case "sso":
      return ["Sign In (aws sso login)", () => signIn(profile)];
    case "policy":
      return ["Copy Minimal IAM Policy", () => commands.executeCommand("lambdaEgress.copyMinimalPolicy", region)];
    case "none":
      return ["", () => undefined];
  }
}

/** Writes the command into a terminal; the person sends it off. */
function signIn(profile: string | undefined): void {
  const terminal = window.createTerminal("aws sso login");
  terminal.show();
  terminal.sendText(
    `aws sso login${profile === undefined ? "" : ` --profile "${profile.replace(/["$`\\]/g, "")}"`}`,
    false,
  );
}

/** Only what the person set for the whole editor counts: a repository must not send credentials elsewhere. */
function endpointOfPerson(): string {
  const { globalValue } = workspace.getConfiguration("lambdaEgress").inspect<string>("awsEndpoint") ?? {};
  return typeof globalValue === "string" ? globalValue : "";
}

function load(): Promise<Account> {
  // The SDK's own warning about the version of Node.js is for programmers.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return import("../../server/src/account");
}
