/** Completion where this server knows more than others: which subnet, group, gateway or policy is the right one. */
import { type CompletionItem, CompletionItemKind, type Position } from "vscode-languageserver";
import { printBehindKey, printFlow } from "../edit/print";
import { type Style, styleOf } from "../edit/style";
import { callOf, type Value } from "../edit/value";
import type { Meaning } from "../lint";
import { type Catalogue, render } from "../message";
import { type Path, type Place, placeAt } from "../template/place";
import { get } from "../template/syntax";
import { type Candidate, candidatesFor } from "./candidates";
import { pathLines } from "./hover-function";
import { toRange } from "./range";
import type { Reading } from "./reading";
import { type Owner, type Slot, slotOf } from "./slot";
import { networkOf, subnetPath } from "./usual";

/** Returns what fits at a position, the best first; null where this server has nothing to add. */
export function toCompletion(reading: Reading, position: Position, catalogue: Catalogue): CompletionItem[] | null {
  const { document, meaning } = reading;
  const offset = document.offsetAt(position);
  const place = placeAt(meaning.document.text, offset);
  const target = place === undefined ? undefined : targetOf(place.path);
  // A bracket that nobody closed hides what follows, so what fits is taken from the last text without faults.
  const sound = meaning.document.problems.length > 0 ? (reading.sound ?? meaning) : meaning;
  const owner = target === undefined ? undefined : (ownerOf(meaning, target.owner) ?? ownerOf(sound, target.owner));
  if (place === undefined || target === undefined || owner === undefined) return null;
  const slot = slotOf(owner, target.names);
  if (slot === undefined || (target.index !== undefined && !slot.list)) return null;
  const all = candidatesFor(sound, owner, slot, offset);
  const style = styleOf(meaning.document);
  const items = all.flatMap((candidate, index): CompletionItem[] => {
    const value = toValue(meaning.document.text, place, candidate, slot, target);
    if (value === undefined) return [];
    const words = render(candidate.words, catalogue);
    return [
      {
        label: candidate.name,
        labelDetails: { description: words },
        detail: words,
        kind: candidate.policy === undefined ? CompletionItemKind.Reference : CompletionItemKind.Value,
        sortText: String(index).padStart(4, "0"),
        filterText: filterOf(place, candidate, value),
        textEdit: {
          range: toRange(place, document),
          newText: `${write(place, slot, target, value, style)}${place.trail}`,
        },
        ...documentation(sound, candidate, catalogue),
      },
    ];
  });
  return items.length === 0 ? null : items;
}

/** What a path leads to: a property of a resource or of Globals, perhaps an item of it, perhaps within a call. */
interface Target {
  /** A resource; undefined for what all functions share. */
  readonly owner: string | undefined;
  readonly names: readonly string[];
  readonly index: number | undefined;
  /** The cursor stands where the call's own argument goes. */
  readonly call: "Ref" | "Fn::GetAtt" | undefined;
}

function targetOf(path: Path): Target | undefined {
  const isShared = path[0] === "Globals" && path[1] === "Function";
  const [section, owner, properties] = path;
  if (!isShared && (section !== "Resources" || properties !== "Properties" || typeof owner !== "string"))
    return undefined;
  const rest = path.slice(isShared ? 2 : 3);
  const steps: (string | number)[] = [];
  for (let at = 0; at < rest.length; at++) {
    const step = rest[at] ?? "";
    const branch = rest[at + 1];
    // The branches of a choice hold what the choice does.
    if (step === "Fn::If") {
      if (typeof branch !== "number" || branch === 0) return undefined;
      at++;
    } else steps.push(step);
  }
  const isArgument = steps.at(-1) === 0 && steps.at(-2) === "Fn::GetAtt";
  const call = steps.at(-1) === "Ref" ? "Ref" : isArgument || steps.at(-1) === "Fn::GetAtt" ? "Fn::GetAtt" : undefined;
  if (call !== undefined) steps.splice(isArgument ? -2 : -1);
  const indexes = steps.filter((step) => typeof step === "number");
  const last = steps.at(-1);
  if (indexes.length > 1 || (indexes.length === 1 && typeof last !== "number")) return undefined;
  const names = steps.filter((step) => typeof step === "string");
  return { owner: isShared ? undefined : String(owner), names, index: indexes[0], call };
}

