/** The view beside the editor that shows what was found out about a deployed function. */
import { randomBytes } from "node:crypto";
import { env, ViewColumn, type WebviewPanel, window } from "vscode";
import type { Copy, ReportView } from "../../server/src/account";

let panel: WebviewPanel | undefined;
let shown: ReportView | undefined;

/** Shows a report in the place of the one before it. */
export function showReport(view: ReportView): void {
  shown = view;
  if (panel === undefined) {
    panel = window.createWebviewPanel("lambdaEgress.report", view.title, ViewColumn.Beside, {
      enableScripts: true,
      localResourceRoots: [],
    });
    panel.onDidDispose(() => {
      panel = undefined;
      shown = undefined;
    });
    panel.webview.onDidReceiveMessage(({ copy }: { copy: Copy }) => copied(copy));
  }
  panel.title = `Egress: ${view.title}`;
  panel.webview.html = view.html({ nonce: randomBytes(16).toString("hex") });
  panel.reveal(undefined, true);
}

async function copied(copy: Copy): Promise<void> {
  const text = shown?.copies[copy];
  if (text === undefined) return;
  await env.clipboard.writeText(text);
  window.setStatusBarMessage("Lambda Egress: copied", 3000);
}
