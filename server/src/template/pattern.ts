/** Text that is put together from parts, some of which only deployment knows. */
import type { Node } from "./syntax";
import type { Value } from "./value";

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
    const service = match[1]?.startsWith("ssm") === true ? "ssm" : (match[1] ?? "");
    const key = `${service}:${service === "ssm" ? (match[2] ?? "").replace(/:\d+$/, "") : match[2]}`;
    parts.push({ kind: "external", at, key, ref: key, list: false });
  }
  parts.push(text.slice(last));
  return concatenate(parts, at);
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
