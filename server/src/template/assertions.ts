/**
 * The template's `Rules` section: combinations of parameter values that CloudFormation refuses, which are
 * therefore no worlds (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html).
 */
import { referencesIn } from "./dependency";
import { textOf } from "./read";
import { get, intrinsic, type Node } from "./syntax";
import type { Template } from "./template";
import type { Assignment, Oracle } from "./worlds";

/**
 * Returns false where an assertion certainly fails in a world. Rules are looked at only where they speak of
 * a parameter that the world decides, directly or through another rule. What depends on the account
 * (`Fn::ValueOf`) excludes nothing.
 */
export function assertionsHold(template: Template, oracle: Oracle, assignment: Assignment): boolean {
  const open = new Map([...template.rules.values()].map((rule) => [rule, parametersIn(template, rule)] as const));
  const next = (): Node | undefined => [...open].find(([, names]) => names.some((name) => assignment.has(name)))?.[0];
  const test = createTest(template, oracle);
  for (let rule = next(); rule !== undefined; rule = next()) {
    open.delete(rule);
    const condition = get(rule, "RuleCondition");
    if (condition !== undefined && test(condition) !== true) continue;
    const assertions = get(rule, "Assertions");
    for (const assertion of assertions?.kind === "list" ? assertions.items : []) {
      const node = get(assertion, "Assert");
      if (node !== undefined && test(node) === false) return false;
    }
  }
  return true;
}

/** Returns the parameters that a rule speaks of, by name or by type. */
function parametersIn(template: Template, rule: Node): readonly string[] {
  const types = new Set<string>();
  const collect = (node: Node): void => {
    const call = intrinsic(node);
    if (call?.name === "Fn::RefAll") types.add(textOf(call.argument) ?? "");
    if (node.kind === "list") node.items.forEach(collect);
    if (node.kind === "map") for (const { value } of node.entries) collect(value);
  };
  collect(rule);
  const byType = [...template.parameters.values()].filter(({ type }) => types.has(type)).map(({ name }) => name);
  return [...referencesIn(rule), ...byType];
}

/** True, false, or not to be told from the template. */
type Truth = boolean | undefined;

type Operand =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "list"; readonly items: readonly Operand[] }
  | undefined;

/** Returns the evaluator of the functions that `Rules` may use, in one world. */
function createTest(template: Template, oracle: Oracle): (node: Node) => Truth {
  function test(node: Node): Truth {
    const call = intrinsic(node);
    const operands = call?.argument.kind === "list" ? call.argument.items : call === undefined ? [] : [call.argument];
    const [left, right] = operands;
    switch (call?.name) {
      case "Fn::Not":
        return not(left === undefined ? undefined : test(left));
      case "Fn::And":
        return all(operands, test);
      case "Fn::Or":
        return any(operands, test);
      case "Fn::Equals":
        return equals(read(left), read(right));
      case "Fn::Contains":
        return isAmong(read(right), read(left));
      case "Fn::EachMemberEquals":
        return eachMember(read(left), (item) => equals(item, read(right)));
      case "Fn::EachMemberIn":
        return eachMember(read(left), (item) => isAmong(item, read(right)));
      default:
        return undefined;
    }
  }

  function read(node: Node | undefined): Operand {
    if (node === undefined) return undefined;
    if (node.kind === "scalar") return { kind: "text", text: node.text };
    if (node.kind === "list") return { kind: "list", items: node.items.map(read) };
    const call = intrinsic(node);
    const name = textOf(call?.argument) ?? "";
    if (call?.name === "Fn::RefAll") {
      const ofType = [...template.parameters.values()].filter(({ type }) => type === name);
      return { kind: "list", items: ofType.map((parameter) => ({ kind: "parameter", name: parameter.name })) };
    }
    if (call?.name !== "Ref") return undefined;
    const isList = /List<|CommaDelimitedList/.test(template.parameters.get(name)?.type ?? "");
    if (!isList) return { kind: "parameter", name };
    const items = oracle.fixed(name)?.split(",");
    return items && { kind: "list", items: items.map((text) => ({ kind: "text", text: text.trim() })) };
  }

  function equals(left: Operand, right: Operand): Truth {
    if (left?.kind === "parameter") {
      const text = right?.kind === "parameter" ? oracle.fixed(right.name) : textIn(right);
      if (text !== undefined) return oracle.ask(left.name, [text]) === text;
    }
    if (right?.kind === "parameter") {
      const text = left?.kind === "parameter" ? oracle.fixed(left.name) : textIn(left);
      if (text !== undefined) return oracle.ask(right.name, [text]) === text;
    }
    return left?.kind === "text" && right?.kind === "text" ? left.text === right.text : undefined;
  }

  function isAmong(item: Operand, list: Operand): Truth {
    if (list?.kind !== "list") return undefined;
    const texts = list.items.flatMap((one) => textIn(one) ?? []);
    // One question, so that values that are in no list make one world and not one for each.
    const isOneQuestion = item?.kind === "parameter" && texts.length === list.items.length;
    if (isOneQuestion) return oracle.ask(item.name, texts) !== undefined;
    return any(list.items, (one) => equals(item, one));
  }

  return test;
}

function eachMember(list: Operand, holds: (item: Operand) => Truth): Truth {
  return list?.kind === "list" ? all(list.items, holds) : undefined;
}

function textIn(operand: Operand): string | undefined {
  return operand?.kind === "text" ? operand.text : undefined;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function all<T>(items: readonly T[], test: (item: T) => Truth): Truth {
  return not(any(items, (item) => not(test(item))));
}

/** Stops at the first true one: what follows asks nothing. */
function any<T>(items: readonly T[], test: (item: T) => Truth): Truth {
  let answer: Truth = false;
  for (const item of items) {
    const truth = test(item);
    if (truth === true) return true;
    if (truth === undefined) answer = undefined;
  }
  return answer;
}
