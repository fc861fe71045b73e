/** TOML, YAML and JSON as one tree of texts, in which every node knows its line. */
import { parse as parseToml, TomlError } from "smol-toml";
import { type Message, message } from "../message";
import { parse } from "../template/parse";
import { isNull, type Node, spanOf } from "../template/syntax";
import type { ValueComplaint } from "./parameter-set";

/** Lines are counted from one. */
export type Tree = { readonly line: number } & (
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Tree> }
);

export interface Reading {
  /** Absent where nothing could be read. */
  readonly tree: Tree | undefined;
  readonly complaints: readonly ValueComplaint[];
}

/** Returns the tree of a file's text, by the ending of its name; never throws. */
export function readTree(text: string, file: string): Reading {
  return /\.toml$/i.test(file) ? fromToml(text) : fromYaml(text);
}

/** Returns the entry of a map; undefined where there is none, or no map. */
export function under(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
  return path.reduce((at, key) => (at?.kind === "map" ? at.entries.get(key) : undefined), tree);
}

/** Returns the text of a tree that is one, undefined for others. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "text" ? tree.text : undefined;
}

function fromYaml(text: string): Reading {
  const { root, problems } = parse(text);
  const lineAt = lineCounter(text);
  const toTree = (node: Node): Tree => {
    const line = lineAt(spanOf(node).start);
    if (isNull(node)) return { kind: "nothing", line };
    switch (node.kind) {
      case "scalar":
        return { kind: "text", text: node.text, line };
      case "list":
        return { kind: "list", items: node.items.map(toTree), line };
      case "map": {
        const entries = node.entries.map(({ key, value }) => {
          const at = lineAt(spanOf(key).start);
          return [key.text, { ...toTree(value), line: at }] as const;
        });
        return { kind: "map", entries: new Map(entries), line };
      }
    }
  };
  return {
    tree: root && toTree(root),
    complaints: problems.map((problem) => ({ line: lineAt(problem.span.start), text: problem.message })),
  };
}

function fromToml(text: string): Reading {
  const lines = tomlLines(text);
  const toTree = (value: unknown, path: readonly string[], above: number): Tree => {
    const line = lines.get(path.join("\0")) ?? above;
    if (Array.isArray(value)) return { kind: "list", items: value.map((item) => toTree(item, path, line)), line };
    if (typeof value !== "object" || value === null || value instanceof Date) {
      return { kind: "text", text: value instanceof Date ? value.toISOString() : String(value), line };
    }
    const entries = Object.entries(value).map(([key, one]) => [key, toTree(one, [...path, key], line)] as const);
    return { kind: "map", entries: new Map(entries), line };
  };
  try {
    return { tree: toTree(parseToml(text.replace(/^\uFEFF/, "")), [], 1), complaints: [] };
  } catch (error) {
    return { tree: undefined, complaints: [tomlComplaint(error)] };
  }
}

/** The package's sentence comes with an excerpt of the text below it. */
function tomlComplaint(error: unknown): ValueComplaint {
  const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  const words: Message = message("it cannot be read as TOML: {0}", why.replace(/^Invalid TOML document: /, ""));
  return { line: error instanceof TomlError ? error.line : 1, text: words };
}

/**
 * Returns the lines of a text's tables and keys, by their path. The TOML package does not tell them; where a
 * text is laid out in a way that is not understood here, the line of what is around it stands in.
 */
function tomlLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table: readonly string[] = [];
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const header = /^\s*\[\[?([^[\]]+)\]\]?\s*(?:#.*)?$/.exec(line)?.[1];
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line)?.[1];
    if (header !== undefined) table = pathOf(header);
    const path = header !== undefined ? table : key === undefined ? undefined : [...table, ...pathOf(key)];
    const name = path?.join("\0");
    if (name !== undefined && !lines.has(name)) lines.set(name, index + 1);
  });
  return lines;
}

function pathOf(dotted: string): string[] {
  return (dotted.match(/"[^"]*"|'[^']*'|[^\s.]+/g) ?? []).map((part) => part.replace(/^(["'])(.*)\1$/, "$2"));
}

/** Offsets are mostly asked for in ascending order, but each is answered by itself: these files are short. */
function lineCounter(text: string): (offset: number) => number {
  const ends = [...text.matchAll(/\r\n|\r|\n/g)].map(({ index }) => index);
  return (offset) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
