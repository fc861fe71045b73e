/** How the functions of the document at hand stand, among the status entries of its language. */
import { commands, Disposable, type DocumentSelector, l10n, languages, window, workspace } from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import type { Status } from "../../server/src/lsp/status";

/** What the client says in its initialization options to be told. */
export const wantsStatus = { status: true };

/** Shows the status entry; `changed` hears whether the document at hand is a template, each time that may be new. */
export function showStatus(
  client: LanguageClient,
  selector: DocumentSelector,
  changed: (template: boolean) => void,
): Disposable {
  const known = new Map<string, Status>();
  const item = languages.createLanguageStatusItem("lambdaEgress.status", selector);
  item.name = "Lambda Egress";
  const show = () => {
    const status = known.get(window.activeTextEditor?.document.uri.toString() ?? "");
    const template = status !== undefined && status.kind !== "not-a-template";
    item.busy = status === undefined && client.state !== State.Stopped;
    item.text = l10n.t("Lambda Egress: {0}", client.state === State.Stopped ? l10n.t("not running") : says(status));
    item.detail =
      status === undefined || status.destination === "" ? "" : l10n.t("asked about {0}", status.destination);
    item.command =
      client.state === State.Stopped
        ? { title: l10n.t("Restart Server"), command: "lambdaEgress.restartServer" }
        : template
          ? { title: l10n.t("Show Problems"), command: "workbench.actions.view.problems" }
          : { title: l10n.t("Get Started"), command: "lambdaEgress.getStarted" };
    void commands.executeCommand("setContext", "lambdaEgress.isTemplate", template);
    changed(template);
  };
  show();
  return Disposable.from(
    item,
    client.onNotification("lambdaEgress/status", (status: Status) => {
      known.set(status.uri, status);
      show();
    }),
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped) known.clear();
      show();
    }),
    window.onDidChangeActiveTextEditor(show),
    workspace.onDidCloseTextDocument(({ uri }) => known.delete(uri.toString())),
  );
}

/** What is not good is counted; a function outside any VPC has the internet. */
function says(status: Status | undefined): string {
  if (status === undefined) return l10n.t("checking");
  const { kind, functions, withoutInternet, deployFails, limited, unknown, destination } = status;
  if (kind === "not-a-template") return l10n.t("not a template");
  if (functions === 0) return l10n.t("no functions");
  const here = destination === "";
  if (withoutInternet + deployFails + limited + unknown === 0) {
    if (functions === 1) return here ? l10n.t("1 function, with internet") : l10n.t("1 function, gets through");
    return here
      ? l10n.t("{0} functions, all with internet", functions)
      : l10n.t("{0} functions, all get through", functions);
  }
  const all = functions === 1 ? l10n.t("1 function") : l10n.t("{0} functions", functions);
  const without = here ? l10n.t("{0} without internet", withoutInternet) : l10n.t("{0} held back", withoutInternet);
  const parts = [
    ...(withoutInternet > 0 ? [without] : []),
    ...(deployFails > 0 ? [l10n.t("{0} cannot be deployed", deployFails)] : []),
    ...(limited > 0 ? [l10n.t("{0} not always or not everywhere", limited)] : []),
    ...(unknown > 0 ? [l10n.t("{0} unknown", unknown)] : []),
  ];
  return [all, ...parts].join(", ");
}
