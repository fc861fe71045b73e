/** The texts for people that the sources hold, read by TypeScript's own parser. */
import { relative, resolve } from "node:path";
import {
  type CallExpression,
  type Expression,
  isCallExpression,
  isConditionalExpression,
  isIdentifier,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
  isTemplateHead,
  isTemplateMiddle,
  isTemplateTail,
  type NewExpression,
  type Node,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

const root = resolve(import.meta.dirname, "..");

export interface Texts {
  /** Templates of `message("…")`, with the place of the first. */
  readonly messages: ReadonlyMap<string, string>;
  /** Texts of `l10n.t("…")`. */
  readonly l10n: ReadonlyMap<string, string>;
  /** Calls of `message` and `l10n.t` whose text stands elsewhere, so that nobody can translate it. */
  readonly hidden: readonly string[];
  /** Calls of `render` without a catalogue, which speak English to everybody. */
  readonly bare: readonly string[];
  /** What reads like a sentence and is no message. */
  readonly plain: readonly string[];
}

/** Returns the texts in `server/src`, in `client/src`, and in the scripts that describe rules in package.json and on pages. */
export function readTexts(): Texts {
  const messages = new Map<string, string>();
  const l10n = new Map<string, string>();
  const hidden: string[] = [];
  const bare: string[] = [];
  const plain: string[] = [];
  const note = (found: Map<string, string>, texts: readonly string[] | undefined, place: Place): void => {
    if (texts === undefined) hidden.push(place());
    for (const text of texts ?? []) if (!found.has(text)) found.set(text, place());
  };
  const seeCall = (call: Call, place: Place, path: string): void => {
    const [first, second] = call.arguments ?? [];
    switch (calleeOf(call)) {
      case "message":
        note(messages, textsOf(first), place);
        break;
      case "l10n.t":
        note(l10n, textsOf(first), place);
        break;
      case "render":
        if (second === undefined) bare.push(place());
        break;
      default:
        if (path === commandLine) note(messages, helpIn(call), place);
    }
  };
  forEachNode((node, place, path, isSpoken) => {
    if (isCall(node)) seeCall(node, place, path);
    else if (!isSpoken && readsLikeASentence(node)) plain.push(place());
  });
  return { messages, l10n, hidden, bare, plain };
}

type Call = CallExpression | NewExpression;

/** Returns file and line, which most nodes are never asked for. */
type Place = () => string;

const commandLine = "server/src/cli/program.ts";

/** Hands out every node; `isSpoken` where it belongs to what is translated, or to the error of a programmer. */
function forEachNode(see: (node: Node, place: Place, path: string, isSpoken: boolean) => void): void {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProjects: ["tsconfig.json"] }).getProjects();
    for (const name of project?.program.getSourceFileNames() ?? []) {
      const path = relative(root, name).replaceAll("\\", "/");
      const file = isSource(path) ? project?.program.getSourceFile(name) : undefined;
      if (file === undefined) continue;
      const lineOf = (node: Node) => file.text.slice(0, node.getStart(file)).split("\n").length;
      const visit = (node: Node, isSpoken: boolean): void => {
        // In a chain of calls, each stands where its own name does.
        const named = isCall(node) && isPropertyAccessExpression(node.expression) ? node.expression.name : node;
        see(node, () => `${path}:${lineOf(named)}`, path, isSpoken);
        const within = isSpoken || speaks(node, path);
        node.forEachChild((child) => {
          visit(child, within);
        });
      };
      // What settings say goes into package.json, and is translated there; scripts speak to programmers.
      file.forEachChild((child) => {
        visit(child, /^scripts\/|^server\/src\/settings\.ts$/.test(path));
      });
    }
  } finally {
    api.close();
  }
}

function isSource(file: string): boolean {
  return /^(?:server|client)\/src\/.*\.ts$/.test(file) || /^scripts\/(?:generate-package|rule-pages)\.mts$/.test(file);
}

function isCall(node: Node): node is Call {
  return isCallExpression(node) || isNewExpression(node);
}

/** Tells whether what stands in a node is translated somehow, or is not for people. */
function speaks(node: Node, path: string): boolean {
  if (isPropertyAssignment(node)) return /^(?:docs|summary|bad|good|GroupDescription)$/.test(node.name.getText());
  if (!isCall(node)) return false;
  const name = calleeOf(node) ?? "";
  return /^(?:message|l10n\.t|\w*Error)$/.test(name) || (path === commandLine && helpIn(node)?.length !== 0);
}

/** Three small words in a row; what has braces or `#!` is code, and `aws` begins a command. */
function readsLikeASentence(node: Node): boolean {
  const isText =
    isStringLiteral(node) ||
    isNoSubstitutionTemplateLiteral(node) ||
    isTemplateHead(node) ||
    isTemplateMiddle(node) ||
    isTemplateTail(node);
  return isText && /[a-z]{2,} [a-z]{2,} [a-z]{2,}/.test(node.text) && !/[{}]|^aws |^#!/.test(node.text);
}

/** Returns the literal texts that an expression may be; undefined for what is not written here. */
function textsOf(expression: Expression | undefined): string[] | undefined {
  if (expression === undefined) return undefined;
  if (isStringLiteral(expression) || isNoSubstitutionTemplateLiteral(expression)) return [expression.text];
  if (!isConditionalExpression(expression)) return undefined;
  const [yes, no] = [textsOf(expression.whenTrue), textsOf(expression.whenFalse)];
  return yes && no && [...yes, ...no];
}

/** Returns what a declaration of the command line says in its help; of examples, which are indented, nothing. */
function helpIn(call: Call): string[] | undefined {
  const [first, second] = call.arguments ?? [];
  const name = calleeOf(call)?.replace(/^.*\./, "");
  if (name === "description" || name === "showHelpAfterError" || name === "error") return textsOf(first);
  if (name === "option" || name === "argument" || name === "Option") return textsOf(second);
  if (name !== "addHelpText") return [];
  return textsOf(second)?.flatMap((text) => text.split("\n").filter((line) => /^\S/.test(line)));
}

/** Returns `name` or `object.name`; of what a call gives only `.name`. */
function calleeOf({ expression }: Call): string | undefined {
  if (isIdentifier(expression)) return expression.text;
  if (!isPropertyAccessExpression(expression)) return undefined;
  const owner = isIdentifier(expression.expression) ? expression.expression.text : "";
  return `${owner}.${expression.name.text}`;
}
