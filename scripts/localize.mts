/**
 * What people read in package.json, taken out of it: there stands `%key%`, as VS Code has it, and the text in
 * `package.nls.json`. A text may also be written into package.json as it is, and is moved at the next run.
 */

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Localized {
  readonly manifest: Json;
  /** English texts by key, in the order of the manifest. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Returns the manifest with keys for texts; `known` holds the texts of the keys that it has already. */
export function localize(
  manifest: { readonly [key: string]: Json },
  known: Readonly<Record<string, string>>,
): Localized {
  const texts = new Map<string, string>();
  const move = (text: string, path: readonly string[]): string => {
    const own = /^%(.+)%$/.exec(text)?.[1];
    const key = own ?? path.join(".").replace(/\blambdaEgress\./g, "");
    const english = own === undefined ? text : known[own];
    if (english === undefined) throw new Error(`package.nls.json has no text for ${key}`);
    texts.set(key, english);
    return `%${key}%`;
  };
  const visit = (value: Json, path: readonly string[], owner: Json): Json => {
    const name = path.at(-1) ?? "";
    if (typeof value === "string") return isSpoken(path) && value !== manifest.displayName ? move(value, path) : value;
    if (isList(value)) {
      const words = isRecord(owner) && isList(owner.enum) && /numDescriptions$/.test(name) ? owner.enum : [];
      return value.map((one, index) => visit(one, [...path, String(words[index] ?? nameOf(one) ?? index)], value));
    }
    if (!isRecord(value)) return value;
    // A schema's `properties` say nothing that the names below them do not.
    const below = (key: string) => (key === "properties" ? path : [...path, key]);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one, below(key), value)]));
  };
  // The description stays: npm shows it as it stands here.
  const { capabilities = {}, contributes = {} } = manifest;
  const moved = {
    capabilities: visit(capabilities, ["capabilities"], manifest),
    contributes: visit(contributes, [], manifest),
  };
  return { manifest: { ...manifest, ...moved }, texts };
}

/** The properties that VS Code shows; the names of views, but of nothing else. */
function isSpoken(path: readonly string[]): boolean {
  const [name = "", above = ""] = path.toReversed();
  if (name === "name") return path[0] === "views";
  return (
    /^(?:title|shortTitle|description|markdownDescription|altText|contents)$/.test(name) ||
    /numDescriptions$/.test(above)
  );
}

/** Members of lists go by their own names, so that keys outlast a change of their order. */
function nameOf(member: Json): Json | undefined {
  return isRecord(member) ? (member.command ?? member.id ?? member.view) : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
