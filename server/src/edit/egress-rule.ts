/** The edit that opens a security group to the internet on one port, which several rules offer. */
import { message } from "../message";
import { known, type SecurityGroup } from "../network/model";
import { type Document, get } from "../template/syntax";
import type { Template } from "../template/template";
import type { Edit } from "./edit";
import { addResources, appendToProperty, freshId, setProperty, toValue } from "./resource";
import type { Offer } from "./subnets";
import type { ValueMap } from "./value";

const ipv4 = { CidrIp: "0.0.0.0/0" };
const ipv6 = { CidrIpv6: "::/0" };

/** Returns the fixes that let each of these groups out on a port by IPv4; none for a group whose rules are not in the text. */
export function offerEgress(
  document: Document,
  template: Template,
  groups: readonly SecurityGroup[],
  port: number,
): Offer[] {
  return groups.map((group) => ({
    title: message("Let {0} out to the internet on port {1}", group.key, port),
    safe: false,
    edits: addEgress(document, template, group, onPort(port, ipv4), `Port${port}`),
  }));
}

/**
 * Returns the fixes that let each of these groups out on a port by IPv6. A group that names no egress has
 * an allow-all rule for IPv4, which the first rule of its own replaces: so that one is written down too.
 */
export function offerIpv6Egress(
  document: Document,
  template: Template,
  groups: readonly SecurityGroup[],
  port: number,
): Offer[] {
  return groups.map((group) => {
    const resource = template.resources.get(group.key);
    const isBare = group.inlineEgress.is === "absent" && group.standaloneEgress.length === 0 && !group.isDefault;
    const all = [ipv4, ipv6].map((peer) => ({ IpProtocol: "-1", ...peer }));
    return {
      title: isBare
        ? message("Write down what {0} lets out, with IPv6", group.key)
        : message("Let {0} out to the internet by IPv6 on port {1}", group.key, port),
      safe: false,
      edits: !isBare
        ? addEgress(document, template, group, onPort(port, ipv6), `Ipv6Port${port}`)
        : resource === undefined
          ? []
          : setProperty(document, resource, ["SecurityGroupEgress"], all),
    };
  });
}

/** Returns the fix that gives a group back the allow-all rule that a standalone rule took from it. */
export function offerAllowAll(document: Document, template: Template, group: SecurityGroup): Offer[] {
  const edits = addEgress(document, template, group, { IpProtocol: "-1", ...ipv4 }, "All");
  return [{ title: message("Let {0} out to everywhere, as before", group.key), safe: false, edits }];
}

function onPort(port: number, peer: ValueMap): ValueMap {
  return { IpProtocol: "tcp", FromPort: port, ToPort: port, ...peer };
}

/** A group with standalone rules gets one more of them, since inline rules beside those may be taken away. */
function addEgress(document: Document, template: Template, group: SecurityGroup, rule: ValueMap, what: string): Edit[] {
  const [sibling] = group.standaloneEgress;
  if (sibling === undefined) {
    const resource = template.resources.get(group.key);
    const isList = known(group.inlineEgress) !== undefined;
    return resource === undefined || !isList
      ? []
      : appendToProperty(document, resource, ["SecurityGroupEgress"], [rule]);
  }
  const { at } = sibling;
  const owner = at.kind === "text" && at.node.kind === "scalar" ? template.resources.get(at.node.text) : undefined;
  const named = get(owner?.properties, "GroupId");
  const groupId = named === undefined ? undefined : toValue(named);
  if (owner === undefined || groupId === undefined) return [];
  const name = group.key.slice(group.key.indexOf(":") + 1).replace(/[^A-Za-z0-9]/g, "");
  const id = freshId(template, `${name}Egress${what}`);
  const resource = { Type: "AWS::EC2::SecurityGroupEgress", Properties: { GroupId: groupId, ...rule } };
  return addResources(document, template, { [id]: resource }, owner.id);
}
