/** What the tests do with the editor: open, look at findings, wait for them. */
import * as path from "node:path";
import * as vscode from "vscode";

export const extensionId = "lambda-egress.lambda-egress";

/** Opens a file of the workspace in an editor. */
export async function open(name: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error("no folder is open");
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Returns the rules of the findings in a document, in order. */
export function rules(document: vscode.TextDocument): string[] {
  return vscode.languages.getDiagnostics(document.uri).map(ruleOf);
}

export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : code);
}

/** Returns the finding of `rule` as soon as the document has one. */
export async function finding(document: vscode.TextDocument, rule: string): Promise<vscode.Diagnostic> {
  await until(document, (found) => found.includes(rule), `the finding ${rule}`);
  const diagnostic = vscode.languages.getDiagnostics(document.uri).find((candidate) => ruleOf(candidate) === rule);
  if (diagnostic === undefined) throw new Error(`${rule} vanished`);
  return diagnostic;
}

/** Waits until the rules of a document's findings are as wanted; says what they were where that never comes. */
export async function until(
  document: vscode.TextDocument,
  wanted: (rules: readonly string[]) => boolean,
  what: string,
): Promise<void> {
  const name = path.basename(document.uri.path);
  await eventually(
    () => wanted(rules(document)),
    () => `waited for ${what} in ${name}, its findings: [${rules(document).join(", ")}]`,
  );
}

/** Waits until a condition holds. */
export async function eventually(holds: () => boolean, complaint: () => string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(complaint());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Replaces the last occurrence of `old`. */
export async function replace(document: vscode.TextDocument, old: string, text: string): Promise<void> {
  const offset = document.getText().lastIndexOf(old);
  if (offset < 0) throw new Error(`the document has no ${old}`);
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + old.length));
  edit.replace(document.uri, range, text);
  if (!(await vscode.workspace.applyEdit(edit))) throw new Error("the edit was refused");
}
