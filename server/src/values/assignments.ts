/**
 * Parameter values in all the forms that AWS's tools take them in: `A=1 B="x y"`,
 * `ParameterKey=A,ParameterValue=1`, lists of these, lists of maps with `ParameterKey`, and plain maps.
 *
 * The forms of text are those of the SAM CLI (samcli/cli/types.py, CfnParameterOverridesType); `file://` and
 * `$include` name further files, as in its versions since December 2025.
 */
import { type Message, message } from "../message";
import type { Assigned, ValueComplaint } from "./parameter-set";
import { type Tree, textOf, under } from "./tree";

export interface Assignments {
  readonly assigned: readonly Assigned[];
  readonly complaints: readonly ValueComplaint[];
}

/** Returns what a tree assigns, in the order of the text: of two values for one parameter the later one counts. */
export function assignmentsOf(tree: Tree): Assignments {
  const assigned: Assigned[] = [];
  const complaints: ValueComplaint[] = [];
  const complain = (line: number, text: Message) => complaints.push({ line, text });
  const visit = (node: Tree): void => {
    switch (node.kind) {
      case "nothing":
        return;
      case "text":
        for (const word of words(node.text)) assignWord(word, node.line);
        return;
      case "list":
        node.items.forEach(visit);
        return;
      case "map":
        if (node.entries.has("ParameterKey")) assignPair(node);
        else for (const [name, value] of node.entries) assign(name, value);
    }
  };
  const assignWord = (word: string, line: number): void => {
    if (word.startsWith("file://")) {
      assigned.push({ include: word.slice("file://".length), line });
      return;
    }
    const [, name, text] =
      /^ParameterKey=(.+?),\s*ParameterValue=(.*)$/s.exec(word) ?? /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (name === undefined || text === undefined) {
      complain(line, message("“{0}” is ignored: a parameter is written as Name=value", word));
    } else assigned.push({ name: unquoted(name), text: unquoted(text), line });
  };
  const assignPair = (pair: Tree & { kind: "map" }): void => {
    const name = textOf(under(pair, "ParameterKey"));
    const value = under(pair, "ParameterValue");
    for (const [key, { line }] of pair.entries) {
      if (!pairKeys.has(key)) complain(line, message("the key {0} is unknown and ignored", key));
    }
    if (name === undefined) complain(pair.line, message("this parameter is ignored: its ParameterKey is no text"));
    else if (value !== undefined) assign(name, value);
    else if (textOf(under(pair, "UsePreviousValue"))?.toLowerCase() !== "true") {
      complain(pair.line, message("the parameter {0} is ignored: it has no ParameterValue", name));
    }
  };
  const assign = (name: string, value: Tree): void => {
    const { line } = value;
    if (name === "$include") {
      for (const file of value.kind === "list" ? value.items : [value]) {
        const include = textOf(file)?.replace(/^file:\/\//, "");
        if (include !== undefined) assigned.push({ include, line });
      }
      return;
    }
    const text = listText(value);
    if (text === undefined) complain(line, message("the value of {0} is ignored: a text or a list is expected", name));
    else if (value.kind !== "nothing") assigned.push({ name, text, line });
  };
  visit(tree);
  return { assigned, complaints };
}

const pairKeys: ReadonlySet<string> = new Set(["ParameterKey", "ParameterValue", "UsePreviousValue", "ResolvedValue"]);

/** CloudFormation takes a list as one text with commas. */
function listText(value: Tree): string | undefined {
  switch (value.kind) {
    case "text":
      return value.text;
    case "nothing":
      return "";
    case "list": {
      const items = value.items.map(textOf);
      return items.includes(undefined) ? undefined : items.join(",");
    }
    case "map":
      return undefined;
  }
}

/** Splits at white space outside quotes; a backslash takes away what is special about the next character. */
function words(text: string): string[] {
  return text.match(/(?:\\[\s\S]|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[^\s\\])+/g) ?? [];
}

function unquoted(text: string): string {
  return text.replace(/^(["'])([\s\S]*)\1$/, "$2").replace(/\\([ "'])/g, "$1");
}
