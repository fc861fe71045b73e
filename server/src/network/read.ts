/** Reads single facts out of resolved values: keys, texts, booleans, numbers, lists. */
import { type Message, message } from "../message";
import type { Resolver } from "../template/resolve";
import type { Node } from "../template/syntax";
import { asWritten, type Value } from "../template/value";
import { absent, type Fact, type Key, type Network, type Origin, type PortRange, type Route } from "./model";

/** Returns the origin of a node of the template. */
export function inText(node: Node): Origin {
  return { kind: "text", node };
}

/** Returns which thing a value names: a logical id, or an external reference as written. */
export function keyOf(value: Value): Fact<Key> {
  const at = inText(value.at);
  switch (value.kind) {
    case "resource":
      return { is: "known", value: value.attribute === undefined ? value.id : `${value.id}.${value.attribute}`, at };
    case "external":
      return { is: "known", value: value.key, at };
    case "text":
      return value.text === "" ? absent : { is: "known", value: `literal:${value.text}`, at };
    case "pattern":
      return { is: "known", value: `literal:${asWritten(value)}`, at };
    case "nothing":
      return absent;
    case "unknown":
      return { is: "unknown", why: value.why, at };
    case "list":
    case "map":
      return { is: "unknown", why: message("a single id is expected here"), at };
  }
}

/** Returns a reference in the words of reports: `PrivateA`, `param:Subnets`, `literal:subnet-0abc`. */
export function refOf(value: Value): string {
  if (value.ref !== undefined) return value.ref;
  if (value.kind === "resource" && value.attribute === undefined) return value.id;
  return value.kind === "resource" ? `${value.id}.${value.attribute}` : `literal:${asWritten(value)}`;
}

/** Returns a value's text, unknown where deployment decides it. */
export function textFact(resolver: Resolver, value: Value): Fact<string> {
  if (value.kind === "nothing") return absent;
  const at = inText(value.at);
  const text = resolver.text(value);
  return text === undefined ? { is: "unknown", why: whyUnknown(value), at } : { is: "known", value: text, at };
}

/** Returns a boolean as CloudFormation reads it, YAML 1.1 spellings and strings included. */
export function booleanFact(resolver: Resolver, value: Value): Fact<boolean> {
  return convert(textFact(resolver, value), (text) => {
    if (/^(?:true|yes|on|y|1)$/i.test(text)) return true;
    return /^(?:false|no|off|n|0)$/i.test(text) ? false : undefined;
  });
}

/** Returns a whole number. */
export function numberFact(resolver: Resolver, value: Value): Fact<number> {
  return convert(textFact(resolver, value), (text) => (/^-?\d+$/.test(text.trim()) ? Number(text) : undefined));
}

/** Returns the port range of a map with `From` and `To` keys of these names. */
export function portsFact(resolver: Resolver, from: Value, to: Value): Fact<PortRange> {
  const first = numberFact(resolver, from);
  const last = numberFact(resolver, to);
  if (first.is === "unknown") return first;
  if (last.is === "unknown") return last;
  if (first.is === "absent" && last.is === "absent") return absent;
  const low = first.is === "known" ? first.value : last.is === "known" ? last.value : 0;
  const high = last.is === "known" ? last.value : low;
  return { is: "known", value: { from: low, to: high }, at: inText(first.is === "known" ? from.at : to.at) };
}

/** Returns why a value is not known from the template, in words. */
export function whyUnknown(value: Value): Message {
  switch (value.kind) {
    case "external":
      return whyExternal(value.ref);
    case "resource":
      return message("{0} is known only after deployment", `${value.id}.${value.attribute ?? "Ref"}`);
    case "unknown":
      return value.why;
    case "pattern": {
      const part = value.parts.find((piece) => typeof piece !== "string");
      return part === undefined || typeof part === "string"
        ? message("it is known only after deployment")
        : whyUnknown(part);
    }
    default:
      return message("this value cannot be read");
  }
}

/** Returns why nothing can be said about a thing outside the template. */
export function whyExternal(ref: string): Message {
  if (/^\w+$/.test(ref)) return message("nothing in this template is named {0}", ref);
  const [kind, name] = [ref.slice(0, ref.indexOf(":")), ref.slice(ref.indexOf(":") + 1)];
  switch (kind) {
    case "param":
      return message("it comes from parameter {0}", name);
    case "import":
      return message("it is imported as {0} from another stack", name);
    case "ssm":
      return message("it comes from the SSM parameter {0}", name);
    case "output":
      return message("it is the output {0} of another stack or resource", name);
    case "literal":
      return message("{0} lies outside this template", name);
    default:
      return message("{0} lies outside this template", ref);
  }
}

/** Returns why nothing is known of the thing with this key, which the network does not hold. */
export function whyOutside(network: Pick<Network, "source" | "unseen">, key: Key): Message {
  const why = network.unseen?.get(key);
  if (why !== undefined) return why;
  return network.source === "template" ? whyExternal(key) : message("{0} could not be looked at", key);
}

/** Returns why a route that leads to a thing of another kind is not followed any further. */
export function whyBehind(network: Pick<Network, "unseen">, { key, at }: Route, target: Key): Message {
  const why = network.unseen?.get(target);
  if (why !== undefined) return why;
  return at.kind === "aws"
    ? message("{0} leads to {1}, and what lies behind it is not looked at", key, target)
    : message("{0} leads to {1}, and what lies behind it cannot be seen from this template", key, target);
}

function convert<T>(fact: Fact<string>, read: (text: string) => T | undefined): Fact<T> {
  if (fact.is !== "known") return fact;
  const value = read(fact.value);
  if (value === undefined) return { is: "unknown", why: message("{0} cannot be read", `“${fact.value}”`), at: fact.at };
  return { is: "known", value, at: fact.at };
}
