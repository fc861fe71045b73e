/**
 * Templates that belong together, as one.
 *
 * A function's subnets are often another stack's: imported, handed down as parameters, or read from a nested
 * stack. Here those templates' resources are taken in under names of their own, and every value that comes from
 * there is tied to the expression that makes it. Everything behind this reads one template, as ever.
 */
import { type Message, message } from "../message";
import { briefly, type Candidate, chosen, type Foreign } from "./exporter";
import { type OpenName, openName } from "./exports";
import { aboutNetwork, type Import, importsOf, namesOf, stackOutput } from "./imports";
import { isStack, locationOf } from "./nested";
import { renamed } from "./rename";
import { createResolver } from "./resolve";
import { get, type Node } from "./syntax";
import type { Resource, Taken, Template } from "./template";
import { asWritten } from "./value";
import { oracleOf } from "./worlds";

/** Where other templates are found. */
export interface Library {
  /** Returns what other templates may export, or keep in the store, under a name, as far as the best fit goes. */
  exporting(name: OpenName): readonly Candidate[];
  /** Returns the templates that a stack of this name may be made from, for those of their outputs that have this name. */
  outputs(stack: string, output: string): readonly Candidate[];
  /** Returns the template that a nested stack names by a local path, seen from the file that says it. */
  child(file: string | undefined, location: string): Foreign | undefined;
  /** Returns what a file holds that the one under analysis includes by a local path. */
  fragment(location: string): Node | undefined;
  /** Returns the templates that nest the one under analysis, each with the nested stack's logical id. */
  parents(): readonly { readonly foreign: Foreign; readonly stack: string }[];
}

/** No more templates than these are taken in, and none further away: whoever nests in circles gets an answer too. */
const mostTemplates = 40;
const deepest = 6;

const tooMany = message("no more than {0} templates and {1} steps are followed", mostTemplates, deepest);

/** A template that was taken in, and how many steps it is away. */
interface Unit {
  readonly template: Template;
  readonly file: string | undefined;
  readonly depth: number;
}

/**
 * Returns the template with everything in it that its values come from; the template itself where nothing does.
 * `given` are parameter values bound by the caller, which win over what a parent stack hands down.
 */
