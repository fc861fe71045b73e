import { replaceValue } from "../edit/replace";
import { message } from "../message";
import { bearsOnEgress } from "../network/slice";
import { once } from "../template/once";
import { entry, intrinsic, type ListNode, type Node, type ScalarNode } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Fix, Rule } from "./rule";

export const nameInsteadOfReference: Rule = {
  id: "name-instead-of-reference",
  severity: "error",
  group: "deploy",
  everywhere: true,
  summary: "The name of a parameter or resource stands where its id must be",
  docs: `## What happens

The stack fails to deploy: AWS looks for a subnet, security group or route table with that very id, and there
is none.

A bare name is just text. To get the id of a resource, or the value of a parameter, the template has to *refer*
to it by \`!Ref\`
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ref.html)).

A role has a name too, and that is what \`!Ref\` gives, while a function takes nothing but its ARN
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html)).

## How to fix it

Write \`!Ref PrivateSubnet1\` for \`PrivateSubnet1\`; in JSON, \`{ "Ref": "PrivateSubnet1" }\`. For a role, write
\`!GetAtt WorkerRole.Arn\`.

There is no quick fix where what has the name is of another kind, such as a VPC among subnets.

## When to silence it

Never: ids look like \`subnet-0123456789abcdef0\`, and no name of a template does.
`,
  bad: "name-instead-of-reference/literal.yaml",
  good: "name-instead-of-reference/reference.yaml",

  *check(world) {
    // The text is the same in every world, so once for the template as a whole is enough.
    if (world.functions.length > 0 || world.paths.length > 0) return;
    const { document, template } = world;
    for (const resource of template.resources.values()) {
      if (resource.generatedBy !== undefined || !bearsOnEgress(resource.type)) continue;
      for (const { key, literal, list } of literalIdsOf(resource)) {
        const name = literal.text;
        if (!template.resources.has(name) && !template.parameters.has(name)) continue;
        yield {
          at: { kind: "text", node: literal },
          message: message(
            "“{0}” is only a name here, and no id: {1} cannot be deployed without a reference to it",
            name,
            resource.id,
          ),
          fixes: (): Fix[] => {
            const node = placeFor(template, key, literal, list);
            if (node === undefined) return [];
            const edits = replaceValue(document, node, { Ref: name });
            return [{ title: message("Refer to {0}", name), safe: true, edits }];
          },
          functions: functionsOf(resource),
        };
      }
      for (const { node, role } of rolesOf(resource)) {
        if (template.resources.get(role)?.type !== "AWS::IAM::Role") continue;
        yield {
          at: { kind: "text", node },
          message: message("this is only the name of {0}: {1} cannot be deployed without its ARN", role, resource.id),
          fixes: () => [
            {
              title: message("Refer to {0}", `${role}.Arn`),
              safe: true,
              edits: replaceValue(document, node, { "Fn::GetAtt": [role, "Arn"] }),
            },
          ],
          functions: functionsOf(resource),
        };
      }
    }
  },
};

/** Each Ref that stands for a function's role. */
const rolesOf = once(({ type, properties }: Resource): readonly { node: Node; role: string }[] => {
  const property = roleProperties[type];
  const value = property === undefined ? undefined : entry(properties, property)?.value;
  return [...branchesOf(value)].flatMap((node) => {
    const call = intrinsic(node);
    return call?.name === "Ref" && call.argument.kind === "scalar" ? [{ node, role: call.argument.text }] : [];
  });
});

/** Where a function names its role. */
const roleProperties: Readonly<Record<string, string>> = {
  "AWS::Lambda::Function": "Role",
  "AWS::Synthetics::Canary": "ExecutionRoleArn",
};

/** Yields what a value may come to. */
function* branchesOf(node: Node | undefined): Iterable<Node> {
  const call = intrinsic(node);
  if (call?.name !== "Fn::If" || call.argument.kind !== "list") {
    if (node !== undefined) yield node;
    return;
  }
  for (const branch of call.argument.items.slice(1)) yield* branchesOf(branch);
}

/** Which type of resource each property names. */
const types: ReadonlyMap<string, string> = new Map([
  ["SubnetIds", "AWS::EC2::Subnet"],
  ["SubnetId", "AWS::EC2::Subnet"],
  ["SecurityGroupIds", "AWS::EC2::SecurityGroup"],
  ["RouteTableId", "AWS::EC2::RouteTable"],
]);

interface LiteralId {
  readonly key: string;
  readonly literal: ScalarNode;
  /** The list that holds it. */
  readonly list: ListNode | undefined;
}

/** The plain texts that stand where a resource names subnets, groups and tables. */
const literalIdsOf = once(({ properties }: Resource): readonly LiteralId[] => {
  const found: LiteralId[] = [];
  collectIds(properties, found);
  return found;
});

/** Properties hold ids however deep: in a VpcConfig, in a list of network interfaces. */
function collectIds(node: Node | undefined, into: LiteralId[]): void {
  if (node === undefined || node.kind === "scalar") return;
  if (node.kind === "list") for (const item of node.items) collectIds(item, into);
  else {
    for (const { key, value } of node.entries) {
      if (types.has(key.text)) collectLiterals(key.text, value, undefined, into);
      else collectIds(value, into);
    }
  }
}

/** Collects the plain texts that a value may come to. */
function collectLiterals(key: string, node: Node, list: ListNode | undefined, into: LiteralId[]): void {
  if (node.kind === "scalar") into.push({ key, literal: node, list });
  else if (node.kind === "list") for (const item of node.items) collectLiterals(key, item, node, into);
  else {
    const call = intrinsic(node);
    if (call?.name !== "Fn::If" || call.argument.kind !== "list") return;
    for (const branch of call.argument.items.slice(1)) collectLiterals(key, branch, list, into);
  }
}

/** Where the reference belongs: in place of a whole list if it is one itself; nowhere if it is of another type. */
function placeFor(template: Template, key: string, literal: ScalarNode, list: ListNode | undefined): Node | undefined {
  const { type } = template.parameters.get(literal.text) ?? {};
  if (type === undefined) return template.resources.get(literal.text)?.type === types.get(key) ? literal : undefined;
  if (!/List/.test(type) || list === undefined) return literal;
  return list.items.length === 1 && list.items[0] === literal ? list : undefined;
}

function functionsOf({ id, properties }: Resource): string[] {
  return entry(properties, "VpcConfig") === undefined ? [] : [id];
}
