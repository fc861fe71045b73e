/** The command behind "Create the NAT topology": asks which one, says what it costs by the hour or by the gigabyte, writes it. */
import { env, l10n, type QuickPickItem, Range, ThemeIcon, Uri, WorkspaceEdit, window, workspace } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { TopologyData } from "../../server/src/lsp/topology";

type Item = QuickPickItem & { readonly topology: TopologyData };

/** Gives a function of an open document a way out; the server works out what is missing for each. */
export async function createTopology(client: LanguageClient, uri?: string, fn?: string): Promise<void> {
  if (uri === undefined || fn === undefined) return;
  const offered = await client.sendRequest<readonly TopologyData[]>("lambdaEgress/topology", { uri, function: fn });
  if (offered.length === 0) {
    await window.showInformationMessage(l10n.t("There is nothing to add for {0}.", fn));
    return;
  }
  const chosen = await choose(l10n.t("Create the NAT topology for {0}", fn), offered);
  if (chosen === undefined) return;
  const document = await workspace.openTextDocument(Uri.parse(uri));
  if (document.version !== chosen.version) {
    await window.showWarningMessage(l10n.t("The template has changed meanwhile. Please choose again."));
    return;
  }
  const edit = new WorkspaceEdit();
  for (const { range, newText } of chosen.edits) {
    const { start, end } = range;
    edit.replace(document.uri, new Range(start.line, start.character, end.line, end.character), newText);
  }
  await workspace.applyEdit(edit);
}

/** Returns the variant that the person picks; a button at each opens AWS's page of prices. */
async function choose(title: string, offered: readonly TopologyData[]): Promise<TopologyData | undefined> {
  const picker = window.createQuickPick<Item>();
  const prices = { iconPath: new ThemeIcon("link-external"), tooltip: l10n.t("What AWS charges") };
  Object.assign(picker, {
    title,
    placeholder: l10n.t("Which way out? Under each stands what AWS charges for"),
    ignoreFocusOut: true,
    matchOnDetail: true,
  });
  picker.items = offered.map((topology) => ({
    label: topology.title.replace(/^./, (first) => first.toUpperCase()),
    detail: topology.charges.join("; "),
    buttons: [prices],
    topology,
  }));
  picker.onDidTriggerItemButton(({ item }) => env.openExternal(Uri.parse(item.topology.priceUrl)));
  const answer = new Promise<TopologyData | undefined>((resolve) => {
    picker.onDidAccept(() => resolve(picker.activeItems[0]?.topology));
    picker.onDidHide(() => resolve(undefined));
  });
  picker.show();
  return answer.finally(() => picker.dispose());
}
