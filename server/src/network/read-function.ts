/** Reads functions, and what else runs as one, with their VpcConfig. */

import { message } from "../message";
import type { Resolver } from "../template/resolve";
import type { Resource } from "../template/template";
import type { Value } from "../template/value";
import type * as model from "./model";
import { absent, type Fact, type Key } from "./model";
import type { Part, Reader } from "./parts";
import { booleanFact, inText, keyOf, refOf } from "./read";
import { entity } from "./read-resource";

export const functions: Readonly<Record<string, Reader>> = {
  "AWS::Lambda::Function": (resource, resolver) => [readFunction(resource, resolver, "VpcConfig", false)],

  "AWS::Synthetics::Canary": (resource, resolver) => [readFunction(resource, resolver, "VPCConfig", true)],

  "AWS::Lambda::CapacityProvider": readCapacityProvider,
};

function readFunction(resource: Resource, resolver: Resolver, property: string, canary: boolean): Part {
  const role = resolver.property(resource, canary ? "ExecutionRoleArn" : "Role");
  const roleKey = roleOf(role);
  const outside = role.kind === "external" ? role.key : refOf(role);
  const is: model.LambdaFunction = {
    ...entity(resource),
    vpcConfig: vpcConfig(resolver, resolver.property(resource, property)),
    role:
      role.kind === "nothing" || (role.kind === "text" && role.text === "")
        ? absent
        : role.kind === "unknown"
          ? { is: "unknown", why: role.why, at: inText(role.at) }
          : {
              is: "known",
              value: {
                key: roleKey ?? outside,
                ref: roleKey ?? refOf(role),
                ...(role.kind === "resource" && role.attribute === undefined ? { byName: true } : {}),
              },
              at: inText(role.at),
            },
    canary,
    ...capacityProviderOf(resource, resolver),
  };
  return { part: "function", is };
}

/** A role of the template is named by its ARN, or by an ARN that its name completes. */
function roleOf(value: Value): Key | undefined {
  if (value.kind === "resource") return value.attribute === "Arn" ? value.id : undefined;
  if (value.kind !== "pattern") return undefined;
  const last = value.parts.at(-1);
  const before = value.parts.at(-2);
  if (last === undefined || typeof last === "string" || last.kind !== "resource") return undefined;
  return typeof before === "string" && before.endsWith("/") && last.attribute === undefined ? last.id : undefined;
}

/** A function on a capacity provider names it by its ARN, whose resource is the provider itself. */
function capacityProviderOf(resource: Resource, resolver: Resolver): Pick<model.LambdaFunction, "capacityProvider"> {
  const config = resolver.property(resource, "CapacityProviderConfig");
  if (config.kind !== "map") return {};
  const managed = resolver.property(config.node, "LambdaManagedInstancesCapacityProviderConfig");
  // SAM writes the ARN directly under the config.
  const provider =
    managed.kind === "map"
      ? resolver.property(managed.node, "CapacityProviderArn")
      : resolver.property(config.node, "Arn");
  if (provider.kind === "resource") {
    return { capacityProvider: { is: "known", value: provider.id, at: inText(provider.at) } };
  }
  return provider.kind === "nothing" ? {} : { capacityProvider: keyOf(provider) };
}

function readCapacityProvider(resource: Resource, resolver: Resolver): readonly Part[] {
  const config = vpcConfig(resolver, resolver.property(resource, "VpcConfig"));
  return [{ part: "capacity-provider", key: resource.id, vpcConfig: config }];
}

function vpcConfig(resolver: Resolver, value: Value): Fact<model.VpcConfig> {
  if (value.kind === "nothing" || (value.kind === "text" && value.text === "")) return absent;
  const at = inText(value.at);
  if (value.kind !== "map") return { is: "unknown", why: message("its VpcConfig cannot be read"), at };
  const list = (name: string): Fact<readonly model.SubnetReference[]> => {
    const given = resolver.property(value.node, name);
    if (given.kind === "nothing" || (given.kind === "text" && given.text === "")) return absent;
    const items = resolver.items(given);
    if (items === undefined) {
      return {
        is: "unknown",
        why: given.kind === "unknown" ? given.why : message("{0} cannot be read", name),
        at: inText(given.at),
      };
    }
    const references = items.map((item) => ({
      at: inText(item.at),
      key: keyOf(item),
      ref: refOf(item),
      whole: (item.kind === "external" && item.list) || (item.kind === "resource" && item.attribute !== undefined),
    }));
    return { is: "known", value: references, at: inText(given.at) };
  };
  return {
    is: "known",
    at,
    value: {
      at,
      subnets: list("SubnetIds"),
      groups: list("SecurityGroupIds"),
      ipv6Allowed: booleanFact(resolver, resolver.property(value.node, "Ipv6AllowedForDualStack")),
    },
  };
}
