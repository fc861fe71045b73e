/** The view beside the editor that shows what was found out about a deployed function. */
import { randomBytes } from "node:crypto";
import { env, l10n, Range, type Uri, ViewColumn, type WebviewPanel, window } from "vscode";
import type { Copy, ReportView } from "../../server/src/account";

let panel: WebviewPanel | undefined;
let shown: { readonly view: ReportView; readonly template: Uri | undefined } | undefined;

/** Shows a report in the place of the one before it. `template` is what its links to lines lead into. */
export function showReport(view: ReportView, template?: Uri): void {
  shown = { view, template };
  if (panel === undefined) {
    panel = window.createWebviewPanel("lambdaEgress.report", view.title, ViewColumn.Beside, {
      enableScripts: true,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => {
      panel = undefined;
      shown = undefined;
    });
    panel.webview.onDidReceiveMessage((request: { readonly copy: Copy } | { readonly open: number }) =>
      "open" in request ? opened(request.open) : copied(request.copy),
    );
  }
  panel.title = l10n.t("Egress: {0}", view.title);
  panel.webview.html = view.html({ nonce: randomBytes(16).toString("hex") });
  panel.reveal(undefined, true);
}

async function copied(copy: Copy): Promise<void> {
  const text = shown?.view.copies[copy];
  if (text === undefined) return;
  await env.clipboard.writeText(text);
  window.setStatusBarMessage(l10n.t("Lambda Egress: copied"), 3000);
}

/** The page names a row only; which file and line that is, it cannot say. */
async function opened(row: number): Promise<void> {
  const place = shown?.view.places[row];
  if (place === undefined || shown?.template === undefined) return;
  const selection = new Range(place.line, place.character, place.line, place.character);
  await window.showTextDocument(shown.template, { selection, viewColumn: ViewColumn.One });
}
