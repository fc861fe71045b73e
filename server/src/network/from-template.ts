/** Builds the network that a slice of a template stands for in one world. */
import { type Message, message } from "../message";
import { isCustom } from "../template/identity";
import { get } from "../template/syntax";
import type { Template } from "../template/template";
import { type Draft, externalAcl, externalGroup, externalSubnet, externalTable, externalVpc } from "./external";
import type * as model from "./model";
import { absent, type Entity, type Fact, type Key, known, type Network, type Origin } from "./model";
import type { Part } from "./parts";
import { inText, keyOf, whyExternal } from "./read";
import type { Readings } from "./readings";
import type { Resolved } from "./resolved";
import { namesIn, speaksOfOthers } from "./slice";
import { associated, concerned, copied, entered, routed } from "./with-account";

/** What is true of a template as a whole, in every world. */
export interface Surroundings {
  /** Why resources may exist that are not in the text. */
  readonly gaps: readonly Message[];
  /** Names that leave the stack through outputs or nested stacks. */
  readonly exported: ReadonlySet<string>;
  /** Names that a custom resource is given, and might change. */
  readonly handled: ReadonlySet<string>;
}

/** Returns what surrounds every slice of a template. */
export function surroundingsOf(template: Template): Surroundings {
  const gaps: Message[] = [];
  const exported = new Set<string>();
  const handled = new Set<string>();
  for (const transform of template.transforms) {
    if (
      /^AWS::(?:Serverless-2016-10-31|LanguageExtensions|CodeDeployBlueGreen|SecretsManager-.*|ServiceCatalog)$/.test(
        transform,
      )
    )
      continue;
    gaps.push(message("the transform {0} may add resources during deployment", transform));
  }
  const resources = get(template.root, "Resources");
  for (const { key } of resources?.kind === "map" ? resources.entries : []) {
    if (key.text === "Fn::Transform") gaps.push(message("{0} may add resources during deployment", "Fn::Transform"));
    if (key.text.startsWith("Fn::ForEach::")) gaps.push(message("{0} adds resources during deployment", key.text));
  }
  // While somebody types, a half-written association is no proof that there is none.
  for (const { id, type } of template.broken) {
    if (type === undefined || speaksOfOthers(type)) gaps.push(message("{0} cannot be read as it is written", id));
  }
  for (const output of template.outputs.values()) namesIn(get(output, "Value"), exported);
  for (const resource of template.resources.values()) {
    const { type, properties } = resource;
    if (type === "AWS::CloudFormation::Stack" || type === "AWS::Serverless::Application")
      namesIn(get(properties, "Parameters"), exported);
    if (isCustom(resource)) namesIn(properties, handled);
  }
  return { gaps, exported, handled };
}

/** What some resources declare in one world. */
export interface Declared {
  readonly parts: readonly Part[];
  /** The resources that do not exist there. */
  readonly missing: ReadonlyMap<Key, Origin>;
}

/** Returns what the given resources declare in the world of the readings. */
export function declaredBy({ resources }: Template, ids: Iterable<string>, { exists, parts }: Readings): Declared {
  const declared: Part[] = [];
  const missing = new Map<Key, Origin>();
  for (const id of ids) {
    const resource = resources.get(id);
    if (resource === undefined) continue;
    if (exists(id)) declared.push(...parts(id));
    else missing.set(id, inText(resource.at));
  }
  return { parts: declared, missing };
}

/** Returns the network of what is declared, and of the things of the account that this names. */
export function networkFrom({ parts, missing }: Declared, surroundings: Surroundings, account?: Resolved): Network {
  return assemble(parts, missing, surroundings, concerned(parts, account));
}

