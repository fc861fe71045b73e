/** The command "Show Egress Map": the network of the template at hand, as a picture beside it that follows the text. */
import { randomBytes } from "node:crypto";
import {
  commands,
  type Disposable,
  type ExtensionContext,
  env,
  l10n,
  Range,
  Uri,
  ViewColumn,
  type Webview,
  type WebviewPanel,
  window,
  workspace,
} from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { MapAnswer, MapParams } from "../../server/src/lsp/map";
import type { Deed, Show } from "./map-messages";

interface View {
  readonly panel: WebviewPanel;
  uri: Uri;
  /** Logical id; empty for all functions. */
  chosen: string;
  /** The last picture that could be drawn. */
  answer: MapAnswer | undefined;
  /** A question is on its way; `again`: the text has changed since. */
  asking: boolean;
  again: boolean;
}

let view: View | undefined;

/** Shows the map of a document; without arguments that of the active editor, of the function at the cursor. */
export async function showMap(
  client: LanguageClient,
  context: ExtensionContext,
  target?: unknown,
  logicalId?: unknown,
): Promise<void> {
  const editor = window.activeTextEditor;
  const uri = typeof target === "string" ? Uri.parse(target) : target instanceof Uri ? target : editor?.document.uri;
  if (uri === undefined) return;
  const named = typeof logicalId === "string" ? logicalId : await functionAt(client, uri);
  if (named === undefined) return;
  if (view === undefined) view = open(client, context, uri);
  view.uri = uri;
  view.chosen = named;
  view.answer = undefined;
  view.panel.reveal(undefined, true);
  await refresh(client);
}

/** Returns the function at the cursor, the only one, or the one that is picked; empty for all of them. */
async function functionAt(client: LanguageClient, uri: Uri): Promise<string | undefined> {
  const answer = await ask(client, { textDocument: { uri: uri.toString() } });
  if (answer === undefined || answer.functions.length === 0) return "";
  const [first, ...others] = answer.functions;
  if (first !== undefined && others.length === 0) return first.id;
  const editor = window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const cursor = editor?.selection.active;
  const here = answer.functions.find(({ range }) => cursor !== undefined && toRange(range).contains(cursor));
  if (here !== undefined) return here.id;
  const all = { label: l10n.t("All functions"), description: "", id: "" };
  const items = answer.functions.map(({ id, says }) => ({ label: id, description: says, id }));
  const picked = await window.showQuickPick([...items, all], { title: l10n.t("Egress map of which function?") });
  return picked?.id;
}

function open(client: LanguageClient, context: ExtensionContext, uri: Uri): View {
  const code = Uri.joinPath(context.extensionUri, "dist");
  const panel = window.createWebviewPanel("lambdaEgress.map", l10n.t("Egress Map"), ViewColumn.Beside, {
    enableScripts: true,
    localResourceRoots: [code],
  });
  panel.webview.html = page(panel.webview, Uri.joinPath(code, "map-panel.js"));
  const listening: Disposable[] = [
    panel.webview.onDidReceiveMessage((deed: Deed) => act(client, deed)),
    workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.toString() === view?.uri.toString()) void refresh(client);
    }),
    panel.onDidChangeViewState(() => {
      if (panel.visible) void refresh(client);
    }),
  ];
  panel.onDidDispose(() => {
    view = undefined;
    for (const one of listening) one.dispose();
  });
  return { panel, uri, chosen: "", answer: undefined, asking: false, again: false };
}

/** Asks for the picture of the text as it is now; while one question is on its way, only the last change asks again. */
async function refresh(client: LanguageClient): Promise<void> {
  const shown = view;
  if (shown === undefined || !shown.panel.visible) return;
  if (shown.asking) {
    shown.again = true;
    return;
  }
  shown.asking = true;
  do {
    shown.again = false;
    const { uri, chosen } = shown;
    const fn = chosen === "" ? {} : { function: chosen };
    const answer = await ask(client, { textDocument: { uri: uri.toString() }, ...fn });
    if (view !== shown) return;
    if (!shown.again) present(shown, answer);
  } while (shown.again);
  shown.asking = false;
}

function present(shown: View, answer: MapAnswer | undefined): void {
  const name = shown.uri.path.slice(shown.uri.path.lastIndexOf("/") + 1);
  shown.answer = answer ?? shown.answer;
  shown.panel.title = l10n.t("Egress: {0}", answer?.function ?? name);
  const last = shown.answer;
  const show: Show = {
    title: answer?.title ?? name,
    svg: answer?.svg ?? "",
    notice: answer === undefined ? l10n.t("{0} cannot be read as a template just now.", name) : "",
    functions: last?.functions.map(({ id, says }) => ({ id, says })) ?? [],
    chosen: last?.function ?? "",
    paths: answer?.paths.map(({ title, steps }) => ({ title, steps })) ?? [],
  };
  void shown.panel.webview.postMessage(show);
}

async function act(client: LanguageClient, deed: Deed): Promise<void> {
  if (view === undefined) return;
  switch (deed.kind) {
    case "ready":
      return refresh(client);
    case "choose":
      view.chosen = deed.id;
      return refresh(client);
    case "jump": {
      const step = view.answer?.paths[deed.path ?? -1]?.steps[deed.step ?? -1];
      const range = step?.range ?? view.answer?.nodes.find(({ id }) => id === deed.node)?.range;
      return range === undefined ? undefined : reveal(view, range);
    }
    case "save":
      return save(view);
    case "mermaid":
      await env.clipboard.writeText(`\`\`\`mermaid\n${view.answer?.mermaid ?? ""}\`\`\`\n`);
      window.setStatusBarMessage(l10n.t("Lambda Egress: copied"), 3000);
  }
}

