/** The function's own part of a topology: the subnets and groups that it names, and the role that lets it in. */
import { publicSpace } from "../../network/address-space";
import { roleEgress } from "../../network/iam";
import { type Fact, known, type SecurityGroup } from "../../network/model";
import { askGroups } from "../../network/security-group";
import type { Family } from "../../network/verdict";
import { get, intrinsic, isNull, type Node, spanOf } from "../../template/syntax";
import { danglingName } from "../dangling";
import type { Edit } from "../edit";
import { offerEgress, offerIpv6Egress } from "../egress-rule";
import { setKey } from "../insert";
import { setProperty } from "../resource";
import type { Value } from "../value";
import { offerVpcPolicy, vpcPolicyArn } from "../vpc-policy";
import * as body from "./bodies";
import { add, type Plan } from "./plan";
import type { Place } from "./routing";
import { listOf } from "./subnets";

/** Lets the function stand in these subnets, with groups that let it out. */
export function place(plan: Plan, places: readonly Place[], ipv6: boolean): void {
  const subnets = places.map(({ id }) => id);
  const groups = groupsOf(plan, ipv6);
  const config = known(plan.egress.fn.vpcConfig);
  const wanted: Record<string, Value> = {
    ...(isSame(config?.subnets, subnets) ? {} : { SubnetIds: subnets.map(body.ref) }),
    ...(isSame(config?.groups, groups) ? {} : { SecurityGroupIds: groups.map(body.ref) }),
    ...(!ipv6 || (config !== undefined && known(config.ipv6Allowed) === true) ? {} : { Ipv6AllowedForDualStack: true }),
  };
  write(plan, wanted);
  grant(plan);
}

/** Returns the groups that the function keeps, and a new one where it has none that could be in this VPC. */
function groupsOf(plan: Plan, ipv6: boolean): string[] {
  const { egress, network, vpc, template, added } = plan;
  const config = known(egress.fn.vpcConfig);
  const references = config === undefined ? [] : (known(config.groups) ?? []);
  const kept = references.flatMap(({ key }) => {
    const group = network.groups.get(known(key) ?? "");
    return group !== undefined && !group.external && known(group.vpc) === vpc.key ? [group] : [];
  });
  const isList = listOf(plan.resource, egress.fn, "SecurityGroupIds")?.kind === "list";
  const promised = !isList ? [] : references.flatMap(({ key }) => danglingName(template, known(key)) ?? []);
  for (const name of promised) added.set(name, body.functionGroup(vpc.id, ipv6));
  plan.edits.push(...opened(plan, kept, ipv6 ? "ipv6" : "ipv4"));
  const names = [...kept.map(({ key }) => key), ...promised];
  return names.length > 0 ? names : [add(plan, `${egress.fn.key}SecurityGroup`, body.functionGroup(vpc.id, ipv6))];
}

/** Groups that do not let the function out are opened on the one port that the question is about. */
function opened({ document, template, network }: Plan, groups: readonly SecurityGroup[], family: Family): Edit[] {
  const [first] = groups;
  const question = { family, destination: publicSpace(family), port: 443 };
  if (first === undefined || askGroups(groups, question, network.prefixLists).allowed === "all") return [];
  const offers =
    family === "ipv4"
      ? offerEgress(document, template, [first], 443)
      : offerIpv6Egress(document, template, [first], 443);
  return offers.flatMap(({ edits }) => edits);
}

/** Tells whether a list names these ids and nothing else. */
function isSame(list: Fact<readonly { readonly key: Fact<string> }[]> | undefined, ids: readonly string[]): boolean {
  const keys = list?.is === "known" ? list.value.map(({ key }) => known(key)?.replace(/^param:/, "")) : [];
  return keys.length === ids.length && ids.every((id) => keys.includes(id));
}

