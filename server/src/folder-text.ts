/** The text of a folder's `.lambda-egress.yaml`. */
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { message } from "./message";
import { settings as allSettings, type Complaint, readSettings, type Settings } from "./settings";

/** Only what may differ by folder is set in a folder. */
const keys = allSettings.flatMap(({ key, scope }) => (scope === "resource" ? [key] : []));

/** Returns what a text sets, and what in it was not understood, by line, counted from one. */
export function readFolderFile(
  text: string,
  ruleIds?: ReadonlySet<string>,
): {
  readonly given: Partial<Settings>;
  readonly complaints: readonly (Pick<Complaint, "text"> & { readonly line: number })[];
} {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const complaints = document.errors.map(({ pos, message: why }) => ({
    line: lines.linePos(pos[0]).line,
    text: message("It cannot be read as YAML: {0}.", why),
  }));
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    complaints.push({ line: 1, text: message("The settings are ignored: {0}.", why) });
  }
  if (holdsItself(value)) {
    value = undefined;
    complaints.push({ line: 1, text: message("The settings are ignored: an alias leads back to where it stands.") });
  }
  const { given, complaints: others } = readSettings(value, ruleIds, keys);
  for (const { path, text: what } of others)
    complaints.push({ line: lineOf(document.contents, path, lines), text: what });
  return { given, complaints };
}

/** YAML can write a list that is an item of itself. */
function holdsItself(value: unknown, around: ReadonlySet<unknown> = new Set()): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (around.has(value)) return true;
  const within = new Set(around).add(value);
  return Object.values(value).some((part) => holdsItself(part, within));
}

function lineOf(root: unknown, path: readonly string[], lines: LineCounter): number {
  let node = root;
  let offset = 0;
  for (const key of path) {
    const pair = isMap(node)
      ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      : undefined;
    if (pair === undefined) break;
    offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}
