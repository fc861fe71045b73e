/** Functions, and what is one underneath. */
import { freshName, isGiven, type Makers, NotReplayable, type Site } from "./site";
import { vpcOf } from "./vpc";

export const functionMakers: Makers = {
  "AWS::Lambda::Function": (site) => makeFunction(site, "VpcConfig", "Role"),

  "AWS::Synthetics::Canary": (site) => makeFunction(site, "VPCConfig", "ExecutionRoleArn"),
};

async function makeFunction({ on, resource, properties, functions }: Site, property: string, roleProperty: string) {
  if (await isGiven(properties, "CapacityProviderConfig")) throw new NotReplayable("moto: capacity providers");
  const [config] = await properties.maps(property);
  const subnets = (await config?.ids("SubnetIds", "subnet")) ?? [];
  const groups = (await config?.ids("SecurityGroupIds", "group")) ?? [];
  if ((subnets.length === 0) !== (groups.length === 0)) throw new NotReplayable("AWS: half a VpcConfig");
  // moto takes any group.
  const isStrange = (group: string) => subnets.every((id) => vpcOf.has(id) && vpcOf.get(id) !== vpcOf.get(group));
  if (subnets.length > 0 && groups.some((id) => vpcOf.has(id) && isStrange(id))) {
    throw new NotReplayable("AWS: a group of another VPC than the subnets");
  }
  const Role = await properties.id(roleProperty, "role");
  const name = freshName(resource.id);
  await on.account.fn(name, subnets, groups, Role === undefined ? {} : { Role });
  functions.set(resource.id, name);
  // moto does not keep the flag.
  if ((await config?.flag("Ipv6AllowedForDualStack")) === true) {
    on.proxy.add(({ action }) =>
      action === "lambda:GetFunctionConfiguration"
        ? (body) =>
            body.includes(`"${name}"`)
              ? body.replace('"VpcConfig": {', '"VpcConfig": {"Ipv6AllowedForDualStack": true, ')
              : body
        : undefined,
    );
  }
  return { id: name };
}
