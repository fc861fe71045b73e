/** A line above what functions of other templates stand on: how many there are, and how they fare. */
import type { CodeLens, Location } from "vscode-languageserver";
import { type Use, usesByThing, usesSay } from "../importers";
import { type Catalogue, render } from "../message";
import { internet } from "../network/egress";
import { positionAt, toLines } from "../report/file";
import { spanOf } from "../template/syntax";
import type { Client } from "./client";
import type { TextOf } from "./diagnostic";
import { toRange } from "./range";
import type { Reading } from "./reading";

/** The command of an editor that lists places; its arguments are the URI and position of the line, and the places. */
const showUses = "lambdaEgress.showUses";

/** Returns the lenses that lead from a document to the functions of others; `textOf` finds their texts. */
export function toImporterLenses(
  { document, meaning: { subject } }: Reading,
  uses: readonly Use[],
  { commands }: Pick<Client, "commands">,
  textOf: TextOf,
  catalogue: Catalogue,
): CodeLens[] {
  const elsewhere = subject.destination !== internet;
  return [...usesByThing(uses)].flatMap(([id, same]): CodeLens[] => {
    const at = subject.template.resources.get(id)?.at;
    if (at === undefined) return [];
    const range = toRange(spanOf(at), document);
    const title = render(usesSay(same, elsewhere), catalogue);
    if (!commands.has(showUses)) return [{ range, command: { title, command: "" } }];
    const places = same.flatMap((use) => placeOf(use, textOf));
    return [{ range, command: { title, command: showUses, arguments: [document.uri, range.start, places] } }];
  });
}

/** Yields nothing for a file that is gone. */
function placeOf({ uri, span }: Use, textOf: TextOf): Location[] {
  const text = textOf(uri);
  if (text === undefined) return [];
  const lines = toLines(text);
  return [{ uri, range: { start: positionAt(lines, span.start), end: positionAt(lines, span.end) } }];
}
