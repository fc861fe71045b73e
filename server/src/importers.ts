/** Functions of other templates that stand on one template, and what an edit of it takes from them. */
import { verdictOf } from "./analysis";
import { spanAt } from "./at-home";
import { decode } from "./folder-file";
import type { Meaning } from "./lint";
import { type Message, message } from "./message";
import { outcomeOf } from "./network/egress";
import type { FunctionEgress, FunctionVerdict, SubnetEgress } from "./network/verdict";
import { shortWhy, wayOf } from "./report/way";
import { functionSays, moodOf } from "./report/words";
import { importerLosesInternet as rule } from "./rules/importer-loses-internet";
import type { Finding } from "./rules/rule";
import type { Settings } from "./settings";
import { covers, expectationOf, ignoresOf, intentOf } from "./silence";
import { type Span, spanOf } from "./template/syntax";
import type { Template } from "./template/template";
import { groupBy } from "./workspace/names";

/** A function of another template that has something of its network from the one that is looked at. */
export interface Use {
  /** The function's template, and how people call it. */
  readonly uri: string;
  readonly file: string;
  readonly id: string;
  /** Its logical id there. */
  readonly span: Span;
  /** The parameter set of its template in which this is so; absent where there is none. */
  readonly set?: string;
  readonly verdict: FunctionVerdict;
  /** What it stands on, by the logical ids that things have in the template that is looked at. */
  readonly on: readonly string[];
  /** What in that template keeps it from the internet; absent where nothing does, or nothing for sure. */
  readonly loss?: Loss;
}

interface Loss {
  /** The logical id of what decides. */
  readonly at: string;
  readonly why: Message;
}

interface Importer extends Pick<Use, "uri" | "file" | "set"> {
  readonly settings: Settings;
}

/** Returns the functions of a template that have something from another one, at the URI `network`, in each set. */
export function usesOf(meaning: Meaning, importer: Importer, network: string): readonly Use[] {
  if (meaning.sets === undefined) return usesIn(meaning, importer, network);
  return meaning.sets.flatMap(({ set, meaning: own }) => usesIn(own, { ...importer, set: set.name }, network));
}

function usesIn(
  { functions, subject: { template, destination } }: Meaning,
  { settings, ...importer }: Importer,
  network: string,
): readonly Use[] {
  const things = thingsOf(template, network);
  if (things.length === 0) return [];
  const idOf = (span: Span | undefined): string | undefined =>
    span && things.find(({ at, body }) => span.file === at.file && span.start >= at.start && span.end <= body.end)?.id;
  return functions.flatMap((analysis): Use[] => {
    const found = verdictOf(analysis);
    const fn = found?.leaf.result.fn;
    const { resource } = analysis;
    if (found === undefined || fn === undefined || resource === undefined) return [];
    const on = standsOn(fn, idOf);
    if (on.length === 0) return [];
    const intent = expectationOf(template, resource) ?? intentOf(settings.expect);
    const isMeant = intent === "none" || intent === "aws-services";
    const losses = fn.subnets.flatMap((subnet): Loss[] => {
      const way = wayOf(subnet, destination);
      const failed =
        outcomeOf(way.verdict) === "fails" ? way.hops.find(({ status }) => status === "failed") : undefined;
      const at = failed && (things.find(({ key }) => key === failed.id)?.id ?? idOf(failed.at && spanAt(failed.at)));
      return at === undefined ? [] : [{ at, why: inOwnNames(shortWhy(named(subnet, idOf), way), things) }];
    });
    const [loss] = isMeant ? [] : losses;
    const use = { ...importer, id: resource.id, span: spanOf(resource.at), verdict: found.verdict, on };
    return [loss === undefined ? use : { ...use, loss }];
  });
}

/** Returns a name for a function that no other one of the workspace has. */
export function functionOf({ uri, id }: Pick<Use, "uri" | "id">): string {
  return `${uri}#${id}`;
}

/** Returns a name for a function in one of its sets. */
export function nameOf(use: Pick<Use, "uri" | "id" | "set">): string {
  return `${functionOf(use)}#${use.set ?? ""}`;
}

/**
 * Returns what an edit of a template has taken from functions of others: one finding for each thing that decides.
 * `before` says how the functions stood when the template was opened, by `nameOf`.
 */
