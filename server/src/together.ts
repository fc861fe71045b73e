/** What holds in several parameter sets, told once: the verdicts side by side, and each finding with its sets. */
import { fixable } from "./findings";
import { english, type Message, message, render } from "./message";
import type { FunctionVerdict } from "./network/verdict";
import type { Finding, Severity } from "./rules/rule";
import { unusedIgnore } from "./rules/unused-ignore";
import type { ParameterSet } from "./values/parameter-set";

/** A function's verdict in one of the template's parameter sets. */
export interface SetReport {
  readonly name: string;
  readonly verdict: FunctionVerdict;
}

interface InSet<F> {
  readonly set: ParameterSet;
  readonly functions: () => readonly F[];
  readonly findings: readonly Finding[];
}

interface Reported {
  readonly id: string;
  readonly verdict: FunctionVerdict;
}

/** Returns what is shown where nobody chose a set that is there: that of the SAM CLI's `default`, else the first. */
export function shownOf<T extends { readonly set: ParameterSet }>(sets: readonly T[], wanted?: string): T | undefined {
  const named = (name: string | undefined) => sets.find(({ set }) => set.name === name);
  return named(wanted) ?? named("default") ?? sets[0];
}

/** Returns every function as the shown set tells of it, or where that does not have it, as the first one that does. */
export function functionsOfSets<F extends Reported>(
  results: readonly InSet<F>[],
  shown: string | undefined,
): readonly (F & { readonly sets: readonly SetReport[] })[] {
  const told = results.map(({ set, functions }) => ({ set, functions: functions() }));
  const all = shownFirst(told, shown).flatMap(({ functions }) => functions);
  const ids = new Set(all.map(({ id }) => id));
  return [...ids].flatMap((id) => {
    const verdicts = told.flatMap(({ set: { name }, functions }) =>
      functions.filter((fn) => fn.id === id).map(({ verdict }) => ({ name, verdict })),
    );
    return all
      .filter((fn) => fn.id === id)
      .slice(0, 1)
      .map((fn) => ({ ...fn, sets: verdicts }));
  });
}

/** Returns the findings of all sets, each once; one that not all sets have names those that do. */
export function findingsOfSets(
  results: readonly Pick<InSet<unknown>, "set" | "findings">[],
  shown: string | undefined,
): readonly Finding[] {
  const ordered = shownFirst(results, shown);
  const groups = new Map<string, { readonly finding: Finding; readonly names: string[] }[]>();
  for (const { set, findings } of ordered) {
    for (const finding of findings) {
      const { rule, span } = finding;
      const key = JSON.stringify([rule, span.file ?? "", span.start, span.end, rootOf(finding.message)]);
      const same = groups.get(key) ?? [];
      groups.set(key, [...same, { finding, names: [set.name] }]);
    }
  }
  return [...groups.values()]
    .flatMap((same): Finding[] => {
      const names = new Set(same.flatMap(({ names: own }) => own));
      const worst = [...same].sort((left, right) => ranks[right.finding.severity] - ranks[left.finding.severity])[0];
      if (worst === undefined) return [];
      const { finding } = worst;
      if (names.size === ordered.length) return [finding];
      // An ignore that is of use in one deployment is not unused.
      if (finding.rule === unusedIgnore.id) return [];
      const { rule, severity, construct, span, notes } = finding;
      const own = { rule, severity, message: inSets(finding.message, [...names]), span, notes };
      return [fixable({ ...own, ...(construct !== undefined && { construct }) }, { fixes: () => finding.fixes })];
    })
    .sort(
      (left, right) =>
        left.span.start - right.span.start || left.span.end - right.span.end || (left.rule < right.rule ? -1 : 1),
    );
}

/** The words of the shown set are preferred. */
function shownFirst<T extends { readonly set: ParameterSet }>(results: readonly T[], shown: string | undefined): T[] {
  const isShown = ({ set }: T): boolean => set.name === shown;
  return [...results.filter(isShown), ...results.filter((result) => !isShown(result))];
}

const ranks: Readonly<Record<Severity, number>> = { error: 4, warning: 3, information: 2, hint: 1 };

/** Returns a message with the sets in which it holds. */
function inSets(text: Message, names: readonly string[]): Message {
  const [first = "", ...others] = names;
  if (others.length === 0) return message("{0} (set {1})", text, first);
  return message("{0} (sets {1})", text, names.join(", "));
}

/** The sentence of a fault without the parameter values that it was found under. */
function rootOf(text: Message): string {
  const [inner] = text.args;
  return text.template === "{0} (when {1})" && typeof inner === "object" ? rootOf(inner) : render(text, english);
}
