/** The edits that let a function's security group in at an interface endpoint. */
import { message } from "../message";
import { type Endpoint, type Key, known } from "../network/model";
import { waitsFor } from "../template/dependency";
import { type Document, get } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import { addResources, appendToProperty, copyOf, freshId, setProperty } from "./resource";
import type { Offer } from "./subnets";
import type { ValueMap } from "./value";

/** Returns the fix by which the endpoint's first group admits HTTPS from `source`, or the endpoint gets such a group. */
export function offerIngress(document: Document, template: Template, endpoint: Endpoint, source: Key): Offer[] {
  if (endpoint.groups.is === "absent") return withGroup(document, template, endpoint, source);
  const [first] = endpoint.groups.is === "known" ? endpoint.groups.value : [];
  const group = template.resources.get(first === undefined ? "" : (known(first) ?? ""));
  return group === undefined ? [] : [withRule(document, template, group, source)];
}

/** A group cannot name itself in its own properties, nor one that is created after it: a rule of its own can. */
function withRule(document: Document, template: Template, group: Resource, source: Key): Offer {
  const isApart = source === group.id || waitsFor(template, source, new Set([group.id]));
  const Properties = { GroupId: { "Fn::GetAtt": [group.id, "GroupId"] }, ...ruleFrom(source) };
  const apart = { [freshId(template, `${group.id}Ingress`)]: { Type: "AWS::EC2::SecurityGroupIngress", Properties } };
  const edits = isApart
    ? addResources(document, template, apart, group.id)
    : appendToProperty(document, group, ["SecurityGroupIngress"], [ruleFrom(source)]);
  return { title: message("Let {0} in on port 443 of {1}", source, group.id), safe: source !== group.id, edits };
}

/** The VPC's default group is in place, which others have too: it stays as it is. */
function withGroup(document: Document, template: Template, endpoint: Endpoint, source: Key): Offer[] {
  const { key } = endpoint;
  const resource = template.resources.get(key);
  const vpc = get(resource?.properties, "VpcId");
  if (resource === undefined || vpc === undefined || waitsFor(template, source, new Set([key]))) return [];
  const id = freshId(template, `${key}SecurityGroup`);
  const Properties = {
    GroupDescription: `HTTPS to ${key}`,
    VpcId: copyOf(vpc),
    SecurityGroupIngress: [ruleFrom(source)],
  };
  const edits = [
    ...setProperty(document, resource, ["SecurityGroupIds"], [{ "Fn::GetAtt": [id, "GroupId"] }]),
    ...addResources(document, template, { [id]: { Type: "AWS::EC2::SecurityGroup", Properties } }, key),
  ];
  return [
    { title: message("Give {0} a security group that lets {1} in on port 443", key, source), safe: false, edits },
  ];
}

function ruleFrom(group: Key): ValueMap {
  const source = { "Fn::GetAtt": [group, "GroupId"] };
  return { IpProtocol: "tcp", FromPort: 443, ToPort: 443, SourceSecurityGroupId: source };
}
