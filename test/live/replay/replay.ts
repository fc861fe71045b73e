/**
 * Builds what a template stands for in one world in an account, resource by resource, by the calls that
 * CloudFormation would make. `makers` say what becomes of each type; here their properties are worked out, and
 * what a property names is made before it.
 *
 * What lies outside the template (a parameter's subnet, an imported VPC) gets a stand-in, so that the check finds
 * something there: the template then leaves open what the check knows.
 */
import { keyOf } from "../../../server/src/network/read";
import type { Resolver } from "../../../server/src/template/resolve";
import type { MapNode } from "../../../server/src/template/syntax";
import type { Template } from "../../../server/src/template/template";
import type { Value } from "../../../server/src/template/value";
import { region } from "../account";
import type { Bench } from "../check";
import { makers } from "./makers";
import { standIns } from "./outside";
import { samPolicy } from "./roles";
import { type Kind, type Made, NotReplayable, type Properties } from "./site";

/** Returns the names that the account gave; throws NotReplayable, or what the emulator answers. */
export async function replay(on: Bench, template: Template, resolver: Resolver) {
  const made = new Map<string, Promise<Made>>();
  const outside = new Map<string, Promise<string>>();
  const called = new Map<string, string>();
  const functions = new Map<string, string>();
  const waiting: string[] = [];
  /** The roles of the template that are there already. */
  const arns: string[] = [];

  const make = (id: string): Promise<Made> => {
    const before = made.get(id);
    if (waiting.includes(id)) throw new NotReplayable("AWS: resources wait for each other");
    if (before !== undefined) return before;
    const promise = create(id);
    made.set(id, promise);
    return promise;
  };

  async function create(id: string): Promise<Made> {
    const resource = template.resources.get(id);
    if (resource === undefined || !resolver.exists(resource)) {
      throw new NotReplayable("AWS: a reference to what is not in the stack");
    }
    const maker = Object.hasOwn(makers, resource.type) ? makers[resource.type] : undefined;
    if (maker === undefined) throw new NotReplayable(`no call for ${resource.type}`);
    waiting.push(id);
    const properties = read((name) => resolver.property(resource, name));
    const site = { on, names: called, functions, outside: vpcOutside, resource, properties };
    const result = await maker(site);
    waiting.splice(waiting.indexOf(id), 1);
    if (result.attributes?.Arn !== undefined) arns.push(result.attributes.Arn);
    if (result.id !== "" && !called.has(result.id)) called.set(result.id, id);
    return result;
  }

  function standIn(kind: Kind, key: string): Promise<string> {
    const before = outside.get(`${kind} ${key}`);
    if (before !== undefined) return before;
    const promise = (kind === "vpc" ? outsideVpc() : standIns[kind]({ on, outside: vpcOutside }, key)).then((id) => {
      called.set(id, key);
      return id;
    });
    outside.set(`${kind} ${key}`, promise);
    return promise;
  }

  /** A VPC outside is the one that the other things outside are in, where there is but one. */
  async function outsideVpc(): Promise<string> {
    const [first, ...others] = [...outside].filter(([key]) => key.startsWith("vpc "));
    return first?.[0] === "vpc outside" && others.length === 0
      ? first[1]
      : standIns.vpc({ on, outside: vpcOutside }, "vpc");
  }

  /** What lies outside lies in the template's only VPC, for a function's subnets all lie in one. */
  async function vpcOutside(): Promise<string> {
    const own = [...template.resources.values()].filter(({ type }) => type === "AWS::EC2::VPC");
    const [only] = own;
    if (own.length === 1 && only !== undefined && resolver.exists(only)) return (await make(only.id)).id;
    const [known] = [...outside].flatMap(([key, vpc]) => (key.startsWith("vpc ") ? [vpc] : []));
    return known ?? standIn("vpc", "outside");
  }

  async function plain(value: Value): Promise<unknown> {
    switch (value.kind) {
      case "text":
        return value.text;
      case "pattern": {
        let whole = "";
        for (const part of value.parts) whole += typeof part === "string" ? part : String(await plain(part));
        return whole;
      }
      case "list": {
        const items: unknown[] = [];
        for (const item of value.items) items.push(await plain(item));
        return items;
      }
      case "map": {
        const map: Record<string, unknown> = {};
        for (const { key, value: node } of value.node.entries) {
          const one = await plain(resolver.value(node, node));
          if (one !== undefined) map[key.text] = one;
        }
        return map;
      }
      case "resource":
        return attributeOf(await make(value.id), value.attribute);
      case "external":
        return pseudo(value.key) ?? resolver.text(value) ?? value.key;
      case "nothing":
        return undefined;
      case "unknown":
        throw new NotReplayable("a value that only deployment knows");
    }
  }

  async function idOf(value: Value, kind: Kind): Promise<string | undefined> {
    if (value.kind === "resource") {
      const type = resolver.typeOf(value.id) ?? "";
      const key = `${value.id}${value.attribute === undefined ? "" : `.${value.attribute}`}`;
      if (!Object.hasOwn(makers, type)) return standIn(kind, key);
      const thing = await make(value.id);
      const id = await attributeOf(thing, value.attribute);
      if (id !== thing.id && !called.has(id)) called.set(id, key);
      return id;
    }
    if (kind === "role" && (value.kind === "text" || value.kind === "pattern")) {
      const arn = String(await plain(value));
      // Role names are unique in an account, whatever their paths.
      const own = arns.find((one) => one.slice(one.lastIndexOf("/")) === arn.slice(arn.lastIndexOf("/")));
      if (own !== undefined) return own;
    }
    if (kind === "policy" && (value.kind === "text" || value.kind === "pattern")) {
      const written = String(await plain(value));
      // A bare name is SAM's.
      if (!written.includes(":")) return samPolicy(written);
      if (written.includes(":iam::aws:policy/")) return written.replace(/^arn:aws[a-z-]*:/, "arn:aws:");
    }
    if (kind === "gateway" && value.kind === "text" && value.text === "local") return "local";
    const key = keyOf(value);
    if (key.is === "unknown") throw new NotReplayable("a value that only deployment knows");
    return key.is === "absent" ? undefined : standIn(kind, key.value);
  }

  function read(value: (name: string) => Value): Properties {
    const properties: Properties = {
      plain: (name) => plain(value(name)),
      async text(name) {
        const one = await plain(value(name));
        return one === undefined ? undefined : String(one);
      },
      async flag(name) {
        const text = await properties.text(name);
        return text === undefined ? undefined : /^(?:true|yes|on|y|1)$/i.test(text);
      },
      id: (name, kind) => idOf(value(name), kind),
      async ids(name, kind) {
        const ids: string[] = [];
        for (const item of resolver.items(value(name)) ?? []) ids.push((await idOf(item, kind)) ?? "");
        return ids;
      },
      async mixed(name, kind) {
        const items: unknown[] = [];
        for (const item of resolver.items(value(name)) ?? []) {
          items.push(item.kind === "map" ? await plain(item) : await idOf(item, kind));
        }
        return items;
      },
      async maps(name) {
        const items = resolver.items(value(name));
        if (items === undefined) throw new NotReplayable("a value that only deployment knows");
        return items.flatMap((item) => (item.kind === "map" ? [within(item.node)] : []));
      },
    };
    return properties;
  }

  const within = (node: MapNode): Properties => read((name) => resolver.property(node, name));

  for (const first of [
    "AWS::EC2::VPC",
    "AWS::EC2::VPCCidrBlock",
    "AWS::EC2::SubnetCidrBlock",
    "AWS::EC2::PrefixList",
    "AWS::EC2::SecurityGroupVpcAssociation",
  ]) {
    for (const { id, type } of template.resources.values()) if (type === first) await ifThere(id);
  }
  for (const { id, type } of template.resources.values()) if (Object.hasOwn(makers, type)) await ifThere(id);
  return { names: called, functions, isClosed: outside.size === 0 };

  async function ifThere(id: string): Promise<void> {
    const resource = template.resources.get(id);
    if (resource !== undefined && resolver.exists(resource)) await make(id);
  }
}

async function attributeOf({ id, attributes, ask }: Made, attribute: string | undefined): Promise<string> {
  if (attribute === undefined) return id;
  const value = attributes?.[attribute] ?? (await ask?.(attribute));
  if (value === undefined) throw new NotReplayable(`no call for the attribute ${attribute}`);
  return value;
}

function pseudo(key: string): string | undefined {
  switch (key) {
    case "param:AWS::Region":
      return region;
    case "param:AWS::AccountId":
      return "123456789012";
    case "param:AWS::Partition":
      return "aws";
    case "param:AWS::URLSuffix":
      return "amazonaws.com";
    default: {
      const zone = /^zones:.*\[(\d)\]$/.exec(key)?.[1];
      return zone === undefined ? undefined : region + "abcdef".charAt(Number(zone));
    }
  }
}
