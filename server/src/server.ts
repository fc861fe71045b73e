/**
 * The language server: connection, documents, handlers. Importing this module starts it, over the
 * transport that the command line names; that is all the editor's extension and `lambda-egress lsp` do.
 */
import {
  CodeActionKind,
  CodeLensRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  InlayHintRefreshRequest,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceFoldersChangeEvent,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { name, version } from "../../package.json";
import { verdictsIn } from "./analysis";
import { disk } from "./disk";
import { folderFileName } from "./folder-file";
import { type LintOptions, type LintResult, lint, type Meaning } from "./lint";
import { accountNotification, externalsRequest, toExternals } from "./lsp/account";
import { fixAllKind, type Published, toCodeActions, toFixAllAction } from "./lsp/action";
import { toClient, unknownClient } from "./lsp/client";
import { toCompletion } from "./lsp/completion";
import { Configuration } from "./lsp/configuration";
import { connect, guard } from "./lsp/connect";
import { toDiagnostic } from "./lsp/diagnostic";
import { toInlayHints } from "./lsp/hints";
import { toHover } from "./lsp/hover";
import { toImporterLenses } from "./lsp/importer-lens";
import { Importers } from "./lsp/importers";
import { toCodeLenses } from "./lsp/lens";
import { MapRequest, toMap } from "./lsp/map";
import { Neighbours } from "./lsp/neighbours";
import { ParameterSets, setsNotification, setsRequest, showSetRequest, toDocumentSets } from "./lsp/parameter-sets";
import { whenQuiet } from "./lsp/quiet";
import { optionsOf, type Reading, Readings } from "./lsp/reading";
import { statusNotification, toStatus } from "./lsp/status";
import { type TopologyParams, topologyActions, topologyRequest, toTopologies } from "./lsp/topology";
import type { Catalogue } from "./message";
import { internet } from "./network/egress";
import { type Externals, nothingAsked, type Resolved } from "./network/resolved";
import { fromResolvedData } from "./network/resolved-json";
import type { FunctionVerdict } from "./network/verdict";
import { allRules } from "./rules/index";
import { section } from "./settings";
import { catalogueOf } from "./texts/catalogues";

/** Milliseconds that documents wait at the start for a client that never answers the question for its settings. */
const patience = 1000;

/** What an editor asks for completion after by itself, beside letters: what begins a value. */
const triggers = [" ", "-", "[", ",", '"', "!"];

const connection = connect();
const documents = new TextDocuments(TextDocument);
const configuration = new Configuration(connection, new Set(allRules.map(({ id }) => id)), disk);
let client = unknownClient;
/** The texts in the editor's language. */
let catalogue: Catalogue = {};
const parameterSets = new ParameterSets(connection, disk, () => catalogue);
/** The settings are known, or as known as they will be. */
let ready = false;
let onReady = (): void => undefined;
/** Requests that need the settings wait for this. */
const whenReady = new Promise<void>((resolve) => {
  onReady = resolve;
});

/** What the editor was told by an account, when somebody asked it. */
let account: Resolved | undefined;

/** URIs of documents whose diagnostics are out of date. */
const stale = new Set<string>();
const readings = new Readings();
const published = new Map<string, Published>();
const neighbours = new Neighbours({
  connection,
  relink: (uris) => {
    for (const uri of uris) if (documents.get(uri) !== undefined) touch(uri);
    refresh();
  },
  settled: () => importers.renew(),
  filesOf: (uri) => [...readings.filesOf(uri), ...importers.filesOf(uri)],
});
const importers = new Importers({
  open: () => documents.keys(),
  usersOf: (uri) => neighbours.usersOf(uri, documents.get(uri)?.getText() ?? ""),
  read: (uri) => read(uri),
  closed: (uri) => {
    const text = documents.get(uri) === undefined ? neighbours.textOf(uri) : undefined;
    return text === undefined ? undefined : { text, scope: configuration.of(uri), options: optionsFor(uri, text) };
  },
  nameOf: (uri) => configuration.pathOf(uri),
  guarded: guard(connection, "importers", undefined, (step) => step()),
  changed: (uri) => {
    touch(uri);
    refresh();
  },
});

connection.onInitialize(async (params) => {
  client = toClient(params);
  catalogue = await catalogueOf(client.locale);
  configuration.start(client, catalogue);
  neighbours.start(client.folders, client.progress, catalogue);
  parameterSets.shown = client.shownSet;
  ready = !client.configuration;
  if (ready) onReady();
  return {
    serverInfo: { name, version },
    capabilities: {
      positionEncoding: "utf-16",
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
      completionProvider: { triggerCharacters: triggers },
      hoverProvider: true,
      inlayHintProvider: true,
      codeLensProvider: { resolveProvider: false },
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
  const globs = [`**/${folderFileName}`, "**/*.{yaml,yml,json,template,cfn,toml}", "**/.gitignore"];
  const watchers = globs.map((globPattern) => ({ globPattern }));
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

/** Has the editor ask again for what it shows beside the text. */
const refresh = guard(connection, "refresh", undefined, async () => {
  if (client.lensRefresh) await connection.sendRequest(CodeLensRefreshRequest.type);
  if (client.hintRefresh) await connection.sendRequest(InlayHintRefreshRequest.type);
});

const onFolders = guard(connection, "didChangeWorkspaceFolders", undefined, (event: WorkspaceFoldersChangeEvent) => {
  configuration.changeFolders(event);
  void neighbours.changeFolders(configuration.folders);
  return reload();
});

connection.onDidChangeConfiguration(
  guard(connection, "didChangeConfiguration", undefined, ({ settings }) => reload(settings)),
);

connection.onDidChangeWatchedFiles(
  guard(connection, "didChangeWatchedFiles", undefined, ({ changes }) => {
    // A folder's file is read whenever a template is checked, so all there is to do is to check again.
    const others = changes.filter(({ uri }) => !uri.endsWith(`/${folderFileName}`));
    if (parameterSets.changed(others) || others.length < changes.length) touchAll();
    return neighbours.files(others);
  }),
);

connection.onCodeAction(
  guard(connection, "codeAction", [], (params) => {
    const reading = read(params.textDocument.uri);
    if (reading === undefined) return [];
    const { document, meaning } = reading;
    const options = optionsOf(reading);
    return [
      ...toCodeActions(params, document, published.get(document.uri), client.versionedEdits, catalogue),
      ...topologyActions(params, meaning, document, options, client, catalogue),
      ...toFixAllAction(params, meaning.document, document, options, client.versionedEdits, catalogue),
    ];
  }),
);

connection.onRequest(
  topologyRequest,
  guard(connection, topologyRequest, [], (params: TopologyParams) => {
    const reading = read(params.uri);
    if (reading === undefined) return [];
    return toTopologies(reading.meaning, reading.document, params.function, optionsOf(reading), catalogue);
  }),
);

connection.onCodeLens(
  guard(connection, "codeLens", null, (params) =>
    ask(params, (reading) => [
      ...toCodeLenses(reading, client, catalogue),
      ...toImporterLenses(reading, importers.usesOf(reading.document.uri), client, textOf, catalogue),
    ]),
  ),
);

connection.onHover(
  guard(connection, "hover", null, (params) =>
    ask(params, (reading) => toHover(reading, params.position, client, catalogue)),
  ),
);

connection.onCompletion(
  guard(connection, "completion", null, (params) =>
    ask(params, (reading) => toCompletion(reading, params.position, catalogue)),
  ),
);

connection.languages.inlayHint.on(
  guard(connection, "inlayHint", null, (params) =>
    ask(params, (reading) => toInlayHints(reading, params.range, catalogue)),
  ),
);

connection.onRequest(
  MapRequest,
  guard(connection, "map", null, async (params) => {
    await whenReady;
    return toMap(params, () => read(params.textDocument.uri), catalogue);
  }),
);

connection.onNotification(
  accountNotification,
  guard(connection, "account", undefined, (params: { readonly account: unknown }) => {
    account = fromResolvedData(params.account);
    touchAll();
  }),
);

connection.onRequest(
  externalsRequest,
  guard<[], Promise<Externals>>(connection, "externals", nothingAsked, async () => {
    await whenReady;
    return toExternals(documents.keys().flatMap((uri) => read(uri) ?? []));
  }),
);

connection.onRequest(
  setsRequest,
  guard(connection, "parameterSets", { uri: "", sets: [] }, ({ uri }: { readonly uri: string }) =>
    toDocumentSets(uri, read(uri)?.meaning ?? {}),
  ),
);

connection.onRequest(
  showSetRequest,
  guard(connection, "showSet", null, ({ name: shown }: { readonly name: string | null }) => {
    parameterSets.shown = shown ?? undefined;
    touchAll();
    return null;
  }),
);

// Whoever is not told of changed files looks again with each document that is opened.
documents.onDidOpen(() => client.fileEvents || parameterSets.forgetAll());
documents.onDidChangeContent(({ document }) => {
  importers.pause();
  neighbours.edit(document.uri, document.getText());
  touch(document.uri);
});
documents.onDidClose(
  guard(connection, "didClose", undefined, ({ document }) => {
    neighbours.edit(document.uri, undefined);
    importers.forget(document.uri);
    return forget(document.uri);
  }),
);
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
  onReady();
  touchAll();
}

/** Returns what is understood of a document now. */
function read(uri: string): Reading | undefined {
  const document = documents.get(uri);
  if (document === undefined) return undefined;
  return readings.of(document, configuration.of(uri), optionsFor(uri, document.getText()));
}

/** Returns how a template is looked at. */
function optionsFor(uri: string, text: string): LintOptions {
  const scope = configuration.of(uri);
  const { destination } = scope.settings;
  const library = neighbours.of(uri, text);
  const sets = parameterSets.optionsFor(uri, scope, configuration.rootOf(uri));
  return { destination, library, account, ...sets };
}

/** Answers a request about a document; null where there is nothing to say. */
function ask<T>({ textDocument }: { textDocument: { uri: string } }, answer: (reading: Reading) => T): T | null {
  const reading = read(textDocument.uri);
  return reading === undefined ? null : answer(reading);
}

function touchAll(): void {
  readings.renew();
  importers.forgetAll();
  importers.renew();
  for (const uri of documents.keys()) touch(uri);
  refresh();
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
  const reading = read(uri);
  if (reading === undefined) return leave(uri);
  const { document, version, settings, meaning } = reading;
  const { kind, findings: own } = lint(meaning.document, optionsOf(reading), meaning);
  const findings = [...own, ...importers.findings(reading)];
  reading.findings = findings;
  tell(
    uri,
    kind,
    verdictsIn(meaning.functions).map(({ verdict }) => verdict),
    settings.destination,
  );
  tellSets(uri, meaning);
  const noted = client.relatedInformation ? textOf : undefined;
  const diagnostics = findings.map((finding, place) => toDiagnostic(finding, place, document, noted, catalogue));
  published.set(uri, { version, findings, diagnostics });
  return connection.sendDiagnostics({ uri, version, diagnostics });
}

/** Returns the text of another file. */
function textOf(uri: string): string | undefined {
  return neighbours.textOf(uri);
}

/** Tells the client how the document stands, where it wants to know. */
function tell(
  uri: string,
  kind: LintResult["kind"],
  verdicts: readonly FunctionVerdict[],
  destination = internet,
): void {
  if (!client.status) return;
  void connection.sendNotification(statusNotification, toStatus(uri, kind, verdicts, destination, catalogue));
}

function tellSets(uri: string, meaning: Pick<Meaning, "sets" | "shownSet">): void {
  if (client.status) void connection.sendNotification(setsNotification, toDocumentSets(uri, meaning));
}

/** Has nothing to say about an open document. */
function leave(uri: string): Promise<void> | undefined {
  tellSets(uri, {});
  tell(uri, "not-a-template", []);
  return forget(uri);
}

/** Drops what is known of a document, and clears its diagnostics where it has any. */
function forget(uri: string): Promise<void> | undefined {
  readings.forget(uri);
  return published.delete(uri) ? connection.sendDiagnostics({ uri, diagnostics: [] }) : undefined;
}
