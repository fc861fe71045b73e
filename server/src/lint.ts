/** The product, top to bottom: text → syntax → resources → network → egress → rules → findings. */
import { analyse, dependences, isFunction, type Memory, verdictOf, wholeNetwork } from "./analysis";
import { spanAt } from "./at-home";
import { verdictCap } from "./conditional";
import { type Yielded, yieldedIn } from "./drafts";
import { customResourcesIn, meansInternet, signsIn } from "./evidence";
import { capReached, toFindings } from "./findings";
import { type Message, message } from "./message";
import { isPrivate } from "./network/destination";
import { type Destination, internet } from "./network/egress";
import type { Resolved } from "./network/resolved";
import { sliceOf } from "./network/slice";
import type {
  Family,
  FunctionVerdict,
  HopKind,
  Ipv4Verdict,
  Ipv6Verdict,
  RoleVerdict,
  Status,
  SubnetEgress,
} from "./network/verdict";
import { rules } from "./rules/index";
import type { Finding, Intent, Rule } from "./rules/rule";
import { templateSyntax } from "./rules/template-syntax";
import type { Analysis } from "./scene";
import { defaultSettings, type Settings } from "./settings";
import { expectationOf, intentOf } from "./silence";
import { type Subject, subjectOf } from "./subject";
import { constructOf } from "./template/construct";
import { withIncludes } from "./template/include";
import { type Library, link, otherFiles, whyOpen } from "./template/link";
import { onceAsked, whenRead } from "./template/once";
import { looksLikeTemplate } from "./template/parse";
import { readTemplate } from "./template/read";
import { expandSam } from "./template/sam";
import { type Document, type Span, spanOf } from "./template/syntax";
import type { Resource, Template } from "./template/template";
import type { Assignment } from "./template/worlds";
import { findingsOfSets, functionsOfSets, type SetReport, shownOf } from "./together";
import type { ParameterSet } from "./values/parameter-set";

export interface LintOptions {
  readonly settings?: Settings;
  /** Parameter values bound by the caller; they win over defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Returns the parameter sets of a template with these parameters: each is looked at. */
  readonly sets?: ((parameters: Template["parameters"]) => readonly ParameterSet[]) | undefined;
  /** The set whose verdicts stand for a function, where there is one of this name. */
  readonly shownSet?: string | undefined;
  /** What must be reached: any public address on tcp/443 by default. */
  readonly destination?: Destination;
  /** What the lint of an earlier text of the same document left; saves time and changes no result. */
  readonly memory?: Memories | undefined;
  /** The other templates that values of this one may come from. */
  readonly library?: Library | undefined;
  /** What an account told about things outside the template. */
  readonly account?: Resolved | undefined;
}

/** What is kept of each parameter set; under an empty name where there is none. */
export type Memories = ReadonlyMap<string, Memory>;

export interface LintResult {
  readonly kind: "cloudformation" | "sam" | "not-a-template";
  /** The parameter sets that were looked at; absent where there is none. */
  readonly sets?: readonly ParameterSet[];
  /** The name of the set whose verdicts stand for the functions. */
  readonly shownSet?: string;
  readonly functions: readonly FunctionReport[];
  /** In the order of the text. */
  readonly findings: readonly Finding[];
  /** The other files that values of this one come from. */
  readonly others?: readonly string[];
}

export interface FunctionReport {
  readonly id: string;
  /** The path of the CDK construct that it was made from. */
  readonly construct?: string;
  /** The function's logical id in the text. */
  readonly span: Span;
  readonly verdict: FunctionVerdict;
  readonly subnets: readonly SubnetReport[];
  /** Absent for a function outside a VPC. */
  readonly role?: RoleVerdict;
  /** One row a distinct outcome where parameters decide; empty where they do not. */
  readonly dependsOn: readonly Dependence[];
  /** Why the verdict is unknown, where it is, and what was not looked at. */
  readonly reasons: readonly Message[];
  /** The verdict in each parameter set that has the function; absent where there are none. */
  readonly sets?: readonly SetReport[];
}

export interface SubnetReport {
  readonly ref: string;
  /** What the reference stands for in the account that was asked; absent where none told. */
  readonly id?: string;
  readonly span: Span | undefined;
  readonly verdict: Ipv4Verdict;
  readonly ipv6: Ipv6Verdict;
  readonly blockers: readonly string[];
  readonly hops: readonly HopReport[];
}

