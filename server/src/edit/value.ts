/** A value to be written into a template. */

/** Intrinsic calls in their long form: `{ Ref: "X" }`, `{ "Fn::GetAtt": ["X", "Arn"] }`, `{ "Fn::Sub": "…" }`. */
export type Value = string | number | boolean | readonly Value[] | ValueMap;

export interface ValueMap {
  readonly [key: string]: Value;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ValueMap {
  return typeof value === "object" && !isList(value);
}

/** Returns the name and argument of an intrinsic call, undefined for any other value. */
export function callOf(value: Value): { readonly name: string; readonly argument: Value } | undefined {
  if (!isMap(value)) return undefined;
  const [only, ...others] = Object.entries(value);
  if (only === undefined || others.length > 0) return undefined;
  const [name, argument] = only;
  return name === "Ref" || name.startsWith("Fn::") ? { name, argument } : undefined;
}

/** Returns the value inside maps, one for each key of the path. */
export function nest(path: readonly string[], value: Value): Value {
  return path.reduceRight<Value>((inner, key) => ({ [key]: inner }), value);
}
