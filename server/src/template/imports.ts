/** Where a template asks for values of others, and which names an expression mentions. */
import { once } from "./once";
import { get, intrinsic, type Node } from "./syntax";
import type { Template } from "./template";

export interface Import {
  readonly kind: "export" | "stack" | "store";
  readonly call: Node;
  readonly argument: Node;
}

/** The imports of a template by which it finds its place in a network. */
export const aboutNetwork = once(({ resources }: Template): readonly Import[] =>
  [...resources.values()].flatMap(({ type, properties }) => {
    const config = get(properties, "VpcConfig") ?? get(properties, "VPCConfig");
    const node = type.startsWith("AWS::EC2::") ? properties : config;
    return node === undefined ? [] : importsOf(node);
  }),
);

/** The imports in an expression, wherever they stand. */
export const importsOf = once((node: Node): readonly Import[] => {
  if (node.kind === "scalar") {
    return node.text.includes("{{resolve:ssm:") ? [{ kind: "store", call: node, argument: node }] : [];
  }
  if (node.kind === "list") return node.items.flatMap(importsOf);
  const call = intrinsic(node);
  if (call?.name === "Fn::ImportValue") return [{ kind: "export", call: node, argument: call.argument }];
  if (call?.name === "Fn::GetStackOutput") return [{ kind: "stack", call: node, argument: call.argument }];
  const inner = node.entries.flatMap(({ value }) => importsOf(value));
  // What is put together of several texts is one reference.
  if ((call?.name !== "Fn::Sub" && call?.name !== "Fn::Join") || !inner.some(({ kind }) => kind === "store"))
    return inner;
  return [{ kind: "store", call: node, argument: node }, ...inner.filter(({ kind }) => kind !== "store")];
});

/** Returns what a call of `Fn::GetStackOutput` asks for, and the key of its value; other places are told by it. */
export function stackOutput(
  argument: Node,
  written: (node: Node) => string,
): { readonly stack: string; readonly output: string; readonly key: string } {
  const part = (name: string): string => {
    const node = get(argument, name);
    return node === undefined ? "" : written(node);
  };
  const [stack, output] = [part("StackName"), part("OutputName")];
  const place = ["Region", "RoleArn"].map(part).filter((text) => text !== "");
  return { stack, output, key: `output:${stack}.${output}${place.map((text) => `@${text}`).join("")}` };
}

/** Every name and text in an expression, by which slices find what belongs together. */
export const namesOf = once((node: Node): readonly string[] => {
  if (node.kind === "list") return node.items.flatMap(namesOf);
  if (node.kind === "map") return node.entries.flatMap(({ value }) => namesOf(value));
  const named = [...node.text.matchAll(/\$\{([^!{}][^{}]*)\}/g)].map(([, name = ""]) => name.trim());
  return [node.text, ...named, ...[node.text, ...named].flatMap((text) => text.split(".", 1))];
});
