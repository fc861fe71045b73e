/** Evaluates the template's `Conditions` in one world, and says what they ask of it in terms of parameters. */
import { textOf } from "./read";
import type { Remember } from "./stage";
import { intrinsic, type Node } from "./syntax";
import type { Template } from "./template";
import { asWritten, type Value } from "./value";
import type { Oracle } from "./worlds";

/** What conditions need of the evaluator of expressions. */
interface Expressions {
  value(node: Node | undefined, at: Node): Value;
  text(value: Value): string | undefined;
}

/** A condition that leans on more others than this is left open: no person wrote it. */
const mostLeant = 500;

/**
 * Returns the function that tells whether the condition of this name holds in the world that `oracle` describes;
 * `remember` keeps results.
 */
export function createConditions(
  template: Template,
  oracle: Oracle,
  { value, text }: Expressions,
  remember: Remember,
): (name: string) => boolean {
  const results = new Map<string, () => boolean>();

  function holds(name: string): boolean {
    const node = template.conditions.get(name);
    const result = results.get(name) ?? remember(() => decide(name, node));
    results.set(name, result);
    return result();
  }

  /** A condition that is not there, or says nothing without itself, may hold or not. */
  function decide(name: string, node: Node | undefined): boolean {
    const leansOn = node === undefined ? [] : conditionsIn(template, node);
    const isOpen = node === undefined || leansOn.includes(name) || leansOn.length > mostLeant;
    return isOpen ? oracle.holds(`Condition ${name}`, true) : test(node, name);
  }

  function test(node: Node, name?: string): boolean {
    const call = intrinsic(node);
    if (call === undefined) return oracle.holds(`Condition ${name ?? JSON.stringify(plain(node))}`, true);
    const operands = call.argument.kind === "list" ? call.argument.items : [call.argument];
    switch (call.name) {
      case "Condition":
        return holds(textOf(call.argument) ?? "");
      case "Fn::Not":
        return operands[0] === undefined || !test(operands[0]);
      case "Fn::And":
        return operands.every((operand) => test(operand));
      case "Fn::Or":
        return operands.some((operand) => test(operand));
      case "Fn::Equals":
        return equal(operands[0], operands[1], node);
      default:
        return oracle.holds(`${call.name} ${JSON.stringify(plain(call.argument))}`, true);
    }
  }

  function equal(leftNode: Node | undefined, rightNode: Node | undefined, at: Node): boolean {
    const left = value(leftNode, at);
    const right = value(rightNode, at);
    if (right.kind === "text") return equalsText(left, right.text);
    return left.kind === "text" ? equalsText(right, left.text) : compare(left, right);
  }

  /** A comparison with a text asks for the parameters in the value, one by one where they decide it alone. */
  function equalsText(left: Value, right: string): boolean {
    if (left.kind === "text") return left.text === right;
    if (left.kind === "pattern") return matchesPattern(left, right);
    const parameter = left.kind === "external" ? left.parameter : undefined;
    // What is joined, split or picked from a parameter is empty where that is empty.
    const decides = parameter !== undefined && (plainParameter(left) !== undefined || right === "");
    return decides ? oracle.ask(parameter, [right]) === right : isText(left, right);
  }

  /** `${Stage}-net` is `prod-net` where Stage is `prod`; texts put together are empty where each of them is. */
  function matchesPattern(pattern: Value & { kind: "pattern" }, right: string): boolean {
    const { parts } = pattern;
    if (right === "") return parts.every((part) => typeof part !== "string" && equalsText(part, ""));
    const at = parts.findIndex((part) => typeof part !== "string");
    const only = parts[at];
    if (only === undefined || typeof only === "string" || parts.some(isOther(only))) return isText(pattern, right);
    const [prefix, suffix] = [parts.slice(0, at).join(""), parts.slice(at + 1).join("")];
    if (right.length < prefix.length + suffix.length) return false;
    if (!right.startsWith(prefix) || !right.endsWith(suffix)) return false;
    return equalsText(only, right.slice(prefix.length, right.length - suffix.length));
  }

  /** A value that no single parameter decides is a question of its own, unless this world fixes all of it. */
  function isText(left: Value, right: string): boolean {
    const isFixed = parametersIn(left).every((parameter) => oracle.fixed(parameter) !== undefined);
    return isFixed && text(left) !== undefined
      ? text(left) === right
      : oracle.ask(named(left), [right], text(left)) === right;
  }

  /** Where this world fixes one of two values, the other is asked for that; else their equality is the question. */
  function compare(left: Value, right: Value): boolean {
    const [one, other] = [named(left), named(right)];
    if (one === other) return true;
    const fixedLeft = fixed(left);
    if (fixedLeft !== undefined) return equalsText(right, fixedLeft);
    const fixedRight = fixed(right);
    if (fixedRight !== undefined) return equalsText(left, fixedRight);
    const [oneText, otherText] = [text(left), text(right)];
    return oracle.holds(`${one} = ${other}`, oneText !== undefined && oneText === otherText);
  }

  function fixed(value: Value): string | undefined {
    const parameter = plainParameter(value);
    return parameter === undefined ? undefined : oracle.fixed(parameter);
  }

  return holds;
}

/** Returns the conditions that an expression speaks of, directly or through others; little more than are followed. */
function conditionsIn(template: Template, node: Node): readonly string[] {
  const seen = new Set<string>();
  const queue = [node];
  for (let next = queue.pop(); next !== undefined && seen.size <= mostLeant; next = queue.pop()) {
    if (next.kind === "list") queue.push(...next.items);
    if (next.kind !== "map") continue;
    for (const { key, value } of next.entries) {
      const name = key.text === "Condition" ? textOf(value) : undefined;
      const other = name === undefined || seen.has(name) ? undefined : template.conditions.get(name);
      if (name === undefined) queue.push(value);
      else seen.add(name);
      if (other !== undefined) queue.push(other);
    }
  }
  return [...seen];
}

/** Returns a node as plain data, for names and comparisons. */
export function plain(node: Node | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") return node.text;
  if (node.kind === "list") return node.items.map(plain);
  return node.entries.map(({ key, value }) => [key.text, plain(value)]);
}

/** Returns the parameter whose value this is, undefined where it is made of one. */
function plainParameter(value: Value): string | undefined {
  return value.kind === "external" && value.key === `param:${value.parameter}` ? value.parameter : undefined;
}

function parametersIn(value: Value): readonly string[] {
  if (value.kind === "external") return value.parameter === undefined ? [] : [value.parameter];
  return value.kind === "pattern"
    ? value.parts.flatMap((part) => (typeof part === "string" ? [] : parametersIn(part)))
    : [];
}

/** Returns a value in words for reports: a parameter by its name, its item as `Zones[0]`, anything else as it was written. */
function named(value: Value): string {
  const isOfParameter = value.kind === "external" && value.parameter !== undefined && value.key.startsWith("param:");
  return isOfParameter ? value.key.slice("param:".length) : asWritten(value);
}

function isOther(than: Value): (part: string | Value) => boolean {
  return (part) => typeof part !== "string" && part !== than;
}
