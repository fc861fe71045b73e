/** Text that is put together from parts, some of which only deployment knows. */
import type { Node } from "./syntax";
import { asWritten, type Value } from "./value";

/** Joins parts into one value; neighbouring texts melt, and a single remaining part is itself. */
export function concatenate(parts: readonly (string | Value)[], at: Node): Value {
  const melted: (string | Value)[] = [];
  const add = (part: string | Value): void => {
    if (typeof part !== "string") {
      if (part.kind === "text") add(part.text);
      else if (part.kind === "pattern") for (const piece of part.parts) add(piece);
      else if (part.kind !== "nothing") melted.push(part);
      return;
    }
    const last = melted.at(-1);
    if (part === "") return;
    if (typeof last === "string") melted[melted.length - 1] = last + part;
    else melted.push(part);
  };
  for (const part of parts) add(part);
  const [only] = melted;
  if (only === undefined) return { kind: "text", text: "", at };
  if (melted.length > 1) return { kind: "pattern", parts: melted, at };
  return typeof only === "string" ? { kind: "text", text: only, at } : { ...only, at };
}

/** `{{resolve:ssm:/path:version}}` stands for a value outside the template. */
export function dynamicReferences(text: string, at: Node): Value {
  if (!text.includes("{{resolve:")) return { kind: "text", text, at };
  const parts: (string | Value)[] = [];
  let last = 0;
  for (const match of text.matchAll(/\{\{resolve:([\w-]+):([^}]*)\}\}/g)) {
    parts.push(text.slice(last, match.index));
    last = match.index + match[0].length;
    parts.push(dynamicReference(match[1] ?? "", match[2] ?? "", at));
  }
  parts.push(text.slice(last));
  return concatenate(parts, at);
}

/** Reads the dynamic references in what a Sub or Join has put together; the name in one may be a pattern itself. */
export function settled(value: Value): Value {
  if (value.kind === "text") return dynamicReferences(value.text, value.at);
  if (value.kind !== "pattern") return value;
  const [, service, name] = /^\{\{resolve:([\w-]+):((?:(?!\{\{).)*)\}\}$/.exec(asWritten(value)) ?? [];
  return service === undefined || name === undefined ? value : dynamicReference(service, name, value.at);
}

/** Versions are left out: one parameter of the store is one thing. */
function dynamicReference(service: string, name: string, at: Node): Value {
  const key = service.startsWith("ssm") ? `ssm:${name.replace(/:\d+$/, "")}` : `${service}:${name}`;
  return { kind: "external", at, key, ref: key, list: false };
}

/** Splits at the delimiters that are written; what is not literal is taken not to contain one. */
export function splitPattern(parts: readonly (string | Value)[], delimiter: string, at: Node): Value[] {
  const items: (string | Value)[][] = [[]];
  for (const part of parts) {
    const [first, ...rest] = typeof part === "string" && delimiter !== "" ? part.split(delimiter) : [part];
    items.at(-1)?.push(first ?? "");
    for (const piece of rest) items.push([piece]);
  }
  return items.map((item) => concatenate(item, at));
}
