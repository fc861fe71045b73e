/** From what rules yield in single worlds to findings: merged, named by their parameters, silenced, sorted. */
import type { Analysis, Scene } from "./analysis";
import { type Message, message, render } from "./message";
import type { Origin } from "./network/model";
import type { Draft, Finding, Note, Rule, Severity } from "./rules/rule";
import type { Settings } from "./settings";
import { type IgnoreComment, ignoreComments, resourceAt, wishOf } from "./silence";
import { type Document, type Span, spanOf } from "./template/syntax";
import type { Template } from "./template/template";
import { type Assignment, type Leaf, smallestAssignment } from "./template/worlds";

/** A draft with the rule and the world that yielded it. */
export interface Yielded {
  readonly rule: Rule;
  readonly draft: Draft;
  readonly analysis: Analysis;
  readonly leaf: Leaf<Scene>;
}

/** At most this many further sufferers of one fault are named in its notes. */
const noteCap = 5;

/** Returns the findings of one document: one for each fault, whatever the number of worlds and functions that show it. */
export function toFindings(
  document: Document,
  template: Template,
  yielded: readonly Yielded[],
  settings: Settings,
): readonly Finding[] {
  const faults = new Map<string, Yielded[]>();
  for (const one of yielded) {
    const span = spanAt(one.draft.at);
    if (span === undefined) continue;
    const key = [one.rule.id, span.file ?? "", span.start, span.end, one.draft.message.template].join("\n");
    const same = faults.get(key);
    if (same === undefined) faults.set(key, [one]);
    else same.push(one);
  }
  const comments = document.language === "yaml" ? ignoreComments(document) : [];
  return [...faults.values()]
    .flatMap((same) => toFinding(template, same, settings, comments))
    .sort(
      (left, right) =>
        left.span.start - right.span.start || left.span.end - right.span.end || (left.rule < right.rule ? -1 : 1),
    );
}

function toFinding(
  template: Template,
  same: readonly Yielded[],
  settings: Settings,
  comments: readonly IgnoreComment[],
): readonly Finding[] {
  // The template as a whole is seen in one world only, so what a single analysis tells of parameters comes first.
  const single = same.filter(({ analysis }) => analysis.resource !== undefined);
  const shown = byAnalysis(single.length > 0 ? single : same).map((group) => worldsOf(group));
  const first = shown.find(({ when }) => when.size === 0) ?? shown.find(({ usual }) => usual) ?? shown[0];
  if (first === undefined) return [];
  const { rule, draft } = first.yielded;
  const span = spanAt(draft.at);
  if (span === undefined || isSilenced(template, rule, span, same, comments)) return [];
  const setting = settings.rules[rule.id];
  if (setting === "off" || (rule.offByDefault === true && setting === undefined)) return [];
  const own = draft.severity ?? rule.severity;
  const usual = shown.some((one) => one.usual);
  const severity = setting ?? (usual ? own : milder(own));
  const words = first.when.size === 0 ? draft.message : message("{0} (when {1})", draft.message, whenText(first.when));
  return [
    {
      rule: rule.id,
      severity,
      message: words,
      span,
      notes: notesOf(template, first.yielded, same),
      fixes: (draft.fixes?.() ?? []).filter(({ edits }) => edits.length > 0),
    },
  ];
}

function byAnalysis(same: readonly Yielded[]): readonly (readonly Yielded[])[] {
  const groups = new Map<Analysis, Yielded[]>();
  for (const one of same) {
    const group = groups.get(one.analysis);
    if (group === undefined) groups.set(one.analysis, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

/** Returns under which parameters the worlds of one analysis show a fault, the usual world first. */
function worldsOf(group: readonly Yielded[]): { yielded: Yielded; when: Assignment; usual: boolean } {
  const [first] = group;
  const chosen = group.find(({ leaf }) => leaf.isDefault) ?? first;
  if (chosen === undefined) throw new RangeError("a fault without a world");
  const leaves = new Set(group.map(({ leaf }) => leaf));
  const when = smallestAssignment(chosen.analysis.exploration, chosen.leaf, (leaf) => leaves.has(leaf));
  return { yielded: chosen, when, usual: chosen.leaf.isDefault };
}

function notesOf(template: Template, chosen: Yielded, same: readonly Yielded[]): readonly Note[] {
  const notes = (chosen.draft.notes ?? []).flatMap(({ at, message }): Note[] => {
    const span = spanAt(at);
    return span === undefined ? [] : [{ span, message }];
  });
  const named = new Set(chosen.draft.functions);
  const others = [...new Set(same.flatMap(({ draft }) => draft.functions ?? []))].filter((id) => !named.has(id));
  for (const id of others.slice(0, noteCap)) {
    const at = template.resources.get(id)?.at;
    if (at !== undefined) notes.push({ span: spanOf(at), message: message("{0} suffers from it too", id) });
  }
  const seen = new Set<string>();
  return notes.filter((note) => {
    const key = `${note.span.start} ${note.span.end} ${render(note.message)}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** Returns an assignment in words: `CreateNat is false and Stage is neither dev nor test`. */
export function whenText(when: Assignment): Message {
  const texts = [...when].map(([name, choice]) => {
    if ("is" in choice) return message("{0} is {1}", name, choice.is === "" ? "“”" : choice.is);
    return message("{0} is not {1}", name, choice.not.map((value) => (value === "" ? "“”" : value)).join(", "));
  });
  const [first = message("always"), ...rest] = texts;
  return rest.reduce((all, one) => message("{0} and {1}", all, one), first);
}

function isSilenced(
  template: Template,
  rule: Rule,
  span: Span,
  same: readonly Yielded[],
  comments: readonly IgnoreComment[],
): boolean {
  if (wishOf(template, resourceAt(template, span.start)).ignore.has(rule.id)) return true;
  const functions = new Set(same.flatMap(({ draft }) => draft.functions ?? []));
  const resources = [...functions].map((id) => template.resources.get(id));
  if (resources.length > 0 && resources.every((resource) => wishOf(template, resource).ignore.has(rule.id)))
    return true;
  return comments.some(
    ({ rules, line }) => rules.includes(rule.id) && span.start >= line.start && span.start <= line.end,
  );
}

/** A fault that only other parameter values bring about is one step milder. */
function milder(severity: Severity): Severity {
  switch (severity) {
    case "error":
      return "warning";
    case "warning":
      return "information";
    case "information":
    case "hint":
      return "hint";
  }
}

/** Returns where an origin stands in the text; undefined for what only an account knows. */
export function spanAt(origin: Origin): Span | undefined {
  return origin.kind === "text" ? spanOf(origin.node) : undefined;
}