/** Writes keys of the VpcConfig where it stands: with the function, or in Globals that nobody else uses. */
function write(plan: Plan, wanted: Readonly<Record<string, Value>>): void {
  const { document, resource, egress } = plan;
  const keys = Object.keys(wanted);
  if (keys.length === 0) return;
  const name = egress.fn.canary ? "VPCConfig" : "VpcConfig";
  const own = get(resource.written ?? resource.properties, name);
  const shared = sharedConfig(plan);
  if (shared !== undefined && isShared(plan)) {
    plan.impossible = true;
    return;
  }
  const config = shared ?? own;
  if (intrinsic(config) !== undefined || keys.some((key) => !isPlain(get(config, key)))) {
    plan.impossible = true;
    return;
  }
  if (config === undefined || isNull(config) || (config.kind === "map" && config.entries.length === 0)) {
    plan.edits.push(...setProperty(document, resource, [name], wanted));
  } else if (config.kind === "map") {
    plan.edits.push(...Object.entries(wanted).flatMap(([key, value]) => setKey(document, config, key, value)));
  } else plan.impossible = true;
}

/** What a condition or a function decides is not replaced by what one world asks for. */
function isPlain(node: Node | undefined): boolean {
  if (node?.kind === "list") return node.items.every(isPlain);
  const call = intrinsic(node);
  return call === undefined || call.name === "Ref" || call.name === "Fn::GetAtt";
}

/** Returns the VpcConfig of Globals, where it bears on this function. */
function sharedConfig({ template, resource }: Plan): Node | undefined {
  const shared = get(get(template.globals, "Function"), "VpcConfig");
  const merged = get(resource.properties, "VpcConfig");
  if (resource.written === undefined || shared === undefined || merged?.kind !== "map") return undefined;
  const { start, end } = spanOf(shared);
  const isFrom = (node: Node) => spanOf(node).start >= start && spanOf(node).end <= end;
  return merged.entries.some(({ key }) => isFrom(key)) ? shared : undefined;
}

/** Globals may change for a function only where it is the only one that has them, or where it has no part of its own. */
function isShared({ template, resource }: Plan): boolean {
  if (get(resource.written, "VpcConfig") !== undefined) return true;
  const functions = [...template.resources.values()].filter(({ type }) => type === "AWS::Lambda::Function");
  return functions.length > 1;
}

/** A role that is missing is written, and one that does not let Lambda into a VPC is given AWS's own policy. */
function grant(plan: Plan): void {
  const { egress, resource, template, document } = plan;
  const { fn } = egress;
  if (resource.written !== undefined || fn.canary) {
    if (egress.role?.verdict === "missing") {
      plan.edits.push(...offerVpcPolicy(document, template, egress.role.key, false).flatMap(({ edits }) => edits));
    }
    return;
  }
  const policy = { "Fn::Sub": vpcPolicyArn };
  if (fn.role.is === "absent") {
    const id = add(plan, `${fn.key}Role`, body.role(policy));
    plan.edits.push(...setProperty(document, resource, ["Role"], body.attribute(id, "Arn")));
  } else if (fn.role.is === "known") {
    const missing = danglingRole(plan, resource);
    if (missing !== undefined) plan.added.set(missing, body.role(policy));
    else plan.edits.push(...offerVpcPolicy(document, template, lacksPolicy(plan), false).flatMap(({ edits }) => edits));
  }
}

/** Returns the role that the function's `Role: !GetAtt X.Arn` names although there is none. */
function danglingRole(
  { template }: Plan,
  { properties }: { readonly properties: Node | undefined },
): string | undefined {
  const names = namesOf(get(properties, "Role"));
  return names.find((name) => !template.resources.has(name) && !template.parameters.has(name));
}

function namesOf(role: Node | undefined): string[] {
  const argument = get(role, "Fn::GetAtt");
  if (argument?.kind === "scalar") return /^(\w+)\.Arn$/.exec(argument.text)?.slice(1, 2) ?? [];
  const [first, second] = argument?.kind === "list" ? argument.items : [];
  return first?.kind === "scalar" && second?.kind === "scalar" && second.text === "Arn" ? [first.text] : [];
}

/** A function that is in no VPC yet needed no such permission, so its verdict does not tell. */
function lacksPolicy({ egress, network }: Plan): string | undefined {
  const { verdict, key } = roleEgress(egress.fn.role, network.roles);
  return verdict === "missing" ? key : undefined;
}
