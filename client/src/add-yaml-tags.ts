/** Offers to tell the YAML extension CloudFormation's tags, which it underlines otherwise. Nothing is written unasked. */
import {
  ConfigurationTarget,
  commands,
  Disposable,
  extensions,
  type LanguageStatusItem,
  l10n,
  languages,
  type QuickPickItem,
  window,
  workspace,
} from "vscode";
import { missingTags, withTags } from "./yaml-tags";

const yamlExtension = "redhat.vscode-yaml";
const command = "lambdaEgress.addYamlTags";

export interface Offer extends Disposable {
  /** Says whether the document at hand is a template; the offer stands only beside one. */
  standBeside(template: boolean): void;
}

/** Returns the offer among the status entries of YAML. It stands while the extension is there and lacks tags. */
export function offerYamlTags(): Offer {
  let item: LanguageStatusItem | undefined;
  let beside = false;
  const show = () => {
    const state = stateOfTags();
    void commands.executeCommand("setContext", "lambdaEgress.yamlTags", state);
    if (state !== "missing" || !beside) {
      item?.dispose();
      item = undefined;
    } else if (item === undefined) {
      item = languages.createLanguageStatusItem("lambdaEgress.yamlTags", { language: "yaml" });
      item.name = l10n.t("Lambda Egress: CloudFormation Tags");
      item.text = l10n.t("The YAML extension does not know CloudFormation's tags");
      item.command = { title: l10n.t("Add Them…"), command };
    }
  };
  show();
  const listening = Disposable.from(
    extensions.onDidChange(show),
    workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("yaml.customTags") && show()),
  );
  return {
    standBeside(template) {
      beside = template;
      show();
    },
    dispose() {
      listening.dispose();
      item?.dispose();
    },
  };
}

/** The command: asks where to, then adds what is missing there. */
export async function addYamlTags(): Promise<void> {
  const state = stateOfTags();
  if (state === undefined) {
    await window.showInformationMessage(l10n.t("The YAML extension ({0}) is not installed.", yamlExtension));
    return;
  }
  if (state === "known") {
    await window.showInformationMessage(l10n.t("The YAML extension knows all of CloudFormation's tags already."));
    return;
  }
  const settings = workspace.getConfiguration("yaml");
  const { globalValue, workspaceValue } = settings.inspect("customTags") ?? {};
  // One list hides another, it does not add to it: that of a workspace starts from the one that counts there.
  const user: Place = {
    label: l10n.t("User"),
    description: l10n.t("for all your templates"),
    target: ConfigurationTarget.Global,
    value: withTags(globalValue),
    ...(workspaceValue !== undefined && {
      detail: l10n.t("This workspace has a list of its own, which stays as it is."),
    }),
  };
  const here: Place = {
    label: l10n.t("Workspace"),
    description: l10n.t("for whoever opens this folder"),
    target: ConfigurationTarget.Workspace,
    value: withTags(settings.get("customTags")),
  };
  const places =
    workspace.workspaceFolders === undefined ? [user] : workspaceValue === undefined ? [user, here] : [here, user];
  const place = await window.showQuickPick(places, {
    title: l10n.t("Add CloudFormation Tags to yaml.customTags"),
    placeHolder: l10n.t("In which settings?"),
  });
  if (place !== undefined) await settings.update("customTags", place.value, place.target);
}

interface Place extends QuickPickItem {
  readonly target: ConfigurationTarget;
  readonly value: readonly unknown[];
}

/** Undefined where nobody needs the tags. */
function stateOfTags(): "missing" | "known" | undefined {
  if (extensions.getExtension(yamlExtension) === undefined) return undefined;
  return missingTags(workspace.getConfiguration("yaml").get("customTags")).length > 0 ? "missing" : "known";
}
