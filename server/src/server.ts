/**
 * The language server: connection, documents, handlers. Importing this module starts it, over the
 * transport that the command line names; that is all the editor's extension and `lambda-egress lsp` do.
 */
import {
  CodeActionKind,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceFoldersChangeEvent,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { name, version } from "../../package.json";
import type { Memory } from "./analysis";
import { disk } from "./disk";
import { folderFileName } from "./folder-file";
import { type LintOptions, type LintResult, lint } from "./lint";
import { fixAllKind, type Published, toCodeActions, toFixAllAction } from "./lsp/action";
import { toClient, unknownClient } from "./lsp/client";
import { Configuration } from "./lsp/configuration";
import { connect, guard } from "./lsp/connect";
import { toDiagnostic } from "./lsp/diagnostic";
import { whenQuiet } from "./lsp/quiet";
import { statusNotification, toStatus } from "./lsp/status";
import { type TopologyParams, topologyActions, topologyRequest, toTopologies } from "./lsp/topology";
import { internet } from "./network/egress";
import { allRules } from "./rules/index";
import { section } from "./settings";
import { looksLikeTemplate, parse } from "./template/parse";
import type { Document } from "./template/syntax";

/** Milliseconds that documents wait at the start for a client that never answers the question for its settings. */
const patience = 1000;

const connection = connect();
const documents = new TextDocuments(TextDocument);
const configuration = new Configuration(connection, new Set(allRules.map(({ id }) => id)), disk);
let client = unknownClient;
/** The settings are known, or as known as they will be. */
let ready = false;

/** URIs of documents whose diagnostics are out of date. */
const stale = new Set<string>();
const trees = new Map<string, Document>();
const memories = new Map<string, Memory>();
const published = new Map<string, Published>();

connection.onInitialize((params) => {
  client = toClient(params);
  configuration.start(client);
  ready = !client.configuration;
  return {
    serverInfo: { name, version },
    capabilities: {
      positionEncoding: "utf-16",
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    },
  };
});

connection.onInitialized(() => {
  watch();
  askSettings();
});

const watch = guard(connection, "watching", undefined, async () => {
  if (!client.fileEvents) return;
  const watchers = [{ globPattern: `**/${folderFileName}` }];
  await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
});

const askSettings = guard(connection, "initialized", undefined, async () => {
  if (client.folderEvents) connection.workspace.onDidChangeWorkspaceFolders(onFolders);
  if (!client.configuration) return;
  setTimeout(() => ready || settle(), patience);
  await reload();
  if (client.configurationEvents) {
    await connection.client.register(DidChangeConfigurationNotification.type, { section });
  }
});

const onFolders = guard(connection, "didChangeWorkspaceFolders", undefined, (event: WorkspaceFoldersChangeEvent) => {
  configuration.changeFolders(event);
  return reload();
});

connection.onDidChangeConfiguration(
  guard(connection, "didChangeConfiguration", undefined, ({ settings }) => reload(settings)),
);

// A folder's file is read whenever a template is checked, so all there is to do is to check again.
connection.onDidChangeWatchedFiles(guard(connection, "didChangeWatchedFiles", undefined, () => touchAll()));

connection.onCodeAction(
  guard(connection, "codeAction", [], (params) => {
    const document = documents.get(params.textDocument.uri);
    if (document === undefined) return [];
    const tree = currentTree(document);
    const options = optionsFor(document.uri);
    return [
      ...toCodeActions(params, document, published.get(document.uri), client.versionedEdits),
      ...(tree === undefined ? [] : topologyActions(params, tree, document, options, client)),
      ...(tree === undefined ? [] : toFixAllAction(params, tree, document, options, client.versionedEdits)),
    ];
  }),
);

connection.onRequest(
  topologyRequest,
  guard(connection, topologyRequest, [], (params: TopologyParams) => {
    const document = documents.get(params.uri);
    const tree = document === undefined ? undefined : currentTree(document);
    if (document === undefined || tree === undefined) return [];
    return toTopologies(tree, document, params.function, optionsFor(params.uri));
  }),
);

documents.onDidChangeContent(({ document }) => touch(document.uri));
documents.onDidClose(guard(connection, "didClose", undefined, ({ document }) => forget(document.uri)));
documents.listen(connection);
connection.listen();

/** Brings the settings up to date, then the diagnostics. */
async function reload(pushed?: unknown): Promise<void> {
  try {
    await configuration.load(pushed);
  } finally {
    settle();
  }
}

function settle(): void {
  ready = true;
  touchAll();
}

function touchAll(): void {
  for (const uri of documents.keys()) touch(uri);
}

function touch(uri: string): void {
  stale.add(uri);
  checkSoon();
}

const checkSoon = whenQuiet(() => {
  if (!ready) return;
  for (const uri of stale) checkGuarded(uri);
  stale.clear();
});

const checkGuarded = guard(connection, "lint", undefined, check);

/** Lints a document as it is now and publishes what is found; what is no template gets nothing. */
function check(uri: string): Promise<void> | undefined {
  const document = documents.get(uri);
  if (document === undefined || !isServed(document.languageId)) return forget(uri);
  const { settings, ignored } = configuration.of(uri);
  const text = document.getText();
  if (ignored || !looksLikeTemplate(text)) return leave(uri);
  const previous = trees.get(uri);
  // Parsing uses the old tree up: should it fail, nothing half used is left.
  trees.delete(uri);
  const tree = parse(text, previous);
  const options = { settings, destination: settings.destination, memory: memories.get(uri) };
  const result = lint(tree, options);
  if (result.kind === "not-a-template") return leave(uri);
  trees.set(uri, tree);
  if (result.memory !== undefined) memories.set(uri, result.memory);
  tell(uri, result, settings.destination);
  const diagnostics = result.findings.map((finding) => toDiagnostic(finding, document, client.relatedInformation));
  published.set(uri, { version: document.version, diagnostics });
  return connection.sendDiagnostics({ uri, version: document.version, diagnostics });
}

/** Tells the client how the document stands, where it wants to know. */
function tell(uri: string, result: Pick<LintResult, "kind" | "functions">, destination = internet): void {
  if (client.status) void connection.sendNotification(statusNotification, toStatus(uri, result, destination));
}

/** Has nothing to say about an open document. */
function leave(uri: string): Promise<void> | undefined {
  tell(uri, { kind: "not-a-template", functions: [] });
  return forget(uri);
}

/** Returns the tree of a document's text as it is now: offsets of an older one lead astray. */
function currentTree(document: TextDocument): Document | undefined {
  const { uri, languageId } = document;
  const text = document.getText();
  const tree = trees.get(uri);
  if (tree?.text === text) return tree;
  return isServed(languageId) && !configuration.of(uri).ignored && looksLikeTemplate(text) ? parse(text) : undefined;
}

function optionsFor(uri: string): LintOptions {
  const { settings } = configuration.of(uri);
  return { settings, destination: settings.destination };
}

/** Drops what is known of a document, and clears its diagnostics where it has any. */
function forget(uri: string): Promise<void> | undefined {
  trees.delete(uri);
  memories.delete(uri);
  return published.delete(uri) ? connection.sendDiagnostics({ uri, diagnostics: [] }) : undefined;
}

/** Some editors write the template's dialect behind the language: `yaml.cloudformation`. */
function isServed(languageId: string): boolean {
  return /^(yaml|json|cloudformation)(\.|$)/.test(languageId);
}
