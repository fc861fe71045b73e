/** The command that brings a function with a NAT gateway into the template at hand, or into a new one. */
import { Range, SnippetString, type TextDocument, TextEditorRevealType, window, workspace } from "vscode";
import jsonSnippets from "../../snippets/json.json";
import yamlSnippets from "../../snippets/yaml.json";
import { type Snippets, toInsertion } from "./nat-vpc";

const snippets: Snippets = { yaml: bodyOf(yamlSnippets), json: bodyOf(jsonSnippets) };

/** Inserts the resources where they are valid; where they are not, opens a new template with them. */
export async function insertNatVpc(): Promise<void> {
  let editor = window.activeTextEditor;
  let insertion = editor && isTemplateLanguage(editor.document) ? insertionFor(editor.document) : undefined;
  if (editor === undefined || insertion === undefined) {
    const document = await workspace.openTextDocument({ language: "yaml", content: "" });
    editor = await window.showTextDocument(document);
    insertion = insertionFor(document);
  }
  if (insertion === undefined) return;
  const { document } = editor;
  const range = new Range(document.positionAt(insertion.start), document.positionAt(insertion.end));
  await editor.insertSnippet(new SnippetString(insertion.snippet), range, {
    undoStopBefore: true,
    undoStopAfter: true,
    // The lines are indented for the place where they go.
    keepWhitespace: true,
  });
  editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
}

function insertionFor(document: TextDocument) {
  return toInsertion(document.getText(), document.languageId === "json" ? "json" : "yaml", snippets);
}

function isTemplateLanguage({ languageId }: TextDocument): boolean {
  return languageId === "yaml" || languageId === "json" || languageId === "cloudformation";
}

function bodyOf(file: Readonly<Record<string, { prefix: string; body: readonly string[] }>>): readonly string[] {
  return Object.values(file).find(({ prefix }) => prefix === "lambda-nat-vpc")?.body ?? [];
}