export function lossesIn(
  { document, subject: { template } }: Meaning,
  uses: readonly Use[],
  before: ReadonlyMap<string, FunctionVerdict>,
  settings: Settings,
): readonly Finding[] {
  const setting = settings.rules[rule.id];
  if (setting === "off") return [];
  const lost = uses.flatMap((use) => {
    const was = before.get(nameOf(use));
    const isWorse = was !== undefined && moodOf(was) === "good" && ["bad", "fair"].includes(moodOf(use.verdict));
    return isWorse && use.loss !== undefined ? [{ use, loss: use.loss }] : [];
  });
  // Those that lose all of it are named first.
  lost.sort((a, b) => Number(isAll(b.use)) - Number(isAll(a.use)));
  const ignores = ignoresOf(document, template).filter((ignore) => ignore.rule === rule.id);
  return [...groupBy(lost, ({ loss }) => loss.at)].flatMap(([id, same]): Finding[] => {
    const at = template.resources.get(id)?.at;
    const functions = [...groupBy(same, ({ use }) => functionOf(use)).values()];
    const first = functions[0]?.[0];
    if (first === undefined || at === undefined) return [];
    const span = spanOf(at);
    if (ignores.some((ignore) => covers(template, ignore, span))) return [];
    // Sets are named where not all that the function stands here with are concerned.
    const inSets = (text: Message, of: Use): Message => {
      const isOf = (use: Use): boolean => functionOf(use) === functionOf(of);
      const sets = same.flatMap(({ use }) => (isOf(use) && use.set !== undefined ? [use.set] : []));
      return sets.length === uses.filter(isOf).length || sets.length === 0
        ? text
        : message("{0} (set {1})", text, sets.join(", "));
    };
    const notes = functions.slice(0, notesShown).flatMap(([one]) => {
      if (one === undefined) return [];
      const { use } = one;
      const text = inSets(functionSays(use.verdict), use);
      return [{ span: { ...use.span, file: use.uri }, message: message("{0}: {1}", use.id, text) }];
    });
    const text = inSets(lossSays(first.use, functions.length - 1, first.loss.why), first.use);
    return [{ rule: rule.id, severity: setting ?? rule.severity, message: text, span, notes, fixes: [] }];
  });
}

function lossSays(use: Use, others: number, why: Message): Message {
  const { id, file } = use;
  if (!isAll(use)) {
    return others === 0
      ? message("{0} in {1} no longer always reaches the internet: {2}", id, file, why)
      : message("{0} in {1} and {2} more no longer always reach the internet: {3}", id, file, others, why);
  }
  return others === 0
    ? message("{0} in {1} loses the internet: {2}", id, file, why)
    : message("{0} in {1} and {2} more lose the internet: {3}", id, file, others, why);
}

function isAll({ verdict }: Use): boolean {
  return verdict === "no-internet";
}

/** At most this many functions are named beside one finding. */
const notesShown = 10;

interface Thing {
  /** As it is called in the linked template, and in its own. */
  readonly key: string;
  readonly id: string;
  readonly at: Span;
  readonly body: Span;
}

/** Names from elsewhere have the name of their file before them, see `link`. */
function thingsOf({ resources }: Template, network: string): readonly Thing[] {
  const wanted = decode(network);
  return [...resources].flatMap(([key, { at, node, generatedBy }]): Thing[] => {
    if (generatedBy !== undefined || at.block.file === undefined || decode(at.block.file) !== wanted) return [];
    return [{ key, id: key.replace(/^.*[#/]/, ""), at: spanOf(at), body: spanOf(node) }];
  });
}

/** Its subnets come first; a function that has only the rest from there stands on the first of it on its way out. */
function standsOn(
  { subnets }: FunctionEgress,
  idOf: (span: Span | undefined) => string | undefined,
): readonly string[] {
  const own = subnets.flatMap(({ subnet }) => (subnet && idOf(spanAt(subnet.at))) ?? []);
  if (own.length > 0) return [...new Set(own)];
  const hops = subnets.flatMap(({ ipv4, ipv6 }) => [...ipv4.hops, ...ipv6.hops]);
  return hops.flatMap(({ at }) => (at && idOf(spanAt(at))) ?? []).slice(0, 1);
}

/** A sentence about the things of a template in that template: none is called by its file. */
function inOwnNames({ template, args }: Message, things: readonly Thing[]): Message {
  const prefixes = new Set(things.map(({ key, id }) => key.slice(0, key.length - id.length)));
  const own = (text: string): string => [...prefixes].reduce((all, prefix) => all.replaceAll(prefix, ""), text);
  const mapped = args.map((argument) => {
    if (typeof argument === "object") return inOwnNames(argument, things);
    return typeof argument === "string" ? own(argument) : argument;
  });
  return { template, args: mapped };
}

/** A subnet by the name that it has where it is, not by that of an import. */
function named(subnet: SubnetEgress, idOf: (span: Span | undefined) => string | undefined): SubnetEgress {
  const id = subnet.subnet && idOf(spanAt(subnet.subnet.at));
  return id === undefined ? subnet : { ...subnet, reference: { ...subnet.reference, ref: id } };
}
