/** From what rules yield in single worlds to findings: merged, named by their parameters, silenced, sorted. */

import { atHome, spanAt, whenLooked, whereTaken } from "./at-home";
import type { Yielded } from "./drafts";
import type { Edit } from "./edit/edit";
import { english, type Message, message, render } from "./message";
import type { Resolved } from "./network/resolved";
import { liveRules, rules, workspaceRules } from "./rules/index";
import type { Finding, Note, Rule, Severity } from "./rules/rule";
import { unusedIgnore } from "./rules/unused-ignore";
import type { Analysis } from "./scene";
import type { Settings } from "./settings";
import { covers, type Ignore, ignoresOf, resourceAt } from "./silence";
import type { Subject } from "./subject";
import { constructOf } from "./template/construct";
import { onceAsked, whenRead } from "./template/once";
import { type Document, spanOf } from "./template/syntax";
import type { Template } from "./template/template";
import { type Assignment, smallestAssignment, worldCap } from "./template/worlds";

/** At most this many further sufferers of one fault are named in its notes. */
const noteCap = 5;

/** At most this many ignores are said to do nothing: nobody reads on. */
const ignoreCap = 100;

/** Returns the findings of one document: one for each fault, whatever the number of worlds and functions that show it. */
export function toFindings(
  document: Document,
  { template, account }: Pick<Subject, "template" | "account">,
  yielded: readonly Yielded[],
  settings: Settings,
): readonly Finding[] {
  const faults = new Map<string, Yielded[]>();
  for (const found of yielded) {
    const draft = atHome(template, found.rule, found.draft, found.leaf.result.scene, found.analysis.resource);
    const span = draft && spanAt(draft.at);
    if (draft === undefined || span === undefined) continue;
    const one = { ...found, draft };
    const cause = spanAt(found.draft.at);
    // All faults of a file that is included stand in one place.
    const part = template.includes?.has(cause?.file ?? "") === true ? cause?.start : undefined;
    const key = [one.rule.id, span.file ?? "", span.start, span.end, part, one.draft.message.template].join("\n");
    const same = faults.get(key);
    if (same === undefined) faults.set(key, [one]);
    else same.push(one);
  }
  const ignores = ignoresOf(document, template);
  const used = new Set<Ignore>();
  const findings = [...faults.values()].flatMap((same) => {
    const hits = ignores.filter((ignore) => concerns(template, ignore, same));
    for (const hit of hits) used.add(hit);
    return isSilenced(template, hits, same) ? [] : toFinding(template, account, same, settings);
  });
  return [...findings, ...unusedIgnores(document, template, ignores, used, settings)].sort(
    (left, right) =>
      left.span.start - right.span.start || left.span.end - right.span.end || (left.rule < right.rule ? -1 : 1),
  );
}

function toFinding(
  template: Template,
  account: Resolved | undefined,
  same: readonly Yielded[],
  settings: Settings,
): readonly Finding[] {
  // The template as a whole is seen in one world only, so what a single analysis tells of parameters comes first.
  const single = same.filter(({ analysis }) => analysis.resource !== undefined);
  const shown = byAnalysis(single.length > 0 ? single : same).map((group) => worldsOf(group));
  const first = shown.find(({ when }) => when.size === 0) ?? shown.find(({ usual }) => usual) ?? shown[0];
  if (first === undefined) return [];
  const { rule, draft } = first.yielded;
  const span = spanAt(draft.at);
  if (span === undefined || isOff(rule, settings)) return [];
  const own = draft.severity ?? rule.severity;
  const usual = shown.some((one) => one.usual);
  const setting = settings.rules[rule.id];
  const severity = setting === undefined || setting === "off" ? (usual ? own : milder(own)) : setting;
  const words = first.when.size === 0 ? draft.message : message("{0} (when {1})", draft.message, whenText(first.when));
  const fixes = onceAsked(() =>
    (draft.fixes?.() ?? []).filter(({ edits }) => edits.length > 0 && isOwn(template, edits)),
  );
  const finding = {
    rule: rule.id,
    severity,
    message: words,
    ...constructOf(resourceAt(template, span.start)),
    span,
    notes: [
      ...notesOf(template, first.yielded, same),
      ...whereTaken(template, first.yielded.leaf.result.scene, span),
      ...whenLooked(account, first.yielded.leaf.result.scene, span),
    ],
  };
  return [fixable(finding, { fixes })];
}

/** An editor asks for fixes where the cursor is, and not at every keystroke. */
export const fixable = whenRead<Finding, "fixes">("fixes");

/** A fix changes one file, and what it writes there names nothing of another one. */
function isOwn({ links, resources }: Template, edits: readonly Edit[]): boolean {
  if (links === undefined) return true;
  const foreign = [...resources.values()].filter(({ at }) => at.block.file !== undefined);
  return edits.every(({ span, text }) => span.file === undefined && !foreign.some(({ id }) => text.includes(id)));
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
  const when = smallestAssignment(chosen.exploration, chosen.leaf, (leaf) => leaves.has(leaf));
  return { yielded: chosen, when, usual: chosen.leaf.isDefault };
}

