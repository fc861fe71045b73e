/** What the editor can do, as far as the server's answers depend on it. */
import type { InitializeParams } from "vscode-languageserver";
import { section } from "../settings";

export interface Client {
  /** Answers `workspace/configuration`. */
  readonly configuration: boolean;
  /** Sends `didChangeConfiguration` only when asked to. */
  readonly configurationEvents: boolean;
  readonly folderEvents: boolean;
  /** Watches files when asked to. */
  readonly fileEvents: boolean;
  readonly relatedInformation: boolean;
  readonly versionedEdits: boolean;
  /** Shows the status of each document; see `status.ts`. */
  readonly status: boolean;
  /** Asks for code lenses again when told to. */
  readonly lensRefresh: boolean;
  readonly hintRefresh: boolean;
  /** Shows how long work takes that it is told of. */
  readonly progress: boolean;
  /** Shows hovers in Markdown. */
  readonly markdown: boolean;
  /** The commands that the client runs by itself; others are not offered. */
  readonly commands: ReadonlySet<string>;
  /** The parameter set that was shown last. */
  readonly shownSet: string | undefined;
  /** URIs of the folders open at the start. */
  readonly folders: readonly string[];
  /** Settings given at the start, for clients that cannot be asked. */
  readonly settings: unknown;
  /** The language that the person reads, as the editor names it. */
  readonly locale: string | undefined;
}

/** A client that can do nothing, as long as none has said what it can. */
export const unknownClient: Client = {
  configuration: false,
  configurationEvents: false,
  folderEvents: false,
  fileEvents: false,
  relatedInformation: false,
  versionedEdits: false,
  status: false,
  lensRefresh: false,
  hintRefresh: false,
  progress: false,
  markdown: false,
  commands: new Set(),
  shownSet: undefined,
  folders: [],
  settings: undefined,
  locale: undefined,
};

/** Returns what the parameters of `initialize` say about the client. */
export function toClient(params: InitializeParams): Client {
  const { workspace, textDocument } = params.capabilities;
  const root = params.rootUri;
  const { status, commands, shownSet, settings } = readOptions(params.initializationOptions);
  return {
    configuration: workspace?.configuration === true,
    configurationEvents: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    folderEvents: workspace?.workspaceFolders === true,
    fileEvents: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    relatedInformation: textDocument?.publishDiagnostics?.relatedInformation === true,
    versionedEdits: workspace?.workspaceEdit?.documentChanges === true,
    lensRefresh: workspace?.codeLens?.refreshSupport === true,
    hintRefresh: workspace?.inlayHint?.refreshSupport === true,
    progress: params.capabilities.window?.workDoneProgress === true,
    markdown: textDocument?.hover?.contentFormat?.includes("markdown") === true,
    commands: new Set(Array.isArray(commands) ? commands.filter((id) => typeof id === "string") : []),
    shownSet: typeof shownSet === "string" ? shownSet : undefined,
    folders: params.workspaceFolders?.map(({ uri }) => uri) ?? (typeof root === "string" ? [root] : []),
    status: status === true,
    settings: ownSection(settings),
    locale: params.locale,
  };
}

interface Options {
  readonly status?: unknown;
  readonly commands?: unknown;
  readonly shownSet?: unknown;
  readonly settings: unknown;
}

/** What a client announces of itself stands beside its settings. */
function readOptions(value: unknown): Options {
  if (typeof value !== "object" || value === null) return { settings: value };
  const { status, commands, shownSet, ...settings } = value as Readonly<Record<string, unknown>>;
  return { status, commands, shownSet, settings: Object.keys(settings).length === 0 ? undefined : settings };
}

/** Returns this server's part of pushed settings, which come with or without the section's name around them. */
export function ownSection(value: unknown): unknown {
  const within = typeof value === "object" && value !== null && section in value;
  return within ? (value as Readonly<Record<string, unknown>>)[section] : value;
}
