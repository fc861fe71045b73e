/**
 * What the editor loads: registers the commands, and leaves the rest to a bundle of its own (`session.ts`), which is
 * loaded right after. So an editor that starts is not held up by the language client, which is large.
 */
import { commands, type ExtensionContext, window } from "vscode";
import { type Handlers, id, names, toCommand } from "./commands";
import type { Session } from "./session";

let session: Promise<Session> | undefined;

export function activate(context: ExtensionContext): void {
  const output = window.createOutputChannel("Lambda Egress", { log: true });
  // In a turn of its own: other extensions are activated, and their documents shown, in between.
  const loaded = new Promise((resolve) => setImmediate(resolve)).then(async () => {
    const { startSession } = await import("./session");
    return startSession(context, output);
  });
  session = loaded;
  loaded.catch((error: unknown) => output.error(String(error)));
  const run = async (name: keyof Handlers, args: never[]) => (await loaded).handlers[name](...args);
  context.subscriptions.push(
    output,
    ...names.map((name) => commands.registerCommand(toCommand(name), (...args: never[]) => run(name, args))),
  );
  // Without a running extension there is no server to restart and no output to show.
  void commands.executeCommand("setContext", `${id}.active`, true);
}

export async function deactivate(): Promise<void> {
  await (await session)?.stop();
}
