/** `lambda-egress explain`: a rule's documentation for a terminal. */
import type { Colors } from "picocolors/types";
import { distance } from "../edit/spelling";
import { type Catalogue, translate } from "../message";
import type { RuleText } from "../rules/rule";

export interface Page {
  readonly colors: Colors;
  /** Columns to fill. */
  readonly width: number;
  readonly catalogue: Catalogue;
}

/** Returns a rule's documentation, its Markdown laid out for a terminal. */
export function explain({ id, severity, summary, docs }: RuleText, page: Page): string {
  const { colors, catalogue } = page;
  return `${colors.cyan(colors.bold(id))} ${colors.dim(`(${severity})`)}\n${fold(translate(summary, catalogue), page)}\n\n${layOut(translate(docs.trim(), catalogue), page)}\n`;
}

/** Returns all rules with their summaries, one a line. */
export function listRules(rules: readonly RuleText[], { colors, catalogue }: Page): string {
  const column = Math.max(0, ...rules.map(({ id }) => id.length)) + 2;
  return rules
    .map(
      ({ id, severity, summary }) =>
        `${colors.cyan(id.padEnd(column))}${severity.padEnd(13)}${translate(summary, catalogue)}\n`,
    )
    .join("");
}

/** Returns the rules whose ids are nearest to a mistyped one, nearest first; none when all are far. */
export function suggest(id: string, rules: readonly RuleText[]): string[] {
  const wanted = id.toLowerCase();
  return rules
    .map((rule) => ({
      id: rule.id,
      far: rule.id.includes(wanted) && wanted.length > 2 ? 0 : distance(wanted, rule.id),
    }))
    .filter(({ id: other, far }) => far <= Math.max(2, Math.floor(other.length / 3)))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map((rule) => rule.id);
}

/** Lays out the Markdown that docs are written in: headings, paragraphs, lists and fenced code. */
function layOut(docs: string, page: Page): string {
  const { colors } = page;
  const blocks = docs.split(/^(```[^\n]*\n[\s\S]*?^```)$/m);
  return blocks
    .flatMap((block) => {
      if (block.startsWith("```")) {
        const code = block.split("\n").slice(1, -1);
        return [code.map((line) => (line === "" ? "" : `    ${colors.dim(line)}`)).join("\n")];
      }
      return block
        .split(/\n{2,}|\n(?=#|\s*(?:[-*]|\d+\.) )/)
        .map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ""))
        .filter((paragraph) => paragraph !== "")
        .map((paragraph) => layOutParagraph(paragraph, page));
    })
    .reduce(
      (text, block) => (text === "" ? block : `${text}${isItem(text) && isItem(block) ? "\n" : "\n\n"}${block}`),
      "",
    );
}

/** Whether the text's last block is a list item: items of one list stand close together. */
function isItem(text: string): boolean {
  return /^\s*(?:[-*]|\d+\.) /.test(text.slice(text.lastIndexOf("\n\n") + 1).trimStart());
}

function layOutParagraph(paragraph: string, page: Page): string {
  const heading = /^#+ (.*)/.exec(paragraph)?.[1];
  if (heading !== undefined) return page.colors.bold(heading);
  if (/^ *\|/.test(paragraph)) return paragraph;
  const marker = /^ *(?:[-*]|\d+\.) /.exec(paragraph)?.[0] ?? "";
  return marker + fold(paragraph.slice(marker.length), page, marker.length);
}

/** Fills lines up to the width; every line but the first is indented. Marks count for nothing, as they vanish. */
function fold(text: string, { colors, width }: Page, indent = 0): string {
  const lines: string[] = [];
  let line = "";
  for (const word of words(text)) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((one) => inline(one, colors)).join(`\n${" ".repeat(indent)}`);
}

/** Splits at white space, but not within inline code, which keeps its back quotes until it is coloured. */
function words(text: string): string[] {
  const plain = text.replace(
    /(`[^`]*`)|\[([^\]]+)\]\(([^)]+)\)|(\*\*?)(?=\S)([^*]+)\4/g,
    (_, code, label, url, _mark, stressed) => code ?? stressed ?? `${label} (${url})`,
  );
  return plain.match(/(?:`[^`]*`|\S)+/g) ?? [];
}

function inline(line: string, colors: Colors): string {
  return line.replace(/`([^`]+)`/g, (whole, code: string) => (colors.isColorSupported ? colors.cyan(code) : whole));
}
