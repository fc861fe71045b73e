/** The line to the editor, and what becomes of the process when that line ends. */
import { type Connection, createConnection } from "vscode-languageserver/node";

/**
 * Returns a connection over the transport that the command line names (`--stdio`, `--node-ipc`,
 * `--pipe`, `--socket`), and over standard input and output where it names none.
 *
 * The process ends with the connection: the library sees to it when standard input ends and when the
 * editor's process is gone, and here it ends with the IPC channel and with a broken standard output.
 */
export function connect(): Connection {
  const named = process.argv.some((argument) => /^--(stdio|node-ipc|pipe|socket)\b/.test(argument));
  const connection = named ? createConnection() : createConnection(process.stdin, process.stdout);
  process.once("disconnect", () => process.exit(1));
  process.stdout.on("error", () => process.exit(1));
  return connection;
}

/**
 * Returns a handler that logs what `handler` throws and answers `otherwise` in its place, so that one
 * bad file or request never takes the server away from the others.
 */
export function guard<A extends unknown[], R>(
  { console }: Connection,
  name: string,
  otherwise: Awaited<R>,
  handler: (...args: A) => R,
): (...args: A) => R | Awaited<R> | Promise<Awaited<R>> {
  const log = (error: unknown) => {
    console.error(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return otherwise;
  };
  return (...args) => {
    try {
      const result = handler(...args);
      return result instanceof Promise ? result.catch(log) : result;
    } catch (error) {
      return log(error);
    }
  };
}
