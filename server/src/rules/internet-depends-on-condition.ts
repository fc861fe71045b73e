import { setKey } from "../edit/insert";
import { removeKey } from "../edit/remove";
import { message } from "../message";
import type { Key, Origin } from "../network/model";
import { referencesIn } from "../template/dependency";
import { get, type Node, spanOf } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { DraftNote, Fix, Rule, World } from "./rule";

/** A way out that a condition removes speaks by its own rule, "when …"; this one is for what is left dangling. */
export const internetDependsOnCondition: Rule = {
  id: "internet-depends-on-condition",
  severity: "warning",
  group: "reach",
  summary: "With some parameter values the way to the internet names a resource that is not created",
  docs: `## What happens

With the parameter values named in the message, the stack fails to deploy: *Template format error:
Unresolved resource dependencies … in the Resources block of the template*.

A \`Condition\` on a resource says that it is created only for some values of the parameters. Here such a
resource is a part of a function's way to the internet, for example a NAT gateway that is left out to save
money in a test environment. Something that is always created still names it, such as the route to the NAT
gateway, and CloudFormation refuses [a reference to a resource that is not
created](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html).

If the default values work and only others do not, this is information.

## How to fix it

Give the resource that names it the same \`Condition\`, or write \`Fn::If\` around the reference. The function
then has no way to the internet with those values; if it needs one, also leave out its \`VpcConfig\` there
(\`!If [CreateNat, {…}, !Ref AWS::NoValue]\`), or create the resource always by removing its \`Condition\`.

## When to silence it

When these parameter values are never used together. Better: say so in the template, with \`AllowedValues\`
or in its \`Rules\` section. Both are respected here.
`,
  bad: "internet-depends-on-condition/conditional-nat.yaml",
  good: "internet-depends-on-condition/conditional-route-too.yaml",

  *check(world) {
    const faults = [
      ...world.functions.flatMap(({ deployFaults }) => deployFaults),
      ...world.paths.flatMap(({ ipv4, ipv6 }) => [...ipv4.faults, ...ipv6.faults]),
    ].flatMap((fault) => (fault.code === "missing" ? [fault] : []));
    for (const key of new Set(faults.map((fault) => fault.key))) {
      const resource = world.template.resources.get(key);
      if (resource === undefined) continue;
      const places = faults.flatMap((fault) => (fault.key === key && fault.at.kind === "text" ? [fault.at] : []));
      const users = new Set(places.flatMap(({ node }) => holderOf(world.template, node) ?? []));
      yield {
        at: conditionOf(resource),
        message: message(
          "{0} is not created, but {1} names it, so the stack fails to deploy",
          key,
          [...users].map(({ id }) => id).join(", "),
        ),
        notes: places.map((at): DraftNote => ({ at, message: message("this names {0}", key) })),
        fixes: () => [...sameCondition(world, resource, users), ...always(world, key)],
        functions: world.functions.map(({ fn }) => fn.key),
      };
    }
  },
};

/** The resource's `Condition`; the resource itself where a transform put the condition on it. */
function conditionOf(resource: Resource): Origin {
  return { kind: "text", node: get(resource.node, "Condition") ?? resource.at };
}

/** Returns the resource in whose text a node stands; undefined where that is not in Resources, as with Globals. */
function holderOf(template: Template, node: Node): Resource | undefined {
  const { start, file } = spanOf(node);
  return [...template.resources.values()].find((resource) => {
    const span = spanOf(resource.node);
    return resource.generatedBy === undefined && span.file === file && span.start <= start && start <= span.end;
  });
}

/** A route may do without its target as long as it is left out together with it; a function may not. */
function sameCondition({ document }: World, { id, condition }: Resource, users: ReadonlySet<Resource>): Fix[] {
  const routes = [...users].filter(({ type, condition }) => type === "AWS::EC2::Route" && condition === undefined);
  if (condition === undefined || routes.length === 0 || routes.length < users.size) return [];
  const names = routes.map((route) => route.id).join(", ");
  return [
    {
      title: message("Create {0} only together with {1}", names, id),
      safe: false,
      edits: routes.flatMap((route) => setKey(document, route.node, "Condition", condition)),
    },
  ];
}

/** Whatever the resource needs under the same condition has to stay with it. */
function always({ document, template }: World, key: Key): Fix[] {
  const condition = template.resources.get(key)?.condition;
  const resources: Resource[] = [];
  const queue = [key];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const resource = template.resources.get(id);
    if (resource === undefined || resource.condition !== condition || resources.includes(resource)) continue;
    resources.push(resource);
    queue.push(...referencesIn(resource.properties));
  }
  if (condition === undefined || resources.some(({ generatedBy }) => generatedBy !== undefined)) return [];
  return [
    {
      title: message("Create {0} always", resources.map(({ id }) => id).join(", ")),
      safe: false,
      edits: resources.flatMap(({ node }) => removeKey(document, node, "Condition")),
    },
  ];
}
