/** An editor for tests: talks to the language server in a process of its own, as an editor does. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  type ClientCapabilities,
  type CodeAction,
  CodeActionKind,
  CodeActionRequest,
  CodeLensRefreshRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type InitializeResult,
  InlayHintRefreshRequest,
  LogMessageNotification,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  type Range,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";

/** What an editor like VS Code can do, as far as this server asks. */
export const capable: ClientCapabilities = {
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    workspaceFolders: true,
    workspaceEdit: { documentChanges: true },
  },
  textDocument: { publishDiagnostics: { relatedInformation: true, versionSupport: true, dataSupport: true } },
};

export interface SessionOptions {
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
  readonly locale?: string;
  /** For Node.js. */
  readonly flags?: readonly string[];
  readonly folders?: readonly string[];
  /** The program, where it is not the one that was built. */
  readonly server?: string;
  /** The value of the section `lambdaEgress` for a folder, or for no folder. */
  readonly settings?: (scope: string | undefined) => unknown;
}

const built = fileURLToPath(new URL("../dist/server.js", import.meta.url));

/** Starts a server and shakes hands with it. */
export async function startSession(options: SessionOptions = {}): Promise<Session> {
  const session = new Session(options);
  await session.initialize(options);
  return session;
}

export class Session {
  readonly process: ChildProcess;
  readonly connection: ProtocolConnection;
  readonly published: PublishDiagnosticsParams[] = [];
  readonly log: string[] = [];
  readonly registered: string[] = [];
  /** What the server has had the editor ask for again. */
  readonly refreshed: string[] = [];
  settings: (scope: string | undefined) => unknown;
  initialized: InitializeResult | undefined;
  stderr = "";
  readonly #documents = new Map<string, TextDocument>();
  readonly #waiting = new Set<() => void>();

  constructor({ settings = () => null, flags = [], server = built }: SessionOptions) {
    this.settings = settings;
    this.process = spawn(process.execPath, [...flags, server, "--stdio"], { stdio: "pipe" });
    const { stdin, stdout, stderr } = this.process;
    assert.ok(stdin && stdout && stderr);
    stderr.on("data", (data) => {
      this.stderr += data;
    });
    this.connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.published.push(params);
      this.#wake();
    });
    this.connection.onNotification(LogMessageNotification.type, ({ message }) => {
      this.log.push(message);
      this.#wake();
    });
    this.connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ section, scopeUri }) => (section === "lambdaEgress" ? this.settings(scopeUri) : null)),
    );
    this.connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registered.push(...registrations.map(({ method }) => method));
      this.#wake();
    });
    for (const { type } of [{ type: CodeLensRefreshRequest.type }, { type: InlayHintRefreshRequest.type }]) {
      this.connection.onRequest(type, () => {
        this.refreshed.push(type.method);
        this.#wake();
      });
    }
    this.connection.listen();
  }

  async initialize(options: SessionOptions): Promise<void> {
    const { capabilities = capable, initializationOptions, folders = [], locale } = options;
    this.initialized = await this.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities,
      initializationOptions,
      ...(locale === undefined ? {} : { locale }),
      workspaceFolders: folders.map((uri) => ({ uri, name: uri })),
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
  }

  /** Opens a document; the return value is for the other calls. */
  open(uri: string, text: string, languageId = "yaml"): string {
    const document = TextDocument.create(uri, languageId, 1, text);
    this.#documents.set(uri, document);
    void this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId, version: 1, text },
    });
    return uri;
  }

  /** Replaces the first occurrence of `old` and sends only that change. */
  replace(uri: string, old: string, text: string): number {
    const start = this.text(uri).indexOf(old);
    assert.notEqual(start, -1, `${JSON.stringify(old)} is not in the document`);
    const document = this.document(uri);
    return this.edit(uri, {
      range: { start: document.positionAt(start), end: document.positionAt(start + old.length) },
      newText: text,
    });
  }

  /** Sends the edits as one change, the last place first, and returns the new version. */
  edit(uri: string, ...edits: readonly TextEdit[]): number {
    const document = this.document(uri);
    const changes = [...edits]
      .sort((a, b) => document.offsetAt(b.range.start) - document.offsetAt(a.range.start))
      .map(({ range, newText }) => ({ range, text: newText }));
    const version = document.version + 1;
    this.#documents.set(uri, TextDocument.update(document, changes, version));
    void this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: changes,
    });
    return version;
  }

  close(uri: string): void {
    this.#documents.delete(uri);
    void this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  configure(settings: unknown): void {
    void this.connection.sendNotification(DidChangeConfigurationNotification.type, { settings });
  }

  document(uri: string): TextDocument {
    const document = this.#documents.get(uri);
    assert.ok(document, `${uri} is not open`);
    return document;
  }

  /** Returns the text of the document, or of a range in it. */
  text(uri: string, range?: Range): string {
    return this.document(uri).getText(range);
  }

  /** Waits until diagnostics of the document as it is now have come after the first `since` publications. */
  async diagnostics(uri: string, since = 0): Promise<readonly Diagnostic[]> {
    const { version } = this.document(uri);
    const latest = () =>
      this.published.slice(since).findLast((params) => params.uri === uri && params.version === version);
    await this.until(() => latest() !== undefined, `diagnostics of version ${version} of ${uri}`);
    return latest()?.diagnostics ?? [];
  }

  async codeActions(uri: string, diagnostics: readonly Diagnostic[], only?: readonly string[]): Promise<CodeAction[]> {
    const range = diagnostics[0]?.range ?? { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const context = { diagnostics: [...diagnostics], ...(only && { only: [...only] }) };
    const answer = await this.connection.sendRequest(CodeActionRequest.type, { textDocument: { uri }, range, context });
    return (answer ?? []) as CodeAction[];
  }

  /** Returns the quick fixes of each of the diagnostics, by one question for all of them. */
  async fixes(uri: string, diagnostics: readonly Diagnostic[]): Promise<CodeAction[][]> {
    const actions = await this.codeActions(uri, diagnostics, [CodeActionKind.QuickFix]);
    return diagnostics.map(({ data }) => actions.filter((one) => one.diagnostics?.[0]?.data.finding === data.finding));
  }

  /** Waits until something that arrives makes `holds` true. */
  async until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no ${what}; standard error: ${this.stderr}; log: ${this.log.join("\n")}`));
      }, 8000);
      const look = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  /** Ends the server as an editor does and returns its exit status. */
  async stop(): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const exit = once(this.process, "exit");
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const [status] = await exit;
    this.connection.dispose();
    return status;
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