export interface HopReport {
  readonly kind: HopKind;
  readonly id: string;
  readonly family: Family;
  readonly status: Status;
  readonly why: Message;
  readonly span: Span | undefined;
}

export interface Dependence {
  /** Parameter name to its value, or to the values it must not have. */
  readonly when: Readonly<Record<string, string | { readonly not: readonly string[] }>>;
  readonly verdict: FunctionVerdict;
}

/** What a document means, before any rule looks at it: what findings and reading aids are both made from. */
export interface Meaning {
  readonly document: Document;
  readonly subject: Subject;
  /** What `analyse` returns, its functions with what is reported of each. */
  readonly functions: readonly Analysis[];
  readonly others: readonly Analysis[];
  readonly whole: Analysis;
  readonly memory: Memories;
  /** What it means in each parameter set; all else here is that of the shown one. Absent where there is none. */
  readonly sets?: readonly { readonly set: ParameterSet; readonly meaning: Meaning }[];
  readonly shownSet?: string;
}

/** Returns the meaning of a parsed document, undefined where it is no template; never throws, whatever the text. */
export function meaningOf(document: Document, options: LintOptions = {}): Meaning | undefined {
  const { parameters = {}, shownSet, library } = options;
  const whole = library === undefined ? document : withIncludes(document, library.fragment);
  const written = readTemplate(whole, parameters);
  if (written === undefined) return undefined;
  const bound = (options.sets?.(written.parameters) ?? []).map((set) => {
    // What the caller binds wins in every set.
    const values = { ...set.values, ...parameters };
    // Only loops make other resources of other values.
    const hasLoops = document.text.includes("Fn::ForEach::");
    const template = (hasLoops ? readTemplate(whole, values) : undefined) ?? written;
    return { set, meaning: meaningWith(document, template, options, values, set.name) };
  });
  const nested = library === undefined || bound.length > 0 ? [] : nestingsOf(written, library);
  const sets = [
    ...bound,
    ...nested.map(({ set, library }) => {
      return { set, meaning: meaningWith(document, written, { ...options, library }, parameters, set.name) };
    }),
  ];
  const shown = shownOf(sets, shownSet);
  if (shown === undefined) return meaningWith(document, written, options, parameters, "");
  const memories = new Map(sets.flatMap(({ meaning }) => [...meaning.memory]));
  return { ...shown.meaning, memory: memories, sets, shownSet: shown.set.name };
}

/** More stacks of one template are not told apart. */
const mostNestings = 8;

/** Returns what each stack is that nests a template, where there are several: each is a set of its parameters' values. */
function nestingsOf(
  { parameters }: Template,
  library: Library,
): readonly { readonly set: ParameterSet; readonly library: Library }[] {
  const parents = parameters.size === 0 ? [] : library.parents();
  if (parents.length < 2 || parents.length > mostNestings) return [];
  return parents.map((parent) => {
    const { foreign, stack } = parent;
    const at = foreign.template.resources.get(stack)?.at;
    const line = foreign.text.slice(0, at && spanOf(at).start).split("\n").length;
    const set = { name: `${foreign.name}#${stack}`, values: {}, from: { uri: foreign.file, line } };
    return { set, library: { ...library, parents: () => [parent] } };
  });
}

/** Returns the meaning of a template with one assignment of values to its parameters. */
function meaningWith(
  document: Document,
  written: Template,
  { library, account, destination = internet, memory: before }: LintOptions,
  parameters: Readonly<Record<string, string>>,
  name: string,
): Meaning {
  const own = expandSam(written);
  const template = library === undefined ? own : link(own, library, parameters);
  const subject = subjectOf(template, parameters, destination, account);
  const { memory, ...analyses } = analyse(subject, before?.get(name));
  return { document, subject, ...analyses, memory: new Map([[name, memory]]) };
}

