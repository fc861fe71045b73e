/** A line above what functions of other templates stand on: how many there are, and how they fare. */
import type { CodeLens, Location } from "vscode-languageserver";
import { functionOf, type Use } from "../importers";
import { type Catalogue, listed, type Message, message, render } from "../message";
import { internet } from "../network/egress";
import type { FunctionVerdict } from "../network/verdict";
import { positionAt, toLines } from "../report/file";
import { functionSays } from "../report/words";
import { spanOf } from "../template/syntax";
import { groupBy } from "../workspace/names";
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
    const functions = [...groupBy(same, functionOf).values()];
    const places = functions.flatMap(([use]) => (use === undefined ? [] : placeOf(use, textOf)));
    return [{ range, command: { title, command: showUses, arguments: [document.uri, range.start, places] } }];
  });
}

/** Returns the uses of each thing of a template that functions of others stand on. */
function usesByThing(uses: readonly Use[]): ReadonlyMap<string, readonly Use[]> {
  const pairs = uses.flatMap((use) => use.on.map((id) => ({ id, use })));
  return new Map([...groupBy(pairs, ({ id }) => id)].map(([id, same]) => [id, same.map(({ use }) => use)]));
}

/** Returns who stands on a thing, and how they fare, in one line; `elsewhere`: they are to reach something else. */
function usesSay(uses: readonly Use[], elsewhere: boolean): Message {
  const functions = [...groupBy(uses, functionOf).values()];
  const [first] = uses;
  if (first !== undefined && functions.length === 1) {
    const says = uses.map(({ set, verdict }) => ({ set, text: functionSays(verdict) }));
    const isSame = new Set(uses.map(({ verdict }) => verdict)).size === 1;
    const all = isSame
      ? functionSays(first.verdict)
      : listed(says.map(({ set = "", text }) => message("{0} (set {1})", text, set)));
    return message("Used by {0} in {1}: {2}", first.id, first.file, all);
  }
  // A function counts by the worst that it meets in any of its parameter sets.
  const worst = functions.map((same) =>
    fates.find(({ verdicts }) => same.some(({ verdict }) => verdicts.includes(verdict))),
  );
  const counts = listed(
    [...fates].reverse().flatMap((fate) => {
      const count = worst.filter((one) => one === fate).length;
      return count === 0 ? [] : [fate.says(count, elsewhere)];
    }),
  );
  const files = new Set(uses.map(({ uri }) => uri));
  return files.size === 1
    ? message("Used by {0} functions in {1}: {2}", functions.length, first?.file ?? "", counts)
    : message("Used by {0} functions in {1} templates: {2}", functions.length, files.size, counts);
}

interface Fate {
  readonly verdicts: readonly FunctionVerdict[];
  readonly says: (count: number, elsewhere: boolean) => Message;
}

/** The worst first. */
const fates: readonly Fate[] = [
  { verdicts: ["deploy-fails"], says: (count) => message("{0} cannot be deployed", count) },
  {
    verdicts: ["no-internet"],
    says: (count, elsewhere) => (elsewhere ? message("{0} held back", count) : message("{0} without internet", count)),
  },
  {
    verdicts: ["intermittent", "partial", "ipv6-only"],
    says: (count) => message("{0} not always or not everywhere", count),
  },
  { verdicts: ["unknown"], says: (count) => message("{0} unknown", count) },
  {
    verdicts: ["internet", "not-in-vpc"],
    says: (count, elsewhere) => (elsewhere ? message("{0} get through", count) : message("{0} with internet", count)),
  },
];

/** Yields nothing for a file that is gone. */
function placeOf({ uri, span }: Use, textOf: TextOf): Location[] {
  const text = textOf(uri);
  if (text === undefined) return [];
  const lines = toLines(text);
  return [{ uri, range: { start: positionAt(lines, span.start), end: positionAt(lines, span.end) } }];
}
