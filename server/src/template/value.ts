/** What an expression of a template comes to in one world. */
import type { Message } from "../message";
import type { MapNode, Node } from "./syntax";

/** `ref`: the reference as written, in the words of reports, where another template says what is behind it. */
export type Value = { readonly at: Node; readonly ref?: string } & (
  | { readonly kind: "text"; readonly text: string }
  /** Text with parts that only deployment knows, such as an ARN with its partition. */
  | { readonly kind: "pattern"; readonly parts: readonly (string | Value)[] }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  | { readonly kind: "map"; readonly node: MapNode }
  /** A resource of the template: its id where `attribute` is absent. */
  | { readonly kind: "resource"; readonly id: string; readonly attribute: string | undefined }
  /** A value from outside; equal keys are equal values. */
  | {
      readonly kind: "external";
      /** Tells this value from others: `param:Subnets[0]`. */
      readonly key: string;
      /** The reference in the words of reports: `param:Subnets`. */
      readonly ref: string;
      readonly list: boolean;
      /** The parameter, or pseudo parameter, that carries it. */
      readonly parameter?: string;
      /** The item of a list parameter. */
      readonly index?: number;
      /** What the items were parted by, or are joined with, where that is no comma. */
      readonly delimiter?: string;
    }
  /** `AWS::NoValue`, or a property that is not there. */
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown"; readonly why: Message }
);

/** Returns a value as it was written, with `${…}` for what is not literal. */
export function asWritten(value: Value): string {
  switch (value.kind) {
    case "text":
      return value.text;
    case "pattern":
      return value.parts.map((part) => (typeof part === "string" ? part : asPart(part))).join("");
    case "list":
      return value.items.map(asWritten).join(",");
    case "map":
      return "{…}";
    case "nothing":
      return "";
    case "resource":
    case "external":
    case "unknown":
      return asPart(value);
  }
}

/** Returns a text with the values of what it names as `${Name}`; what has none stays as written. */
export function filled(text: string, textOf: (name: string) => string | undefined): string {
  return text.replace(/\$\{([^{}]*)\}/g, (whole, name: string) => textOf(name) ?? whole);
}

/** Returns what a value of another template is to the reader of this one: it stands here, and is called what is written here. */
export function toldBy({ at, ref }: { readonly at: Node; readonly ref: string }, found: Value): Value {
  if (found.kind !== "list") return { ...found, at, ref };
  const several = found.items.length > 1;
  const items = found.items.map((item, index) => ({ ...item, at, ref: several ? `${ref}[${index}]` : ref }));
  return { ...found, at, ref, items };
}

function asPart(value: Value): string {
  switch (value.kind) {
    case "resource":
      return `\${${value.attribute === undefined ? value.id : `${value.id}.${value.attribute}`}}`;
    case "external":
      return `\${${value.parameter === undefined ? value.key : value.key.slice("param:".length)}}`;
    case "unknown":
      return "${?}";
    default:
      return asWritten(value);
  }
}

/** An item that is picked out of a bound list is called what the list is: its place stands in the text already. */
export function asPicked({ items, ref }: Value & { kind: "list" }, index: number): Value | undefined {
  const item = items[index];
  const isBound = item?.kind === "text" && ref?.startsWith("param:") === true && item.ref === `${ref}[${index}]`;
  return isBound ? { ...item, ref } : item;
}