/** Returns what is true of a parsed document; never throws. Pass its meaning where that is known already. */
export function lint(
  document: Document,
  options: LintOptions = {},
  meaning: Meaning | undefined = meaningOf(document, options),
): LintResult {
  const settings = options.settings ?? defaultSettings;
  if (meaning === undefined) return unreadable(document, settings);
  const { template } = meaning.subject;
  const { kind } = template;
  const { sets, shownSet } = meaning;
  const results = sets?.map(({ set, meaning: own }) => ({
    set,
    functions: () => reportsOf(own),
    findings: findingsIn(own, settings),
  }));
  const known = {
    kind,
    findings: results === undefined ? findingsIn(meaning, settings) : findingsOfSets(results, shownSet),
    ...(sets !== undefined && { sets: sets.map(({ set }) => set) }),
    ...(shownSet !== undefined && { shownSet }),
  };
  return resultOf(known, {
    functions: onceAsked(() => (results === undefined ? reportsOf(meaning) : functionsOfSets(results, shownSet))),
    others: () => {
      const templates = sets?.map((one) => one.meaning.subject.template) ?? [template];
      return [...new Set(templates.flatMap(otherFiles))];
    },
  });
}

/** An editor shows findings at every keystroke, and reports when somebody asks. */
const resultOf = whenRead<LintResult, "functions" | "others">("functions", "others");

function reportsOf({ functions, subject }: Meaning): readonly FunctionReport[] {
  return functions.flatMap((analysis) => report(analysis, subject));
}

function findingsIn({ document, subject, functions, others, whole }: Meaning, settings: Settings): readonly Finding[] {
  const yielded = [...functions, ...others, whole].flatMap(checking(document, subject, settings));
  return [...syntaxFindings(document, settings), ...toFindings(document, subject, yielded, settings)];
}

/** Returns what puts every rule that has something to say of an analysis to it. */
function checking(
  document: Document,
  subject: Subject,
  settings: Settings,
): (analysis: Analysis) => readonly Yielded[] {
  const { template, destination } = subject;
  // These rules speak of the internet, which is not what private addresses are asked about for.
  const isElsewhere = isPrivate(destination.ipv4) || isPrivate(destination.ipv6);
  const { hasNat, answering } = signsIn(template);
  const customResources = customResourcesIn(template);
  return (analysis) => {
    const { resource } = analysis;
    const wish = resource && isFunction(resource) ? wishOf(template, resource, settings) : undefined;
    const speaking = speakingOf(isElsewhere ? "elsewhere" : wish);
    return yieldedIn(analysis, resource === undefined ? speaking.everywhere : speaking.here, {
      document,
      template,
      intent: ({ network, fn }) => {
        if (fn === undefined) return "unstated";
        return wish ?? (meansInternet(template, network, fn) ? "internet" : "unstated");
      },
      signs: [wish, hasNat, answering.has(resource?.id ?? "")].join(" "),
      customResources,
      whole: (assignment) => wholeNetwork(subject, assignment),
    });
  };
}

interface Speaking {
  readonly here: readonly Rule[];
  /** Those of them that look at the whole template too. */
  readonly everywhere: readonly Rule[];
}

const speakers = new Map<Intent | "elsewhere" | undefined, Speaking>();

/** Returns the rules that speak where this is wished: lists that are the same in every lint. */
function speakingOf(wish: Intent | "elsewhere" | undefined): Speaking {
  const isSilent = ({ group, ofServices }: Rule): boolean =>
    group === "reach" && (wish === "elsewhere" || wish === "none" || (wish === "aws-services" && ofServices !== true));
  const before = speakers.get(wish);
  if (before !== undefined) return before;
  const here = rules.filter((rule) => !isSilent(rule));
  const speaking = { here, everywhere: here.filter(({ everywhere }) => everywhere === true) };
  speakers.set(wish, speaking);
  return speaking;
}

/** Returns what somebody says that a function should reach: metadata wins over the setting. */
function wishOf(template: Template, resource: Resource, settings: Settings): Intent | undefined {
  return expectationOf(template, resource) ?? intentOf(settings.expect);
}

/** What is meant to be a template, but is so broken that nothing of one is left, has its faults to show. */
function unreadable(document: Document, settings: Settings): LintResult {
  const { text, problems } = document;
  const isMeant = problems.length > 0 && looksLikeTemplate(text);
  if (!isMeant) return { kind: "not-a-template", functions: [], findings: [] };
  const kind = text.includes("AWS::Serverless") ? "sam" : "cloudformation";
  return { kind, functions: [], findings: syntaxFindings(document, settings) };
}