export function link(main: Template, library: Library, given: Readonly<Record<string, string>> = {}): Template {
  const parents = library.parents();
  if (parents.length === 0 && !needsOthers(main)) return main;

  const links = {
    values: new Map<string, Node>(),
    names: new Map<string, string[]>(),
    open: new Map<string, Message>(),
    taken: new Map<string, Taken>(),
  };
  const sections = {
    parameters: new Map(main.parameters),
    mappings: new Map(main.mappings),
    conditions: new Map(main.conditions),
    outputs: new Map(main.outputs),
    resources: new Map(main.resources),
  };
  const broken = [...main.broken];
  const units: Template[] = [];
  const whole: Template = { ...main, ...sections, broken, links: { ...links, units } };
  const oracle = oracleOf(whole.parameters, given, new Map());
  const resolver = createResolver(whole, oracle);
  const written = (node: Node): string => asWritten(resolver.value(node, node));
  const open = openName(whole, oracle);
  const taken = new Map<string, Template>();
  const queue: Unit[] = [{ template: main, file: undefined, depth: 0 }];

  const takeIn = ({ template, file }: Foreign, prefix: string, depth: number): Template | undefined => {
    const before = taken.get(prefix);
    if (before !== undefined || taken.size >= mostTemplates || depth > deepest) return before;
    const own = renamed(template, prefix);
    for (const [name, parameter] of own.parameters) sections.parameters.set(name, parameter);
    for (const [name, mapping] of own.mappings) sections.mappings.set(name, mapping);
    for (const [name, condition] of own.conditions) sections.conditions.set(name, condition);
    for (const [name, output] of own.outputs) sections.outputs.set(name, output);
    for (const [id, resource] of own.resources) sections.resources.set(id, resource);
    broken.push(...own.broken);
    taken.set(prefix, own);
    units.push(own);
    queue.push({ template: own, file, depth });
    return own;
  };

  /** Ties a value to the expression behind it; a slice that meets one of the names goes on there. */
  const tie = (key: string, node: Node, names: readonly string[]): void => {
    links.values.set(key, node);
    for (const name of names) links.names.set(name, [...(links.names.get(name) ?? []), ...namesOf(node)]);
  };

  const wantedBy = ({ kind, argument }: Import): Wanted => {
    if (kind === "export") {
      const wanted = open(written(argument));
      return { ...wanted, key: `import:${written(argument)}`, found: () => library.exporting(wanted) };
    }
    if (kind === "store") {
      const value = resolver.value(argument, argument);
      // What is tied already is called as it was written.
      const key = (value.kind === "external" ? value.key : (value.ref ?? "")).replace(/\[\d+\]$/, "");
      return inStore(key.slice("ssm:".length), key);
    }
    const { stack, output, key } = stackOutput(argument, written);
    const name = `${stack}.${output}`;
    return { name, usual: name, key, found: () => library.outputs(stack, output) };
  };

  const inStore = (name: string, key: string): Wanted => {
    const wanted = { ...open(name), stored: true } as const;
    return { ...wanted, key, found: () => library.exporting(wanted) };
  };

  const followImport = (one: Import, unit: Unit): void => follow(wantedBy(one), namesOf(one.call), unit);

  const follow = ({ key, found: find, ...wanted }: Wanted, texts: readonly string[], unit: Unit): void => {
    const { template: importer, depth } = unit;
    const known = links.values.get(key);
    // The same import may be written in other words elsewhere.
    if (known !== undefined) tie(key, known, texts);
    if (known !== undefined || links.open.has(key)) return;
    const company = () =>
      aboutNetwork(importer)
        .map(wantedBy)
        .map((other) => ({ wanted: other, found: other.found() }));
    const found = find();
    const only = chosen(wanted, found, company);
    if (only === undefined) return;
    if ("template" in only) {
      links.open.set(key, only);
      return;
    }
    const foreign = only.foreign();
    const prefix = `${only.name}#`;
    const template = foreign && takeIn(foreign, prefix, depth + 1);
    if (foreign !== undefined && template === undefined) {
      links.open.set(key, tooMany);
    }
    const output = template?.outputs.get(prefix + only.output);
    const made = wanted.stored ? template?.resources.get(prefix + only.output)?.properties : output;
    const value = get(made, "Value");
    if (value !== undefined) tie(key, value, texts);
    const at = get(get(output, "Export") ?? made, "Name");
    if (value === undefined || at === undefined || only.match === "same") return;
    links.taken.set(key, { name: wanted.name, from: only.name, at, texts });
  };

  /** What a nested stack is given it passes on, and what it puts out is read. */
  const followStack = (resource: Resource, { file, depth }: Unit): void => {
    const { id, properties } = resource;
    const location = locationOf(resource);
    const child = location === undefined ? undefined : library.child(file, location);
    const prefix = `${id}/`;
    const template = child && takeIn(child, prefix, depth + 1);
    if (child === undefined || template === undefined) {
      const why =
        location === undefined
          ? message("the template of {0} is not at hand", id)
          : message("the template of {0} is not at hand ({1})", id, location);
      links.open.set(anyOutput(id), child === undefined ? why : tooMany);
      return;
    }
    links.open.set(anyOutput(id), message("{0} has no output of this name", child.name));
    const passed = get(properties, "Parameters");
    for (const name of child.template.parameters.keys()) {
      const value = get(passed, name);
      if (value !== undefined) tie(`param:${prefix}${name}`, value, [prefix + name]);
    }
    for (const name of child.template.outputs.keys()) {
      const value = get(template.outputs.get(prefix + name), "Value");
      if (value !== undefined) tie(`output:${id}.${name}`, value, [id]);
    }
  };

  const [parent] = parents;
  const above = parent && `${parent.foreign.name}#${parent.stack}`;
  if (parent !== undefined && parents.length === 1) {
    const template = takeIn(parent.foreign, `${parent.foreign.name}#`, 1);
    const passed = get(template?.resources.get(above ?? "")?.properties, "Parameters");
    for (const name of main.parameters.keys()) {
      const value = Object.hasOwn(given, name) ? undefined : get(passed, name);
      if (value !== undefined) tie(`param:${name}`, value, [name]);
    }
  } else if (parents.length > 1) {
    const places = briefly(parents.map(({ foreign, stack }) => ({ name: `${foreign.name}#${stack}` })));
    for (const name of main.parameters.keys()) {
      links.open.set(`param:${name}`, message("it is nested more than once: {0}", places));
    }
  }

  for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
    for (const { name, type, default: usual } of unit.template.parameters.values()) {
      const stored = type.startsWith("AWS::SSM::Parameter::Value<") ? (oracle.given(name) ?? usual) : undefined;
      const key = `param:${name}`;
      if (stored === undefined || links.values.has(key) || links.open.has(key)) continue;
      follow(inStore(stored, key), [name], unit);
    }
    for (const resource of unit.template.resources.values()) {
      if (isStack(resource) && resource.id !== above) followStack(resource, unit);
      if (!mayBear.test(resource.type)) continue;
      for (const one of importsOf(resource.node)) followImport(one, unit);
    }
    for (const output of unit.template.outputs.values()) {
      for (const one of importsOf(output)) followImport(one, unit);
    }
  }
  return whole;
}

/** Returns why a value stays open although other templates were looked at, by its reference in reports. */
export function whyOpen({ links }: Template, ref: string): Message | undefined {
  const [key, stack] = /^output:([^.]+)\.[^[]*/.exec(ref) ?? [];
  const isTold = key === undefined || stack === undefined || links?.values.has(key) === true;
  return links?.open.get(ref) ?? (isTold ? undefined : links?.open.get(anyOutput(stack)));
}

/** Stands for all outputs of a stack that are not known. */
function anyOutput(stack: string): string {
  return `output:${stack}.*`;
}

/** Returns the other files that a template has something from. */
export function otherFiles({ resources, links, includes }: Template): readonly string[] {
  const roots = (links?.units ?? []).map(({ root }) => root);
  const nodes = [...roots, ...[...resources.values()].map(({ at }) => at)];
  return [...new Set([...nodes.flatMap(({ block }) => block.file ?? []), ...(includes?.keys() ?? [])])];
}

function needsOthers({ resources, outputs, parameters }: Template): boolean {
  for (const { type } of parameters.values()) if (type.startsWith("AWS::SSM::")) return true;
  for (const resource of resources.values()) if (isStack(resource) || importsOf(resource.node).length > 0) return true;
  for (const output of outputs.values()) if (importsOf(output).length > 0) return true;
  return false;
}

/** What says something of networks, functions and roles, or hands it on; what a queue imports leads nowhere. */
const mayBear = /^AWS::(?:CloudFormation|EC2|IAM|Lambda|NetworkFirewall|SSM|Serverless|Synthetics)::/;

/** What an import asks for, and who may have it. */
interface Wanted extends OpenName {
  /** The key of the value. */
  readonly key: string;
  found(): readonly Candidate[];
}
