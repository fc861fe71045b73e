/** The editor's side: starts the language server and registers the commands. */
import { commands, type ExtensionContext, window } from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import { checkDeployed, copyMinimalPolicy, wantedBy } from "./check-deployed";
import { insertNatVpc } from "./insert";

/** Also the section of the settings, from which the client reads how much it traces. */
const id = "lambdaEgress";
const name = "Lambda Egress";

let client: LanguageClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const outputChannel = window.createOutputChannel(name, { log: true });
  const server = { module: context.asAbsolutePath("dist/server.js"), transport: TransportKind.ipc };
  const handlers: Readonly<Record<string, (...args: never[]) => unknown>> = {
    restartServer: () => client?.restart(),
    showOutput: () => outputChannel.show(),
    insertNatVpc,
    checkDeployed: (uri: unknown, logicalId: unknown) => checkDeployed(context, wantedBy(uri, logicalId)),
    copyMinimalPolicy,
  };
  const languages = ["yaml", "json", "cloudformation"];
  const started = new LanguageClient(
    id,
    name,
    { run: server, debug: { ...server, options: { execArgv: ["--nolazy", "--inspect=6009"] } } },
    {
      documentSelector: languages.flatMap((language) => [
        { language, scheme: "file" },
        { language, scheme: "untitled" },
      ]),
      outputChannel,
      // Only what runs here is offered to be clicked on.
      initializationOptions: { commands: Object.keys(handlers).map(toCommand) },
    },
  );
  client = started;
  context.subscriptions.push(
    outputChannel,
    ...Object.entries(handlers).map(([handler, run]) => commands.registerCommand(toCommand(handler), run)),
  );
  await started.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function toCommand(handler: string): string {
  return `${id}.${handler}`;
}
