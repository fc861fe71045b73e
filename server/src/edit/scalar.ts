/** Scalars as text: quoted only where they would otherwise be read as something else. */
import type { Style } from "./style";

/** Returns a scalar on one line; `flow` where it stands among brackets. */
export function printScalar(value: string | number | boolean, style: Style, flow: boolean): string {
  if (typeof value !== "string") return String(value);
  if (style.json) return quoteDouble(value);
  if (isPlain(value, flow)) return value;
  return style.quote === "'" && !unprintable.test(value) ? `'${value.replaceAll("'", "''")}'` : quoteDouble(value);
}

/**
 * Returns a text of several lines as the header and lines of a literal block scalar; undefined where only
 * quotes can hold it.
 */
export function printLiteral(
  value: string,
): { readonly header: string; readonly lines: readonly string[] } | undefined {
  if (!value.includes("\n") || unprintable.test(value.replaceAll("\n", ""))) return undefined;
  const lines = value.split("\n");
  const ends = lines.at(-1) === "";
  if (ends) lines.pop();
  const isBlank = (line: string | undefined) => line === undefined || line.trim() === "";
  if (isBlank(lines.at(-1)) || isBlank(lines[0]) || /^\s/.test(value)) return undefined;
  return { header: ends ? "|" : "|-", lines };
}

/** What neither a plain nor a single-quoted scalar may hold: controls, line breaks, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/u;

/** Words that some version of YAML reads as null, a boolean, a merge or a special number. */
const reserved = /^(?:~|null|[-+]?e[-+]?\d+|true|false|yes|no|on|off|y|n|=|<<|[-+]?\.(?:inf|nan|[\d_]*))$/i;

/** Whatever some version of YAML may read as a number, a date or a time: account ids, `0123`, `1e3`, `22:22`. */
const numeric = /^[-+]?\.?\d[\da-fox_.:,e+\- tz]*$/i;

function isPlain(value: string, flow: boolean): boolean {
  return (
    value !== "" &&
    value === value.trim() &&
    !unprintable.test(value) &&
    !/^[-?:,[\]{}#&*!|>'"%@`]|^\.\.\.|: |:$| #/.test(value) &&
    !(flow && /[,[\]{}]/.test(value)) &&
    !reserved.test(value) &&
    !numeric.test(value)
  );
}

/** JSON's quotes are YAML's double quotes once the characters that YAML calls unprintable are escaped too. */
function quoteDouble(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
