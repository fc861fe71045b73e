/** What runs once the extension is active: the language server, what is shown of it, and what the commands do. */
import { commands, type ExtensionContext, type LogOutputChannel } from "vscode";
import { LanguageClient, RevealOutputChannelOn, TransportKind } from "vscode-languageclient/node";
import { addYamlTags, offerYamlTags } from "./add-yaml-tags";
import { checkDeployed, copyMinimalPolicy, wantedBy } from "./check-deployed";
import { type Handlers, id, names, toCommand } from "./commands";
import { openExample } from "./example";
import { insertNatVpc } from "./insert";
import { showMap } from "./map-view";
import { oneVoice } from "./one-voice";
import { ParameterSetChoice } from "./parameter-set";
import { accountData } from "./resolve";
import { serverFlags } from "./server-flags";
import { showStatus, wantsStatus } from "./status";
import { createTopology } from "./topology";
import { showUses } from "./uses";

export interface Session {
  readonly handlers: Handlers;
  stop(): Promise<void>;
}

/** Starts the server, and does not wait for it. */
export function startSession(context: ExtensionContext, outputChannel: LogOutputChannel): Session {
  const server = { module: context.asAbsolutePath("dist/server.js"), transport: TransportKind.ipc };
  const documentSelector = ["yaml", "json", "cloudformation"].flatMap((language) => [
    { language, scheme: "file" },
    { language, scheme: "untitled" },
  ]);
  const voice = oneVoice();
  const choice = new ParameterSetChoice(context.workspaceState, documentSelector);
  const client = new LanguageClient(
    id,
    "Lambda Egress",
    {
      run: { ...server, options: { execArgv: [...serverFlags] } },
      debug: { ...server, options: { execArgv: ["--nolazy", "--inspect=6009"] } },
    },
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
        commands: names.map(toCommand),
      }),
    },
  );
  const account = accountData(context, client, documentSelector);
  const offer = offerYamlTags();
  context.subscriptions.push(
    voice,
    offer,
    account,
    choice,
    choice.follow(client),
    showStatus(client, documentSelector, (template) => offer.standBeside(template)),
  );
  client.start().catch((error: unknown) => outputChannel.error(String(error)));
  return {
    handlers: {
      restartServer: () => client.restart(),
      showOutput: () => outputChannel.show(),
      insertNatVpc,
      checkDeployed: (uri: unknown, logicalId: unknown) => checkDeployed(context, wantedBy(uri, logicalId)),
      copyMinimalPolicy,
      resolveExternal: () => account.resolve(),
      forgetAccount: () => account.forget(),
      createTopology: (uri?: string, logicalId?: string) => createTopology(client, uri, logicalId),
      showMap: (uri: unknown, logicalId: unknown) => showMap(client, context, uri, logicalId),
      chooseParameterSet: () => choice.choose(),
      showUses,
      addYamlTags,
      openExample: () => openExample(context),
      getStarted: () =>
        commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#start`, false),
    },
    stop: () => client.stop(),
  };
}