/** The text's own faults are findings like any other. */
function syntaxFindings(document: Document, settings: Settings): Finding[] {
  const setting = settings.rules[templateSyntax.id];
  if (setting === "off") return [];
  return document.problems.map(({ message, span }) => ({
    rule: templateSyntax.id,
    severity: setting ?? templateSyntax.severity,
    message,
    span,
    notes: [],
    fixes: [],
  }));
}

function report(analysis: Analysis, { template, index }: Subject): FunctionReport[] {
  const { links } = template;
  const found = verdictOf(analysis);
  const fn = found?.leaf.result.fn;
  if (found === undefined || fn === undefined || analysis.resource === undefined) return [];
  const unknowns = fn.subnets.flatMap(({ ipv4 }) => (ipv4.verdict === "unknown" ? ipv4.unknowns.slice(0, 1) : []));
  const whole = fn.fn.vpcConfig.is === "unknown" ? [fn.fn.vpcConfig.why] : unknowns;
  const isComplete = (analysis.verdicts ?? analysis.exploration).complete;
  const capped = isComplete ? [] : [capReached(analysis.verdicts && verdictCap)];
  const open = fn.subnets.flatMap(({ reference, ipv4 }) =>
    ipv4.verdict === "unknown" ? (whyOpen(template, reference.ref) ?? []) : [],
  );
  return [
    {
      id: fn.fn.key,
      ...constructOf(analysis.resource),
      span: spanOf(analysis.resource.at),
      verdict: found.verdict,
      subnets: fn.subnets.map((egress) => withSource(reportSubnet(egress), links)),
      ...(fn.role === undefined ? {} : { role: fn.role.verdict }),
      dependsOn: dependences(analysis).map(({ when, verdict }) => ({ when: whenOf(when), verdict })),
      reasons: [...whole, ...open, ...taken(links, () => sliceOf(index, [fn.fn.key]).names), ...capped],
    },
  ];
}

/** Says which stacks other templates are taken for, by the names that a function depends on. */
function taken(links: Template["links"], names: () => ReadonlySet<string>): Message[] {
  if (links === undefined || links.taken.size === 0) return [];
  const own = names();
  const used = [...links.taken.values()].filter(({ texts }) => texts.every((text) => own.has(text)));
  return [...new Set(used.map(({ from }) => from))].map((from) => {
    const imports = new Set(used.flatMap((one) => (one.from === from ? [one.name] : [])));
    return message("from {0}, by the form of the name: {1}", from, [...imports].join(", "));
  });
}

/** Puts before a subnet's hops which export of another template it is taken for, where its name does not prove it. */
function withSource(subnet: SubnetReport, links: Template["links"]): SubnetReport {
  const source = links?.taken.get(subnet.ref.replace(/\[\d+\]$/, ""));
  if (source === undefined) return subnet;
  const { from, name, at } = source;
  const why = message("{0} is taken for a name of {1} that is alike", name, from);
  const hop = { kind: "other", id: from, family: "ipv4", status: "passed", why, span: spanOf(at) } as const;
  return { ...subnet, hops: [hop, ...subnet.hops] };
}

function whenOf(assignment: Assignment): Dependence["when"] {
  return Object.fromEntries(
    [...assignment].map(([name, choice]) => [name, "is" in choice ? choice.is : { not: choice.not }] as const),
  );
}

/** Returns the paths of one subnet as reports tell them. */
export function reportSubnet({ reference, subnet, ipv4, ipv6 }: SubnetEgress): SubnetReport {
  const isResolved = subnet?.at.kind === "aws" && subnet.key !== reference.ref;
  return {
    ref: reference.ref,
    ...(isResolved ? { id: subnet.key } : {}),
    span: spanAt(reference.at),
    verdict: ipv4.verdict,
    ipv6: ipv6.verdict === "partial" ? "unknown" : ipv6.verdict,
    blockers: ipv4.blockers,
    hops: [...ipv4.hops, ...ipv6.hops].map(({ at, ...hop }) => ({
      ...hop,
      span: at === undefined ? undefined : spanAt(at),
    })),
  };
}