/** Returns the network that parts declare. The account's things are there before the template says anything of them. */
export function assemble(
  parts: readonly Part[],
  missing: ReadonlyMap<Key, Origin>,
  surroundings: Surroundings,
  there: Network | undefined,
): Network {
  const gaps: Message[] = [...surroundings.gaps];
  const vpcs: Map<Key, Draft<model.Vpc>> = copied(there?.vpcs);
  const subnets: Map<Key, Draft<model.Subnet>> = copied(there?.subnets);
  const tables: Map<Key, Draft<model.RouteTable>> = copied(there?.routeTables);
  const acls: Map<Key, Draft<model.NetworkAcl>> = copied(there?.acls);
  const groups: Map<Key, Draft<model.SecurityGroup>> = copied(there?.groups);
  const instances: Map<Key, Draft<model.Instance>> = copied(there?.instances);
  const interfaces: Map<Key, Draft<model.NetworkInterface>> = copied(there?.interfaces);
  const roles: Map<Key, Draft<model.Role>> = copied(there?.roles);
  const network = {
    internetGateways: copied(there?.internetGateways),
    egressOnlyGateways: copied(there?.egressOnlyGateways),
    natGateways: copied(there?.natGateways),
    prefixLists: copied(there?.prefixLists),
    endpoints: copied(there?.endpoints),
    firewalls: copied(there?.firewalls),
    functions: new Map<Key, model.LambdaFunction>(),
  };
  const edges: model.EdgeAssociation[] = [...(there?.edges ?? [])];
  const policies = new Map<Key, model.AttachedPolicy>();
  const exclusions = [...(there?.blockPublicAccess?.exclusions ?? [])];
  let publicAccess = there?.blockPublicAccess;

  for (const part of parts) {
    switch (part.part) {
      case "vpc":
        vpcs.set(part.is.key, { ...part.is, mainTable: mainTable(part.is, surroundings) });
        break;
      case "subnet":
        subnets.set(part.is.key, { ...part.is });
        break;
      case "table":
        tables.set(part.is.key, { ...part.is, exported: surroundings.exported.has(part.is.key) });
        break;
      case "acl":
        acls.set(part.is.key, { ...part.is });
        break;
      case "group":
        groups.set(part.is.key, { ...part.is, exported: surroundings.exported.has(part.is.key) });
        break;
      case "instance":
        instances.set(part.is.key, { ...part.is });
        break;
      case "interface":
        interfaces.set(part.is.key, { ...part.is });
        break;
      case "role":
        roles.set(part.is.key, { ...part.is });
        break;
      case "internet-gateway":
        network.internetGateways.set(part.is.key, part.is);
        break;
      case "egress-only-gateway":
        network.egressOnlyGateways.set(part.is.key, part.is);
        break;
      case "nat":
        network.natGateways.set(part.is.key, part.is);
        break;
      case "prefix-list":
        network.prefixLists.set(part.is.key, part.is);
        break;
      case "endpoint":
        network.endpoints.set(part.is.key, part.is);
        break;
      case "firewall":
        network.firewalls.set(part.is.key, part.is);
        break;
      case "function":
        network.functions.set(part.is.key, {
          ...part.is,
          vpcConfig: ownNetwork(part.is),
          role: ownRole(part.is, parts),
        });
        break;
      case "edge":
        edges.push(part.is);
        break;
      case "public-access":
        publicAccess = part.is;
        break;
      case "public-access-exclusion":
        exclusions.push(part.is);
        break;
      case "policy":
        if (part.is.kind === "document" && part.is.by !== undefined) policies.set(part.is.by, part.is);
        break;
      default:
    }
  }

  /** Returns the thing that a statement is about, an external one made up on first mention. */
  const about = <T extends Entity>(of: Fact<Key>, among: Map<Key, T>, make: (entity: Entity) => T): T | undefined => {
    if (of.is === "unknown") gaps.push(of.why);
    if (of.is !== "known") return undefined;
    let thing = among.get(of.value);
    if (thing === undefined && !missing.has(of.value)) {
      thing = make({ key: of.value, at: of.at, external: true });
      among.set(of.value, thing);
    }
    return thing;
  };

  for (const part of parts) {
    switch (part.part) {
      case "vpc-cidr": {
        const vpc = about(part.of, vpcs, externalVpc);
        if (vpc === undefined) break;
        if (part.cidr.is !== "absent") vpc.cidrs = [...vpc.cidrs, part.cidr];
        if (part.ipv6.is !== "absent") vpc.ipv6 = part.ipv6;
        break;
      }
      case "subnet-ipv6": {
        const subnet = about(part.of, subnets, externalSubnet);
        if (subnet !== undefined) subnet.ipv6 = { is: "known", value: true, at: part.at };
        break;
      }
      case "table-association": {
        const subnet = about(part.of, subnets, externalSubnet);
        if (subnet !== undefined) subnet.tables = associated(subnet.tables, part.is);
        break;
      }
      case "acl-association": {
        const subnet = about(part.of, subnets, externalSubnet);
        if (subnet !== undefined) subnet.acls = associated(subnet.acls, part.is);
        break;
      }
      case "route": {
        const table = about(part.of, tables, externalTable);
        if (table !== undefined) table.routes = routed(table.routes, part.is);
        break;
      }
      case "propagation": {
        const table = about(part.of, tables, externalTable);
        if (table !== undefined) table.propagations = [...table.propagations, part.at];
        break;
      }
      case "attachment": {
        const vpc = about(part.of, vpcs, externalVpc);
        if (vpc !== undefined) vpc.attachments = [...vpc.attachments, part.is];
        break;
      }
      case "encryption": {
        const vpc = about(part.of, vpcs, externalVpc);
        if (vpc !== undefined) vpc.encryption = part.is;
        break;
      }
      case "acl-entry": {
        const acl = about(part.of, acls, externalAcl);
        if (acl !== undefined) acl.entries = entered(acl.entries, part.is);
        break;
      }
      case "group-egress": {
        const group = about(part.of, groups, externalGroup);
        if (group !== undefined) group.standaloneEgress = [...group.standaloneEgress, part.is];
        break;
      }
      case "group-ingress": {
        const group = about(part.of, groups, externalGroup);
        if (group !== undefined) group.ingress = [...group.ingress, part.is];
        break;
      }
      case "group-association": {
        const group = about(part.of, groups, externalGroup);
        const why = message("{0} is associated with further VPCs", known(part.of) ?? "?");
        if (group !== undefined) group.vpc = { is: "unknown", why, at: part.at };
        break;
      }
      case "public-address": {
        const key = known(part.of) ?? "";
        const machine = instances.get(key) ?? interfaces.get(key);
        if (machine !== undefined) machine.publicAddress = { is: "known", value: true, at: part.at };
        break;
      }
      case "interface-attachment": {
        const card = interfaces.get(known(part.of) ?? "");
        if (card !== undefined) card.attached = true;
        const instance = instances.get(known(part.instance) ?? "");
        if (instance !== undefined) instance.interfaces = [...instance.interfaces, part.of];
        break;
      }
      case "capacity-provider":
        for (const fn of network.functions.values()) {
          if (known(fn.capacityProvider ?? absent) === part.key) {
            network.functions.set(fn.key, { ...fn, vpcConfig: part.vpcConfig });
          }
        }
        break;
      case "policy":
        attach(part, parts, roles);
        break;
      default:
    }
  }
  for (const instance of instances.values()) {
    for (const key of instance.interfaces) {
      const card = interfaces.get(known(key) ?? "");
      if (card !== undefined) card.attached = true;
    }
  }
  for (const role of roles.values()) {
    role.policies = role.policies.map((policy) => inSight(policy, policies));
    const boundary = role.boundary;
    if (boundary.is === "known") role.boundary = { ...boundary, value: inSight(boundary.value, policies) };
  }
  return {
    source: "template",
    vpcs,
    subnets,
    routeTables: tables,
    acls,
    groups,
    instances,
    interfaces,
    roles,
    ...network,
    edges,
    blockPublicAccess: publicAccess === undefined ? undefined : { ...publicAccess, exclusions },
    missing,
    gaps,
    ...(there?.unseen === undefined ? {} : { unseen: there.unseen }),
  };
}

