/** Evaluates the expressions of a template in one world: intrinsic functions, conditions, and what they leave open. */
import { type Message, message } from "../message";
import { cidrBlocks } from "./cidr-function";
import { createConditions, plain } from "./conditions";
import { distinctAttribute, idsIn, isGiven } from "./identity";
import { stackOutput } from "./imports";
import { concatenate, dynamicReferences, settled, splitPattern } from "./pattern";
import { textOf as scalarText } from "./read";
import { onlyOnce, type Remember } from "./stage";
import { get, intrinsic, type MapNode, type Node } from "./syntax";
import type { Resource, Template } from "./template";
import { asPicked, asWritten, toldBy, type Value } from "./value";
import type { Oracle } from "./worlds";

export interface Resolver {
  /** Returns what an expression comes to; `nothing` for an absent node. */
  value(node: Node | undefined, at: Node): Value;
  /** Returns the property of a resource, or of a map value. */
  property(of: Resource | MapNode, name: string): Value;
  /** Returns a value's literal text in this world, undefined where deployment decides it. May open worlds. */
  text(value: Value): string | undefined;
  /** Returns the items of a list value, `whole` where one item stands for a list of unknown length. */
  items(value: Value): readonly Value[] | undefined;
  /** Returns the type of a resource of the template. */
  typeOf(id: string): string | undefined;
  /** Tells whether a resource is created in this world. */
  exists(resource: Resource): boolean;
  /** How often parameters or conditions were looked at; where two counts are equal, nothing between them depends on the world. */
  consulted(): number;
}

/** Attributes that lead to one another further than this are left open: no person wrote them. */
const depthCap = 20;