function notesOf(template: Template, chosen: Yielded, same: readonly Yielded[]): readonly Note[] {
  const home = spanAt(chosen.draft.at);
  const notes = (chosen.draft.notes ?? []).flatMap(({ at, message: text }): Note[] => {
    const span = spanAt(at) ?? home;
    if (span === undefined) return [];
    // What has no place in any text is told of by its id.
    return [{ span, message: at.kind === "aws" ? message("{0} ({1} in the account)", text, at.id) : text }];
  });
  const { exploration } = chosen;
  const { resource } = chosen.analysis;
  if (resource !== undefined && !exploration.complete) notes.push({ span: spanOf(resource.at), message: capReached() });
  const named = new Set(chosen.draft.functions);
  const others = [...new Set(same.flatMap(({ draft }) => draft.functions ?? []))].filter((id) => !named.has(id));
  for (const id of others.slice(0, noteCap)) {
    const at = template.resources.get(id)?.at;
    if (at !== undefined) notes.push({ span: spanOf(at), message: message("{0} suffers from it too", id) });
  }
  const seen = new Set<string>();
  return notes.filter((note) => {
    const key = `${note.span.file ?? ""} ${note.span.start} ${note.span.end} ${render(note.message, english)}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** Returns the sentence that says what was not looked at where parameters allow too many worlds. */
export function capReached(cap = worldCap): Message {
  return message("its parameters allow more combinations than the {0} that were looked at", cap);
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

/** Tells whether an ignore is about a fault, or about one of the functions that suffer from it. */
function concerns(template: Template, ignore: Ignore, [first, ...others]: readonly Yielded[]): boolean {
  const span = first === undefined ? undefined : spanAt(first.draft.at);
  if (first === undefined || span === undefined || first.rule.id !== ignore.rule) return false;
  const { about } = ignore;
  const suffers = ({ draft }: Yielded): boolean =>
    about.kind === "resource" && draft.functions?.includes(about.id) === true;
  return covers(template, ignore, span) || [first, ...others].some(suffers);
}

/** A function's own ignore silences a fault elsewhere only when all who suffer from it ignore it. */
function isSilenced(template: Template, hits: readonly Ignore[], same: readonly Yielded[]): boolean {
  if (hits.length === 0) return false;
  const start = same.map(({ draft }) => spanAt(draft.at)?.start).find((offset) => offset !== undefined) ?? -1;
  const ids = new Set(hits.flatMap(({ about }) => (about.kind === "resource" ? [about.id] : [])));
  const suffering = new Set(same.flatMap(({ draft }) => draft.functions ?? []));
  return (
    hits.some(({ about }) => about.kind !== "resource") ||
    ids.has(resourceAt(template, start)?.id ?? "") ||
    (suffering.size > 0 && [...suffering].every((id) => ids.has(id)))
  );
}

/**
 * Returns a finding for each ignore that silenced nothing in any world. None where settings silence its
 * rule anyway, and none in a text with faults: what it silences may stand where nothing can be read.
 */
function unusedIgnores(
  document: Document,
  template: Template,
  ignores: readonly Ignore[],
  used: ReadonlySet<Ignore>,
  settings: Settings,
): readonly Finding[] {
  if (isOff(unusedIgnore, settings) || document.problems.length > 0) return [];
  const setting = settings.rules[unusedIgnore.id];
  // A loop makes several resources of one text: what one of them uses is used.
  const usedAt = new Set([...used].map(({ span }) => span.start));
  const wanted = ignores.filter(({ rule }) => rule === unusedIgnore.id);
  const isUnused = ({ rule: name, span }: Ignore): boolean => {
    const rule = rules.find(({ id }) => id === name);
    // The fix of one in another file would be an edit there.
    const isElsewhere = span.file !== undefined;
    const isSilent = isElsewhere || (rule !== undefined && (isOff(rule, settings) || isUnexpected(rule, settings)));
    if (usedAt.has(span.start) || isSilent || isFoundElsewhere(name) || name === unusedIgnore.id) return false;
    return !wanted.some((other) => covers(template, other, span));
  };
  return ignores
    .filter(isUnused)
    .slice(0, ignoreCap)
    .map(({ rule: name, span, removal }): Finding => {
      const rule = rules.find(({ id }) => id === name);
      return {
        rule: unusedIgnore.id,
        severity: setting === undefined || setting === "off" ? unusedIgnore.severity : setting,
        message:
          rule === undefined
            ? message("this ignore does nothing: no rule is called {0}", name)
            : message("this ignore does nothing: {0} finds nothing here", name),
        span,
        notes: [],
        fixes: [{ title: message("Remove the ignore of {0}", name), safe: rule !== undefined, edits: removal() }],
      };
    });
}

function isOff({ id, offByDefault }: Rule, { rules }: Settings): boolean {
  return rules[id] === "off" || (offByDefault === true && rules[id] === undefined);
}

/** Where a folder expects no internet, what its templates ignore is not asked. */
function isUnexpected({ group }: Rule, { expect }: Settings): boolean {
  return group === "reach" && (expect === "never" || expect === "aws-services");
}

/** Rules about the deployed account and about other templates, of which a template's text shows nothing. */
function isFoundElsewhere(name: string): boolean {
  return [...liveRules, ...workspaceRules].some(({ id }) => id === name);
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