async function reveal({ uri }: View, range: MapAnswer["nodes"][number]["range"]): Promise<void> {
  const open = window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  await window.showTextDocument(uri, { viewColumn: open?.viewColumn ?? ViewColumn.One, selection: toRange(range) });
}

async function save({ uri, answer }: View): Promise<void> {
  if (answer === undefined) return;
  const proposal = uri.with({ path: uri.path.replace(/(?:\.\w+)?$/, ".svg") });
  const defaultUri = uri.scheme === "file" || uri.scheme === "vscode-remote" ? { defaultUri: proposal } : {};
  const target = await window.showSaveDialog({ ...defaultUri, filters: { SVG: ["svg"] } });
  if (target === undefined) return;
  await workspace.fs.writeFile(target, new TextEncoder().encode(answer.svg));
  const again = l10n.t("Open");
  const wish = await window.showInformationMessage(l10n.t("The map is saved."), again);
  if (wish === again) await commands.executeCommand("vscode.open", target);
}

/** Returns the server's answer; undefined where the document is no template, or the server is not there. */
async function ask(client: LanguageClient, params: MapParams): Promise<MapAnswer | undefined> {
  const answer = await client.sendRequest<MapAnswer | null>("lambdaEgress/map", params).catch(() => null);
  return answer ?? undefined;
}

function toRange({ start, end }: MapAnswer["nodes"][number]["range"]): Range {
  return new Range(start.line, start.character, end.line, end.character);
}

function page(webview: Webview, script: Uri): string {
  const nonce = randomBytes(16).toString("hex");
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  const button = (id: string, text: string, says: string) =>
    `<button type="button" id="${id}" title="${escaped(says)}" aria-label="${escaped(says)}">${escaped(text)}</button>`;
  return `<!DOCTYPE html>
<html lang="${escaped(env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(l10n.t("Egress Map"))}</title>
<style nonce="${nonce}">${style}</style>
<style nonce="${nonce}" id="look"></style>
</head>
<body>
<header>
<select id="function" aria-label="${escaped(l10n.t("Function"))}" data-all="${escaped(l10n.t("All functions"))}"></select>
<span class="buttons" role="group" aria-label="${escaped(l10n.t("Zoom"))}">
${button("out", "−", l10n.t("Zoom out (-)"))}
${button("fit", "0", l10n.t("Fit (0)"))}
${button("in", "+", l10n.t("Zoom in (+)"))}
</span>
<span class="buttons">
${button("save", l10n.t("Save as SVG"), l10n.t("Save as SVG"))}
${button("mermaid", l10n.t("Copy Mermaid"), l10n.t("Copy Mermaid"))}
</span>
<p id="notice" role="status"></p>
</header>
<main id="stage"></main>
<section id="paths" data-passed="${escaped(l10n.t("passed"))}" data-failed="${escaped(l10n.t("failed"))}" data-unknown="${escaped(l10n.t("unknown"))}" aria-label="${escaped(l10n.t("The path in words"))}"></section>
<script nonce="${nonce}" src="${webview.asWebviewUri(script)}"></script>
</body>
</html>
`;
}

function escaped(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
body { margin: 0; padding: 0; color: var(--vscode-foreground); background: var(--vscode-editor-background); font: var(--vscode-font-size) var(--vscode-font-family); }
header { position: sticky; top: 0; left: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .6rem; padding: .5rem .8rem; background: var(--vscode-editor-background); border-bottom: 1px solid var(--vscode-widget-border, rgba(128, 128, 128, .35)); }
.buttons { display: inline-flex; gap: .25rem; }
select, header button { font: inherit; padding: .2rem .55rem; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-contrastBorder, var(--vscode-button-border, transparent)); border-radius: 3px; cursor: pointer; }
select { max-width: 20rem; color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border-color: var(--vscode-dropdown-border, transparent); }
header button:hover { background: var(--vscode-button-secondaryHoverBackground); }
:is(button, select):focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.old #notice { flex-basis: 100%; margin: 0; font-weight: 600; }
body:not(.old) #notice, .hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; margin: 0; overflow: hidden; white-space: nowrap; }
.old #stage { opacity: .45; }
#stage { overflow: auto; text-align: center; padding: .5rem 0; }
#stage svg { display: inline-block; vertical-align: top; }
#paths { padding: .2rem 1rem 2rem; border-top: 1px solid var(--vscode-widget-border, rgba(128, 128, 128, .35)); }
#paths h2 { font-size: 1em; margin: 1rem 0 .3rem; }
#paths ol { margin: 0; padding-left: 1.2rem; line-height: 1.5; }
#paths li { list-style: "✓ "; }
#paths li::marker { color: var(--vscode-charts-green, green); font-weight: bold; }
#paths li.failed { list-style: "✗ "; }
#paths li.failed::marker { color: var(--vscode-charts-red, red); }
#paths li.unknown { list-style: "? "; }
#paths li.unknown::marker { color: var(--vscode-editorWarning-foreground, orange); }
#paths button { all: unset; cursor: pointer; vertical-align: top; }
#paths button:hover { color: var(--vscode-textLink-foreground); text-decoration: underline; }
#paths button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
`;