/** A policy resource names its roles by reference or by their literal name. */
function attach(policy: Part & { part: "policy" }, parts: readonly Part[], roles: Map<Key, Draft<model.Role>>): void {
  for (const value of policy.of) {
    const key = known(keyOf(value));
    if (key === undefined) continue;
    let role = roles.get(key);
    if (role === undefined) {
      const named = parts.find(
        (part) => part.part === "role" && known(part.name) !== undefined && `literal:${known(part.name)}` === key,
      );
      role = named?.part === "role" ? roles.get(named.is.key) : inAccount(key, roles);
    }
    if (role !== undefined) role.policies = [...role.policies, policy.is];
  }
}

/** The account's roles are known by their ARNs, which end with their names. */
function inAccount(key: Key, roles: Map<Key, Draft<model.Role>>): Draft<model.Role> | undefined {
  const name = key.replace(/^literal:/, "/");
  return [...roles.values()].find(({ at, key }) => at.kind === "aws" && key.endsWith(name));
}

/** A managed policy of the same template shows its statements. */
function inSight(policy: model.AttachedPolicy, policies: ReadonlyMap<Key, model.AttachedPolicy>): model.AttachedPolicy {
  if (policy.kind !== "managed") return policy;
  return policies.get(known(policy.arn) ?? "") ?? policy;
}

/**
 * CloudFormation cannot reach the main route table, so in a VPC of the template it holds local routes
 * only, unless a custom resource is given the VPC.
 */
function mainTable(vpc: model.Vpc, surroundings: Surroundings): Fact<Key> {
  if (!surroundings.handled.has(vpc.key)) return absent;
  return {
    is: "unknown",
    why: message("a custom resource may change the main route table of {0}", vpc.key),
    at: vpc.at,
  };
}

/** Role names are unique in an account, so an ARN of this account with the name of a role in sight is that role's. */
function ownRole({ role }: model.LambdaFunction, parts: readonly Part[]): Fact<model.RoleReference> {
  const name = /:iam::\$\{AWS::AccountId\}:role\/(?:.*\/)?([^/]+)$/.exec(known(role)?.ref ?? "")?.[1];
  if (role.is !== "known" || name === undefined) return role;
  const named = parts.find((part) => part.part === "role" && known(part.name) === name);
  if (named?.part !== "role") return role;
  return { ...role, value: { key: named.is.key, ref: named.is.key } };
}

/** A function on a capacity provider stands in the provider's network, which is unknown until the provider is met. */
function ownNetwork({ vpcConfig, capacityProvider, at }: model.LambdaFunction): Fact<model.VpcConfig> {
  if (capacityProvider === undefined || capacityProvider.is === "absent") return vpcConfig;
  if (capacityProvider.is === "unknown") return capacityProvider;
  return { is: "unknown", why: whyExternal(capacityProvider.value), at };
}
