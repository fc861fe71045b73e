/** One fault, said once: where the editor's own JSON or YAML support complains that the text is broken, we do not. */
import { type Diagnostic, type Disposable, languages, type Uri } from "vscode";
import type { HandleDiagnosticsSignature } from "vscode-languageclient/node";

/** Under these names the built-in JSON support and the YAML extension report what no parser can read. */
const parsers = new Set(["json", "jsonc", "YAML"]);

/** The rule for text that cannot be read. All others see more than a parser does, and always stand. */
const rule = "template-syntax";

interface Published {
  readonly uri: Uri;
  readonly diagnostics: readonly Diagnostic[];
  readonly show: HandleDiagnosticsSignature;
  /** How many of them are on the screen. */
  shown: number;
}

/** What the client does with the server's diagnostics, and with those of others that come or go. */
export function oneVoice(): Disposable & { readonly handleDiagnostics: Middleware } {
  const published = new Map<string, Published>();
  const show = (entry: Published) => {
    const kept = withoutEchoes(entry);
    entry.shown = kept.length;
    entry.show(entry.uri, kept);
  };
  const listening = languages.onDidChangeDiagnostics(({ uris }) => {
    for (const uri of uris) {
      const entry = published.get(uri.toString());
      // Our own change is heard here as well, and changes nothing more.
      if (entry !== undefined && withoutEchoes(entry).length !== entry.shown) show(entry);
    }
  });
  return {
    handleDiagnostics(uri, diagnostics, next) {
      const entry = { uri, diagnostics, show: next, shown: 0 };
      if (diagnostics.some(isSyntax)) published.set(uri.toString(), entry);
      else published.delete(uri.toString());
      show(entry);
    },
    dispose: () => listening.dispose(),
  };
}

type Middleware = (uri: Uri, diagnostics: Diagnostic[], next: HandleDiagnosticsSignature) => void;

function withoutEchoes({ uri, diagnostics }: Published): Diagnostic[] {
  const others = languages.getDiagnostics(uri).filter(({ source = "" }) => parsers.has(source));
  const lines = new Set(others.map(({ range }) => range.start.line));
  return diagnostics.filter((diagnostic) => !isSyntax(diagnostic) || !lines.has(diagnostic.range.start.line));
}

function isSyntax({ code }: Diagnostic): boolean {
  return (typeof code === "object" ? code.value : code) === rule;
}
