/** The template that the walkthrough shows: a function in a public subnet, to be looked at and mended. */
import { type ExtensionContext, Range, Uri, window, workspace } from "vscode";

/** What is wrong in it. */
const fault = "!Ref PublicSubnet\n        SecurityGroupIds";

/** Opens the example as a document of its own, with the cursor where the fault is. */
export async function openExample({ extensionUri }: ExtensionContext): Promise<void> {
  const bytes = await workspace.fs.readFile(Uri.joinPath(extensionUri, "examples/public-subnet.yaml"));
  const content = new TextDecoder().decode(bytes);
  const document = await workspace.openTextDocument({ language: "yaml", content });
  const place = document.positionAt(Math.max(0, document.getText().indexOf(fault)));
  await window.showTextDocument(document, { preview: false, selection: new Range(place, place) });
}