/** Returns the evaluator of a template's expressions in the world that `world` describes; `remember` is that of its stage. */
export function createResolver(template: Template, world: Oracle, remember: Remember = onlyOnce): Resolver {
  let consultations = 0;
  /** The values from other templates, and the attributes of this one's resources, that are being evaluated. */
  const following = new Set<string>();
  const oracle: Oracle = {
    ask: (...args) => world.ask(...counted(args)),
    text: (...args) => world.text(...counted(args)),
    fixed: (...args) => world.fixed(...counted(args)),
    given: (...args) => world.given(...args),
    holds: (...args) => world.holds(...counted(args)),
  };
  const conditions = createConditions(template, oracle, { value, text }, remember);

  function counted<T>(args: T): T {
    consultations++;
    return args;
  }

  function value(node: Node | undefined, at: Node): Value {
    if (node === undefined) return { kind: "nothing", at };
    switch (node.kind) {
      case "scalar":
        return stored(dynamicReferences(node.text, node));
      case "list":
        return { kind: "list", at: node, items: node.items.map((item) => value(item, item)).flatMap(present) };
      case "map": {
        const call = intrinsic(node);
        return call === undefined ? { kind: "map", at: node, node } : evaluate(call.name, call.argument, node);
      }
    }
  }

  function evaluate(name: string, argument: Node, at: Node): Value {
    switch (name) {
      case "Ref":
        return reference(scalarText(argument) ?? text(value(argument, at)) ?? "", at);
      case "Fn::GetAtt":
        return attribute(argument, at);
      case "Fn::Sub":
        return substitute(argument, at);
      case "Fn::Join":
        return join(argument, at);
      case "Fn::Select":
        return select(argument, at);
      case "Fn::Split":
        return splitCall(argument, at);
      case "Fn::If":
        return branch(argument, at);
      case "Fn::FindInMap":
        return findInMap(argument, at);
      case "Fn::Cidr":
        return cidr(argument, at);
      case "Fn::GetAZs": {
        const region = asWritten(value(argument, argument));
        const key = `zones:${region === "${AWS::Region}" ? "" : region}`;
        return { kind: "external", at, key, ref: key, list: true };
      }
      case "Fn::ImportValue": {
        const key = `import:${asWritten(value(argument, argument))}`;
        return linked({ kind: "external", at, key, ref: key, list: false });
      }
      case "Fn::GetStackOutput": {
        const { key } = stackOutput(argument, (node) => asWritten(value(node, node)));
        return linked({ kind: "external", at, key, ref: key, list: false });
      }
      case "Fn::Base64":
        return unknown(at, message("it is encoded by {0}", "Fn::Base64"));
      case "Fn::Transform":
        return writtenByMacro(argument, at);
      default:
        return unknown(at, message("{0} is evaluated during deployment", name));
    }
  }

  function reference(name: string, at: Node): Value {
    if (name === "AWS::NoValue") return { kind: "nothing", at };
    if (template.resources.has(name)) return { kind: "resource", at, id: name, attribute: undefined };
    const type = template.parameters.get(name)?.type ?? "";
    const list = /(?:^|<)(?:List<|CommaDelimitedList)/.test(type);
    const key = `param:${name}`;
    // A name that nothing has stands in reports as it is.
    const ref = /^\w+$/.test(name) && !template.parameters.has(name) ? name : key;
    const outside = { kind: "external", at, key, ref, list, parameter: name } as const;
    const ids = idsIn(oracle.given(name) ?? "", outside);
    const [first] = ids ?? [];
    if (ids === undefined || first === undefined) return linked(outside);
    return list || ids.length > 1 ? { kind: "list", at, ref, items: ids } : first;
  }

  /** Another template may keep a value in the parameter store. */
  function stored(found: Value): Value {
    return found.kind === "external" && found.key.startsWith("ssm:") ? linked(found) : found;
  }

  /** Returns what another template says of a value, where one does; at the place and in the words of this one. */
  function linked(outside: Value & { kind: "external" }): Value {
    const { key, list } = outside;
    const node = template.links?.values.get(key);
    // Templates may import from one another in a circle.
    if (node === undefined || following.has(key)) return outside;
    following.add(key);
    const found = value(node, node);
    following.delete(key);
    return found.kind === "nothing" ? outside : toldBy(outside, list ? split(",", found) : found);
  }

  function attribute(argument: Node, at: Node): Value {
    let id: string | undefined;
    let name: string | undefined;
    if (argument.kind === "list") {
      id = argument.items[0] && text(value(argument.items[0], at));
      name = argument.items[1] && text(value(argument.items[1], at));
    } else {
      const whole = scalarText(argument) ?? "";
      const dot = whole.indexOf(".");
      id = dot < 0 ? whole : whole.slice(0, dot);
      name = dot < 0 ? undefined : whole.slice(dot + 1);
    }
    if (id === undefined || name === undefined) return unknown(at, message("this reference cannot be read"));
    return attributeOf(id, name, at);
  }

  function attributeOf(id: string, name: string, at: Node): Value {
    const resource = template.resources.get(id);
    if (resource === undefined || name.startsWith("Outputs.")) {
      const key = `output:${id}.${name.replace(/^Outputs\./, "")}`;
      return linked({ kind: "external", at, key, ref: key, list: false });
    }
    const itself: Value = { kind: "resource", at, id, attribute: distinctAttribute(resource.type, name) };
    const given = isGiven(resource.type, name) ? get(resource.properties, name) : undefined;
    // A property may be written in terms of itself.
    const key = `${id}.${name}`;
    if (given === undefined || following.has(key) || following.size >= depthCap) return itself;
    following.add(key);
    const found = value(given, given);
    following.delete(key);
    return found.kind === "nothing" || found.kind === "unknown" ? itself : { ...found, at };
  }

  function substitute(argument: Node, at: Node): Value {
    const format = argument.kind === "list" ? argument.items[0] : argument;
    const variables = argument.kind === "list" ? argument.items[1] : undefined;
    const template = scalarText(format);
    if (template === undefined) return unknown(at, message("this {0} cannot be read", "Fn::Sub"));
    const parts: (string | Value)[] = [];
    let last = 0;
    for (const match of template.matchAll(/\$\{([^{}]*)\}/g)) {
      parts.push(template.slice(last, match.index));
      last = match.index + match[0].length;
      const name = (match[1] ?? "").trim();
      const variable = get(variables, name);
      if (name.startsWith("!")) parts.push(`\${${name.slice(1)}}`);
      else if (variable !== undefined) parts.push(value(variable, variable));
      else if (name.includes(".")) {
        parts.push(attributeOf(name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1), at));
      } else parts.push(reference(name, at));
    }
    parts.push(template.slice(last));
    return stored(settled(concatenate(parts, at)));
  }

  function join(argument: Node, at: Node): Value {
    const delimiter = argument.kind === "list" ? scalarText(argument.items[0]) : undefined;
    const list = argument.kind === "list" && argument.items[1] && value(argument.items[1], at);
    if (delimiter === undefined || !list) return joinless(argument, at);
    if (list.kind === "external" && list.list)
      return { ...list, at, list: false, key: `join:${delimiter}:${list.key}`, delimiter };
    if (list.kind !== "list") return unknown(at, message("{0} joins values that are not known here", "Fn::Join"));
    const parts = list.items.flatMap((item, index) => (index === 0 ? [item] : [delimiter, item]));
    return stored(settled(concatenate(parts, at)));
  }

  /** An empty delimiter is read as null where it is written without quotes. */
  function joinless(argument: Node, at: Node): Value {
    if (argument.kind === "list" && argument.items[0]?.kind === "scalar" && argument.items[1] !== undefined) {
      const list = value(argument.items[1], at);
      if (list.kind === "list") return stored(settled(concatenate(list.items, at)));
    }
    return unknown(at, message("{0} joins values that are not known here", "Fn::Join"));
  }

  function select(argument: Node, at: Node): Value {
    const [first, second] = argument.kind === "list" ? argument.items : [];
    const index = Number(first && text(value(first, at)));
    const list = second && value(second, at);
    if (list === undefined || !Number.isInteger(index))
      return unknown(at, message("{0} picks by a value that is not known here", "Fn::Select"));
    if (list.kind === "list")
      return (
        asPicked(list, index) ?? unknown(at, message("{0} picks an item that the list does not have", "Fn::Select"))
      );
    if (list.kind === "external") {
      const known = list.parameter === undefined ? {} : { index };
      return { ...list, ...known, at, key: `${list.key}[${index}]`, list: false };
    }
    if (list.kind === "resource") return { ...list, at, attribute: `${list.attribute ?? ""}[${index}]` };
    return list.kind === "unknown"
      ? { ...list, at }
      : unknown(at, message("{0} picks from a value that is not known here", "Fn::Select"));
  }

  function splitCall(argument: Node, at: Node): Value {
    const delimiter = argument.kind === "list" ? scalarText(argument.items[0]) : undefined;
    const source = argument.kind === "list" && argument.items[1] && value(argument.items[1], at);
    if (delimiter === undefined || !source) return unknown(at, message("this {0} cannot be read", "Fn::Split"));
    return { ...split(delimiter, source), at };
  }

  /** A list stays what it is: a list parameter may be given one. */
  function split(delimiter: string, source: Value): Value {
    const { at } = source;
    if (source.kind === "list") return source;
    if (source.kind === "text") {
      return { kind: "list", at, items: source.text.split(delimiter).map((text) => ({ kind: "text", text, at })) };
    }
    if (source.kind === "pattern") {
      const items = splitPattern(source.parts, delimiter, at);
      const { ref } = source;
      return ref === undefined ? { kind: "list", at, items } : toldBy({ at, ref }, { kind: "list", at, items });
    }
    if (source.kind === "external") return { ...source, list: true, delimiter };
    if (source.kind === "resource") return source;
    return unknown(at, message("{0} splits a value that is not known here", "Fn::Split"));
  }

  function branch(argument: Node, at: Node): Value {
    const [name, yes, no] = argument.kind === "list" ? argument.items : [];
    const condition = scalarText(name);
    if (condition === undefined || yes === undefined || no === undefined)
      return unknown(at, message("this {0} cannot be read", "Fn::If"));
    const taken = conditions(counted(condition)) ? yes : no;
    return value(taken, taken);
  }

  function findInMap(argument: Node, at: Node): Value {
    const [map, first, second, options] = argument.kind === "list" ? argument.items : [];
    const name = map && text(value(map, at));
    const mapping = name === undefined ? undefined : template.mappings.get(name);
    const whenMissing = (): Value => {
      const fallback = get(options, "DefaultValue");
      if (fallback !== undefined) return value(fallback, fallback);
      return unknown(at, message("the mapping {0} has no such entry", name ?? "?"));
    };
    if (mapping?.kind !== "map" || first === undefined || second === undefined) return whenMissing();
    const inner = (row: Node | undefined): Node | undefined => {
      if (row?.kind !== "map") return undefined;
      const key = keyAmong(second, at, row);
      return key === undefined ? undefined : get(row, key);
    };
    const top = value(first, first);
    if (top.kind === "external" && top.parameter?.startsWith("AWS::") === true && text(top) === undefined) {
      // Other regions than the mapping's get the default.
      const fallback = get(options, "DefaultValue");
      const rows = [
        ...mapping.entries.map((entry) => inner(entry.value)),
        ...(fallback === undefined ? [] : [fallback]),
      ];
      const texts = new Set(rows.map((row) => JSON.stringify(plain(row))));
      if (texts.size === 1 && rows[0] !== undefined) return value(rows[0], rows[0]);
      return unknown(at, message("it differs by {0}", top.parameter));
    }
    const key = keyAmong(first, at, mapping);
    const found = key === undefined ? undefined : inner(get(mapping, key));
    return found === undefined ? whenMissing() : { ...value(found, found), at };
  }

  /** Returns which key of a mapping an expression names; asks where a parameter decides it. */
  function keyAmong(node: Node, at: Node, among: MapNode): string | undefined {
    const key = value(node, at);
    if (key.kind === "external" && key.parameter !== undefined && !key.list && key.index === undefined) {
      return oracle.ask(
        key.parameter,
        among.entries.map((entry) => entry.key.text),
      );
    }
    return text(key);
  }

  function cidr(argument: Node, at: Node): Value {
    const [block, count, bits] = argument.kind === "list" ? argument.items.map((item) => text(value(item, at))) : [];
    const blocks = block === undefined ? undefined : cidrBlocks(block, Number(count), Number(bits ?? "8"));
    if (blocks !== undefined) return { kind: "list", at, items: blocks.map((text) => ({ kind: "text", text, at })) };
    const source = argument.kind === "list" && argument.items[0] ? asWritten(value(argument.items[0], at)) : "?";
    const key = `cidr:${source}/${count ?? "?"}/${bits ?? "?"}`;
    return { kind: "external", at, key, ref: key, list: true };
  }

  function text(of: Value): string | undefined {
    switch (of.kind) {
      case "text":
        return of.text;
      case "pattern": {
        let whole = "";
        for (const part of of.parts) {
          const piece = typeof part === "string" ? part : text(part);
          if (piece === undefined) return undefined;
          whole += piece;
        }
        return whole;
      }
      case "external": {
        if (of.parameter === undefined) return undefined;
        const whole = oracle.text(of.parameter);
        if (of.index !== undefined) return whole?.split(of.delimiter ?? ",")[of.index]?.trim();
        return of.key.startsWith("join:") ? whole?.split(/\s*,\s*/).join(of.delimiter) : whole;
      }
      case "list":
      case "map":
      case "resource":
      case "nothing":
      case "unknown":
        return undefined;
    }
  }

  function items(of: Value): readonly Value[] | undefined {
    switch (of.kind) {
      case "list":
        return of.items.flatMap((item) => (item.kind === "list" ? item.items : [item]));
      case "nothing":
        return [];
      case "unknown":
        return undefined;
      default:
        return [of];
    }
  }

  return {
    value,
    property(of, name) {
      const map = "kind" in of ? of : of.properties;
      const at = "kind" in of ? of : of.at;
      const given = get(map, name);
      if (given !== undefined) return value(given, given);
      // While somebody types, a key that is not there proves nothing.
      if (map !== undefined && template.incomplete.has(map)) {
        return unknown(at, message("{0} cannot be read as it is written", name));
      }
      // A transform inside the map may write the property during deployment.
      const transform = get(map, "Fn::Transform");
      return transform === undefined ? { kind: "nothing", at } : evaluate("Fn::Transform", transform, transform);
    },
    text,
    items,
    typeOf: (id) => template.resources.get(id)?.type,
    exists: (resource) => resource.condition === undefined || conditions(counted(resource.condition)),
    consulted: () => consultations,
  };
}

/** `AWS::NoValue` removes an item from its list. */
function present(value: Value): readonly Value[] {
  return value.kind === "nothing" ? [] : [value];
}

/** A macro inside a resource may write any property of it that is not there. */
function writtenByMacro(macro: Node, at: Node): Value {
  return unknown(at, message("the macro {0} writes it during deployment", scalarText(get(macro, "Name")) ?? "?"));
}

function unknown(at: Node, why: Message): Value {
  return { kind: "unknown", at, why };
}
