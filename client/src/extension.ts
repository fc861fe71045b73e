/** The editor's side: starts the language server and registers the commands. */
import { commands, type ExtensionContext, window } from "vscode";
import { LanguageClient, RevealOutputChannelOn, TransportKind } from "vscode-languageclient/node";
import { addYamlTags, offerYamlTags } from "./add-yaml-tags";
import { checkDeployed, copyMinimalPolicy, wantedBy } from "./check-deployed";
import { openExample } from "./example";
import { insertNatVpc } from "./insert";
import { showMap } from "./map-view";
import { oneVoice } from "./one-voice";
import { ParameterSetChoice } from "./parameter-set";
import { accountData } from "./resolve";
import { showStatus, wantsStatus } from "./status";
import { createTopology } from "./topology";
import { showUses } from "./uses";

/** Also the section of the settings, from which the client reads how much it traces. */
const id = "lambdaEgress";
const name = "Lambda Egress";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const outputChannel = window.createOutputChannel(name, { log: true });
  const server = { module: context.asAbsolutePath("dist/server.js"), transport: TransportKind.ipc };
  const documentSelector = ["yaml", "json", "cloudformation"].flatMap((language) => [
    { language, scheme: "file" },
    { language, scheme: "untitled" },
  ]);
  const voice = oneVoice();
  const account = accountData(context, () => client, documentSelector);
  const choice = new ParameterSetChoice(context.workspaceState, documentSelector);
  const handlers: Readonly<Record<string, (...args: never[]) => unknown>> = {
    restartServer: () => client?.restart(),
    showOutput: () => outputChannel.show(),
    insertNatVpc,
    checkDeployed: (uri: unknown, logicalId: unknown) => checkDeployed(context, wantedBy(uri, logicalId)),
    copyMinimalPolicy,
    resolveExternal: () => account.resolve(),
    forgetAccount: () => account.forget(),
    createTopology: (uri?: string, logicalId?: string) => client && createTopology(client, uri, logicalId),
    showMap: (uri: unknown, logicalId: unknown) => client && showMap(client, context, uri, logicalId),
    chooseParameterSet: () => choice.choose(),
    showUses,
    addYamlTags,
    openExample: () => openExample(context),
    getStarted: () =>
      commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false),
  };
  const started = new LanguageClient(
    id,
    name,
    { run: server, debug: { ...server, options: { execArgv: ["--nolazy", "--inspect=6009"] } } },
    {
      documentSelector,
      middleware: { handleDiagnostics: voice.handleDiagnostics },
      outputChannel,
      // Nothing opens by itself: whoever wants the log runs *Show Output*.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      // Only what runs here is offered to be clicked on.
      // Asked for at each start, as a choice outlives the server that it was made for.
      initializationOptions: () => ({
        ...wantsStatus,
        ...choice.remembered(),
        commands: Object.keys(handlers).map(toCommand),
      }),
    },
  );
  client = started;
  const offer = offerYamlTags();
  context.subscriptions.push(
    outputChannel,
    voice,
    offer,
    account,
    choice,
    choice.follow(started),
    showStatus(started, documentSelector, (template) => offer.standBeside(template)),
    ...Object.entries(handlers).map(([handler, run]) => commands.registerCommand(toCommand(handler), run)),
  );
  // Without a running extension there is no server to restart and no output to show.
  void commands.executeCommand("setContext", `${id}.active`, true);
  account.follow(started);
  await started.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function toCommand(handler: string): string {
  return `${id}.${handler}`;
}
