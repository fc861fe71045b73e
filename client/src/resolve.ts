/**
 * The command "Resolve External Networks": asks an account about what the open templates only name, keeps what it tells
 * for the workspace, and hands it to the server. Nothing is asked but by the command.
 */
import {
  commands,
  type Disposable,
  type DocumentSelector,
  type ExtensionContext,
  env,
  type LanguageStatusItem,
  l10n,
  languages,
  ProgressLocation,
  Uri,
  window,
  workspace,
} from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import type { Found } from "../../server/src/account";
import type { Refusal } from "../../server/src/live/live";
import { render } from "../../server/src/message";
import { type Externals, isNothing, type Resolved, together } from "../../server/src/network/resolved";
import { fromResolvedData, toResolvedData } from "../../server/src/network/resolved-json";
import { ageOf } from "../../server/src/report/age";
import { catalogueOf } from "../../server/src/texts/catalogues";
import { endpointOfPerson, load, signIn } from "./check-deployed";
import { type Account, type Place, pickProfile, pickRegion } from "./pick";

export interface AccountData extends Disposable {
  resolve(): Promise<void>;
  forget(): Promise<void>;
}

/** Returns what the workspace knows of an account, and hands it to the server each time that it starts. */
export function accountData(
  context: ExtensionContext,
  client: LanguageClient,
  selector: DocumentSelector,
): AccountData {
  let known: Resolved | undefined;
  let item: LanguageStatusItem | undefined;
  const file = context.storageUri && Uri.joinPath(context.storageUri, "account.json");
  const stored = read(file).then((found) => {
    known ??= found;
    return show();
  });
  const clock = setInterval(() => void show(), 60_000);

  const show = async () => {
    void commands.executeCommand("setContext", "lambdaEgress.hasAccountData", known !== undefined);
    if (known === undefined) {
      item?.dispose();
      item = undefined;
      return;
    }
    item ??= languages.createLanguageStatusItem("lambdaEgress.account", selector);
    item.name = l10n.t("Lambda Egress: Account");
    item.text = l10n.t("Account {0}, {1}", known.account ?? "?", known.region);
    item.command = { title: l10n.t("Ask Again"), command: "lambdaEgress.resolveExternal" };
    const age = ageOf(known.time, new Date());
    const catalogue = await catalogueOf(env.language);
    if (item !== undefined) item.detail = l10n.t("asked {0}", render(age, catalogue));
  };

  const tell = async () => {
    const account = known === undefined ? null : toResolvedData(known);
    await client.sendNotification("lambdaEgress/account", { account });
  };

  const take = async (account: Resolved | undefined) => {
    await stored;
    known = account;
    await show();
    await tell();
    await write(file, account);
  };

  const following = client.onDidChangeState(async ({ newState }) => {
    if (newState !== State.Running) return;
    await stored;
    if (known !== undefined) await tell();
  });

  return {
    async resolve() {
      if (!workspace.isTrusted) {
        await window.showWarningMessage(l10n.t("Lambda Egress asks AWS only in workspaces that you trust."));
        return;
      }
      await stored;
      const open = await client.sendRequest<Externals>("lambdaEgress/externals");
      // What other templates asked about before is asked again, so that all of it is of one time.
      const asked = known === undefined ? open : together(open, known.asked);
      if (isNothing(asked)) {
        await window.showInformationMessage(l10n.t("The open templates name nothing that an account could tell of."));
        return;
      }
      const account = await load();
      const place = await pickPlace(account, context);
      if (place === undefined) return;
      const found = await ask(account, asked, place);
      if ("why" in found) return refuse(account, found);
      await take(found.resolved);
      await sum(account, found);
    },

    async forget() {
      await take(undefined);
      window.setStatusBarMessage(l10n.t("Lambda Egress: account data forgotten"), 3000);
    },

    dispose() {
      clearInterval(clock);
      following.dispose();
      item?.dispose();
    },
  };
}

async function pickPlace(account: Account, { workspaceState }: ExtensionContext): Promise<Place | undefined> {
  const titleOf = (step: number) => l10n.t("Resolve External Networks ({0}/{1})", step, 2);
  const endpoint = endpointOfPerson();
  const profile = await pickProfile(account, workspaceState, titleOf(1));
  if (profile === undefined) return undefined;
  const wish = { ...(profile === "" ? {} : { profile }), ...(endpoint === "" ? {} : { endpoint }), env: process.env };
  const region = await pickRegion(profile, await account.regionOf(wish), workspaceState, titleOf(2));
  return region === undefined ? undefined : { ...wish, region };
}

function ask(account: Account, asked: Externals, place: Place): Thenable<Found | Refusal> {
  return window.withProgress(
    { location: ProgressLocation.Notification, title: l10n.t("Asking AWS in {0}", place.region), cancellable: true },
    async (_progress, token) => {
      const stop = new AbortController();
      const listening = token.onCancellationRequested(() => stop.abort());
      try {
        return await account.resolveExternals(asked, place, { signal: stop.signal });
      } finally {
        listening.dispose();
      }
    },
  );
}

async function refuse(account: Account, refusal: Refusal): Promise<void> {
  if (refusal.why === "failed" && refusal.failure.kind === "cancelled") return;
  const { text, remedy } = account.refusalOf(refusal, await catalogueOf(env.language));
  const label = l10n.t("Sign In (aws sso login)");
  const answer = await window.showErrorMessage(text, ...(remedy === "sso" ? [label] : []));
  if (answer !== undefined) signIn(refusal.profile);
}

/** Says what was found; a person reads on in the templates. */
async function sum(account: Account, found: Found): Promise<void> {
  const { lines, remedy } = account.outcomeOf(found, await catalogueOf(env.language));
  const [first = "", ...whys] = lines;
  const text = [first, ...whys.slice(0, 3), ...(whys.length > 3 ? [l10n.t("and {0} more", whys.length - 3)] : [])];
  const label = l10n.t("Copy Minimal IAM Policy");
  const say = whys.length > 0 ? window.showWarningMessage : window.showInformationMessage;
  const answer = await say(`Lambda Egress: ${text.join("; ")}`, ...(remedy === "policy" ? [label] : []));
  if (answer !== undefined) await env.clipboard.writeText(account.policyFor(found.region, "resolve"));
}

/** A file that is gone, or of another version, counts as none. */
async function read(file: Uri | undefined): Promise<Resolved | undefined> {
  if (file === undefined) return undefined;
  try {
    return fromResolvedData(JSON.parse(Buffer.from(await workspace.fs.readFile(file)).toString("utf8")));
  } catch {
    return undefined;
  }
}

async function write(file: Uri | undefined, account: Resolved | undefined): Promise<void> {
  if (file === undefined) return;
  if (account !== undefined) {
    await workspace.fs.writeFile(file, Buffer.from(JSON.stringify(toResolvedData(account))));
    return;
  }
  try {
    await workspace.fs.delete(file);
  } catch {
    // There was none.
  }
}
