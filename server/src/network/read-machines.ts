/** Reads machines and endpoints that stand in the way of traffic: NAT instances, firewalls, VPC endpoints. */

import { message } from "../message";
import { asWritten, type Value } from "../template/value";
import type * as model from "./model";
import { absent } from "./model";
import type { Reader } from "./parts";
import { booleanFact, inText, keyOf } from "./read";
import { entity, keys, properties } from "./read-resource";

export const machines: Readonly<Record<string, Reader>> = {
  "AWS::EC2::EIP": (resource, resolver) => {
    const { key, given } = properties(resource, resolver);
    return given("InstanceId") ? [{ part: "public-address", of: key("InstanceId"), at: inText(resource.at) }] : [];
  },

  "AWS::EC2::EIPAssociation": (resource, resolver) => {
    const { key, given } = properties(resource, resolver);
    return ["InstanceId", "NetworkInterfaceId"]
      .filter(given)
      .map((name) => ({ part: "public-address", of: key(name), at: inText(resource.at) }));
  },

  "AWS::EC2::Instance": (resource, resolver) => {
    const { key, flag, items, value, given } = properties(resource, resolver);
    const inline = (items("NetworkInterfaces") ?? []).flatMap((item) => (item.kind === "map" ? [item.node] : []));
    const first = inline[0];
    const own = (name: string): Value => (first === undefined ? value(name) : resolver.property(first, name));
    const subnet = first === undefined ? key("SubnetId") : keyOf(own("SubnetId"));
    const listed = value(given("SecurityGroupIds") ? "SecurityGroupIds" : "SecurityGroups");
    const groups = first === undefined ? listed : own("GroupSet");
    const interfaces = inline.map((node) => keyOf(resolver.property(node, "NetworkInterfaceId")));
    // A launch template fills in what the instance leaves out, but it has no source/destination check.
    const orLaunchTemplate = <T>(fact: model.Fact<T>): model.Fact<T> =>
      fact.is === "absent" && given("LaunchTemplate")
        ? { is: "unknown", why: message("the launch template of {0} may say it", resource.id), at: inText(resource.at) }
        : fact;
    const is: model.Instance = {
      ...entity(resource),
      subnet: orLaunchTemplate(subnet),
      sourceDestCheck: flag("SourceDestCheck"),
      publicAddress: orLaunchTemplate(
        first === undefined ? absent : booleanFact(resolver, own("AssociatePublicIpAddress")),
      ),
      groups: orLaunchTemplate(keys(resolver, groups)),
      interfaces: interfaces.filter((fact) => fact.is !== "absent"),
    };
    return [{ part: "instance", is }];
  },

  "AWS::EC2::NetworkInterface": (resource, resolver) => {
    const { key, flag, value } = properties(resource, resolver);
    const is: model.NetworkInterface = {
      ...entity(resource),
      subnet: key("SubnetId"),
      sourceDestCheck: flag("SourceDestCheck"),
      publicAddress: absent,
      groups: keys(resolver, value("GroupSet")),
      attached: false,
    };
    return [{ part: "interface", is }];
  },

  "AWS::EC2::NetworkInterfaceAttachment": (resource, resolver) => {
    const { key } = properties(resource, resolver);
    return [{ part: "interface-attachment", of: key("NetworkInterfaceId"), instance: key("InstanceId") }];
  },

  "AWS::EC2::VPCEndpoint": (resource, resolver) => {
    const { key, text, flag, items, value } = properties(resource, resolver);
    const service = asWritten(value("ServiceName")).replace(
      /^.*(?:com\.amazonaws\.|aws\.(?:api|sagemaker)\.)(?:\$\{[^}]*\}|[a-z]{2}(?:-[a-z]+)+-\d)\./,
      "",
    );
    const is: model.Endpoint = {
      ...entity(resource),
      type: text("VpcEndpointType"),
      service:
        value("ServiceName").kind === "nothing"
          ? absent
          : { is: "known", value: service, at: inText(value("ServiceName").at) },
      vpc: key("VpcId"),
      tables: (items("RouteTableIds") ?? []).map(keyOf),
      subnets: (items("SubnetIds") ?? []).map(keyOf),
      groups: keys(resolver, value("SecurityGroupIds")),
      privateDns: flag("PrivateDnsEnabled"),
    };
    return [{ part: "endpoint", is }];
  },

  "AWS::NetworkFirewall::Firewall": (resource, resolver) => {
    const { items } = properties(resource, resolver);
    const subnets = (items("SubnetMappings") ?? []).map((item) =>
      item.kind === "map" ? keyOf(resolver.property(item.node, "SubnetId")) : keyOf(item),
    );
    return [{ part: "firewall", is: { ...entity(resource), subnets } }];
  },

  "AWS::NetworkFirewall::VpcEndpointAssociation": (resource, resolver) => {
    const { value } = properties(resource, resolver);
    const mapping = value("SubnetMapping");
    const subnets = mapping.kind === "map" ? [keyOf(resolver.property(mapping.node, "SubnetId"))] : [];
    return [{ part: "firewall", is: { ...entity(resource), subnets } }];
  },
};
