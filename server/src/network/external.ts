/** Things outside the template that the template says something about: an association, a rule, a route. */
import type * as model from "./model";
import { absent, type Entity, type Fact } from "./model";
import { whyExternal } from "./read";

export function externalVpc(entity: Entity): Draft<model.Vpc> {
  const fact = outside(entity);
  return {
    ...entity,
    cidrs: [fact],
    ipv6: fact,
    tenancy: fact,
    dnsSupport: fact,
    dnsHostnames: fact,
    attachments: [],
    mainTable: fact,
  };
}

export function externalSubnet(entity: Entity): Draft<model.Subnet> {
  const fact = outside(entity);
  return {
    ...entity,
    vpc: fact,
    cidr: fact,
    zone: fact,
    ipv6: fact,
    ipv6Native: fact,
    publicIpOnLaunch: fact,
    tables: [],
    acls: [],
  };
}

export function externalTable(entity: Entity): Draft<model.RouteTable> {
  return { ...entity, vpc: outside(entity), routes: [], propagations: [], exported: false };
}

export function externalAcl(entity: Entity): Draft<model.NetworkAcl> {
  const isDefault = entity.key.endsWith(".DefaultNetworkAcl");
  return { ...entity, external: !isDefault, vpc: outside(entity), isDefault, entries: [] };
}

export function externalGroup(entity: Entity): Draft<model.SecurityGroup> {
  const isDefault = entity.key.endsWith(".DefaultSecurityGroup");
  return {
    ...entity,
    external: !isDefault,
    vpc: outside(entity),
    inlineEgress: isDefault ? absent : outside(entity),
    standaloneEgress: [],
    ingress: [],
    isDefault,
    exported: false,
  };
}

function outside(entity: Entity): Fact<never> {
  return { is: "unknown", why: whyExternal(entity.key), at: entity.at };
}

export type Draft<T> = { -readonly [K in keyof T]: T[K] };
