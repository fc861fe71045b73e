/** Where in a template the snippet `lambda-nat-vpc` goes, and in which form: the text part of the command. */
import { findNodeAtLocation, type Node, parseTree } from "jsonc-parser";

/** The lines of the snippet as a whole document, in each language. */
export interface Snippets {
  readonly yaml: readonly string[];
  readonly json: readonly string[];
}

/** A stretch of the document, in UTF-16 offsets, and the snippet that replaces it. */
export interface Insertion {
  readonly start: number;
  readonly end: number;
  readonly snippet: string;
}

/**
 * Returns the whole document for an empty one, and for a template its resources, at the end of the
 * section `Resources`, under names that are still free. Returns undefined where the text is no template
 * or is written in a way that the lines cannot be added to.
 */
export function toInsertion(text: string, language: "yaml" | "json", snippets: Snippets): Insertion | undefined {
  if (text.trim() === "") return { start: 0, end: text.length, snippet: snippets[language].join("\n") };
  return text.trimStart().startsWith("{") ? intoJson(text, snippets.json) : intoYaml(text, snippets.yaml);
}

function intoYaml(text: string, body: readonly string[]): Insertion | undefined {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  const resources = section(body, /^Resources:/, /^\S/);
  const head = lines.findIndex((line) => /^(["']?)Resources\1\s*:/.test(line));
  if (head === -1) {
    if (!lines.some((line) => /^(["']?)(AWSTemplateFormatVersion|Transform)\1\s*:/.test(line))) return undefined;
    const start = text.trimEnd().length;
    return { start, end: start, snippet: `\n\nResources:\n${resources.join("\n")}` };
  }
  const value = (lines[head] ?? "").replace(/^[^:]*:\s*/, "");
  if (!/^(#.*|\{\s*\}\s*(#.*)?)?$/.test(value)) return undefined;
  const next = lines.findIndex((line, index) => index > head && /^[^\s#]/.test(line));
  const entries = lines.slice(head + 1, next === -1 ? undefined : next);
  // Blank lines and comments at the margin before the next section belong to that section.
  const length = entries.findLastIndex((line) => /^\s+\S/.test(line)) + 1;
  const ids = entries.flatMap((line) => /^\s+["']?(\w+)["']?\s*:/.exec(line)?.[1] ?? []);
  const indent = /^\s+(?=[^\s#])/.exec(entries.find((line) => /^\s+[^\s#]/.test(line)) ?? "")?.[0] ?? "  ";
  const added = shift(withFreeNames(resources, new Set(ids)), "  ", indent).join("\n");
  const end = offsetOfLineEnd(text, head + length);
  if (length > 0) return { start: end, end, snippet: `\n\n${added}` };
  const start = offsetOfLineEnd(text, head) - value.length;
  // `Resources: {}` cannot stay: the entries stand below it.
  return value.startsWith("{") ? { start, end, snippet: `\n${added}` } : { start: end, end, snippet: `\n${added}` };
}

function intoJson(text: string, body: readonly string[]): Insertion | undefined {
  const root = parseTree(text);
  if (root?.type !== "object") return undefined;
  const found = findNodeAtLocation(root, ["Resources"]);
  const resources = section(body, /^ {2}"Resources":/, /^ {2}\}/);
  if (found === undefined) {
    if (!["AWSTemplateFormatVersion", "Transform"].some((key) => findNodeAtLocation(root, [key]))) return undefined;
    return append(root, text, ['  "Resources": {', ...resources, "  }"], "  ");
  }
  if (found.type !== "object") return undefined;
  const ids = new Set(found.children?.map((member) => String(member.children?.[0]?.value)));
  return append(found, text, withFreeNames(resources, ids), "    ");
}

/** Adds members, written with the indentation `written`, behind the last one of a JSON object. */
function append(object: Node, text: string, members: readonly string[], written: string): Insertion {
  const last = object.children?.at(-1);
  if (last === undefined) {
    const outer = indentAt(text, object.offset);
    const snippet = `{\n${shift(members, written, `${outer}  `).join("\n")}\n${outer}}`;
    return { start: object.offset, end: object.offset + object.length, snippet };
  }
  const end = last.offset + last.length;
  return { start: end, end, snippet: `,\n${shift(members, written, indentAt(text, last.offset)).join("\n")}` };
}

/** Returns the lines between the one that opens the section and the one that ends it, blank ones at the end left out. */
function section(body: readonly string[], open: RegExp, close: RegExp): readonly string[] {
  const first = body.findIndex((line) => open.test(line)) + 1;
  const length = body.slice(first).findIndex((line) => close.test(line));
  const lines = body.slice(first, length === -1 ? undefined : first + length);
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

function shift(lines: readonly string[], from: string, to: string): readonly string[] {
  return lines.map((line) => (line.startsWith(from) ? to + line.slice(from.length) : line));
}

/**
 * Returns the resources with the smallest number behind every logical id that makes all of them free.
 * Renamed ones come without placeholders: what is typed into one could be taken again.
 */
function withFreeNames(lines: readonly string[], taken: ReadonlySet<string>): readonly string[] {
  const plain = withoutPlaceholders(lines);
  const margin = /^\s*/.exec(plain[0] ?? "")?.[0] ?? "";
  const key = new RegExp(`^${margin}"?(\\w+)"?:`);
  const ids = plain.flatMap((line) => key.exec(line)?.[1] ?? []);
  if (!ids.some((id) => taken.has(id))) return lines;
  let number = 2;
  while (ids.some((id) => taken.has(id + number))) number++;
  // An id is not one within another word, nor in the name of a type such as AWS::EC2::NatGateway.
  const uses = new RegExp(`(?<![\\w:.-])(${ids.join("|")})(?!\\w|::)`, "g");
  return plain.map((line) => line.replace(uses, `$1${number}`));
}

/** Returns snippet lines with each placeholder `${1:text}` and its later places `${1}` replaced by the text. */
function withoutPlaceholders(lines: readonly string[]): readonly string[] {
  const texts = new Map<string, string>();
  return lines.map((line) =>
    line.replace(/(?<!\\)\$\{(\d+)(?::([^}]*))?\}/g, (_, stop: string, text?: string) => {
      if (text !== undefined) texts.set(stop, text);
      return texts.get(stop) ?? "";
    }),
  );
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^\s*/.exec(line)?.[0] ?? "";
}

/** Returns where the line with this index ends, before its line break. */
function offsetOfLineEnd(text: string, index: number): number {
  let start = 0;
  for (let line = 0; line < index; line++) start = text.indexOf("\n", start) + 1;
  const end = text.indexOf("\n", start);
  if (end === -1) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}