function ownerOf({ subject }: Meaning, id: string | undefined): Owner | undefined {
  const { resources, globals } = subject.template;
  const shared = get(globals, "Function");
  if (id !== undefined) return resources.get(id);
  return shared?.kind === "map"
    ? { id: "", type: "AWS::Lambda::Function", node: shared, properties: shared }
    : undefined;
}

/** Returns what is written for a candidate; undefined where it cannot be written so. */
function toValue(
  text: string,
  place: Place,
  { name, policy }: Candidate,
  { of }: Slot,
  { call }: Target,
): Value | undefined {
  const tag = /^!(\w+)\s/.exec(place.typed)?.[1] ?? "";
  if (policy !== undefined) {
    if (call !== undefined || !["", "Sub"].includes(tag)) return undefined;
    return of === "policy" ? name : arnOf(text, policy);
  }
  if (call === "Ref") return name;
  const attribute = of === "group" ? "GroupId" : undefined;
  if (call === "Fn::GetAtt") return attribute === undefined ? undefined : place.flow ? name : `${name}.${attribute}`;
  if (tag === "GetAtt") return attribute === undefined ? undefined : { "Fn::GetAtt": [name, attribute] };
  return tag === "" || tag === "Ref" ? { Ref: name } : undefined;
}

/** A template that names its partition everywhere else does so here; others work in all of them. */
function arnOf(text: string, policy: string): Value {
  const partition = text.includes("${AWS::Partition}")
    ? undefined
    : /\barn:(aws(?:-[a-z-]+)?):iam::aws:policy/.exec(text)?.[1];
  if (partition !== undefined) return `arn:${partition}:iam::aws:policy/${policy}`;
  return { "Fn::Sub": `arn:\${AWS::Partition}:iam::aws:policy/${policy}` };
}

/** Returns the text that takes the place of what is typed. */
function write(place: Place, slot: Slot, target: Target, value: Value, style: Style): string {
  const isWhole = slot.list && target.index === undefined && target.call === undefined;
  const short = place.typed.startsWith("!") ? { ...style, shortTags: true } : style;
  if (isWhole && place.lead !== "- ") {
    if (place.flow || place.typed !== "") return printFlow([value], short);
    const { head, tail } = printBehindKey([value], place.column, short);
    const lines = [head, ...tail].join(style.newline);
    return head === "" ? lines : `${place.lead}${lines}`;
  }
  if (place.lead === "- ") return `${isWhole ? "- " : ""}${printFlow(value, short)}`;
  return `${place.lead}${printFlow(value, short)}`;
}

/** Editors compare this with what is typed from the start of the replaced text, quotes and tag included. */
function filterOf({ typed }: Place, { name, policy }: Candidate, value: Value): string {
  const [opening = ""] = /^(?:!\w*\s*)?["']?/.exec(typed) ?? [];
  // `!R` is on its way to `!Ref`.
  const tag = policy === undefined ? "!Ref " : "!Sub ";
  const start = opening.startsWith("!") && !/\s/.test(opening) ? tag : opening;
  const argument = callOf(value)?.argument ?? value;
  const isArn = typed.slice(opening.length).startsWith("arn") && typeof argument === "string";
  return `${start}${isArn ? argument : name}`;
}

function documentation(
  meaning: Meaning,
  { name, policy }: Candidate,
  catalogue: Catalogue,
): Pick<CompletionItem, "documentation"> {
  const path = policy === undefined ? subnetPath(meaning, name) : undefined;
  if (path === undefined) return {};
  const lines = pathLines(networkOf(meaning), path, meaning.subject.destination).map((line) => render(line, catalogue));
  return { documentation: { kind: "markdown", value: lines.join("\n\n") } };
}
