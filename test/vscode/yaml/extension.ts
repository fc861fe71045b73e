/**
 * The YAML extension as our tests meet it: under its own name, with its own language server from npm, and nothing else
 * of it. The real one is on the marketplace alone.
 */
import type { ExtensionContext } from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

/** Where npm put the server; the bundler fills it in. */
declare const YAML_LANGUAGE_SERVER: string;

export async function activate(context: ExtensionContext): Promise<void> {
  const server = { module: YAML_LANGUAGE_SERVER, transport: TransportKind.ipc };
  const client = new LanguageClient("yaml", "YAML Support", server, { documentSelector: [{ language: "yaml" }] });
  context.subscriptions.push(client);
  await client.start();
}
