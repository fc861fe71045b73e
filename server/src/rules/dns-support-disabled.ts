import { replaceValue } from "../edit/replace";
import { message } from "../message";
import { namesIn } from "../network/slice";
import { get, type Node } from "../template/syntax";
import type { Resource, Template } from "../template/template";
import type { Rule } from "./rule";

export const dnsSupportDisabled: Rule = {
  id: "dns-support-disabled",
  severity: "warning",
  group: "reach",
  summary: "The function's VPC resolves no names",
  docs: `## What happens

Calls fail with an error such as \`getaddrinfo ENOTFOUND\` or \`EAI_AGAIN\`, or time out, although the way to
the internet is open.

Before a function calls \`api.example.com\` it asks a DNS server for the address behind that name. In a VPC
this is a server of AWS, and \`EnableDnsSupport: false\` switches it off. Private names of VPC endpoints and
databases do not resolve either. See [DNS attributes for your
VPC](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html).

## How to fix it

Set \`EnableDnsSupport: true\`, or remove the property: it is on by default.

## When to silence it

When the function uses addresses only, or asks a DNS server of its own. A VPC whose DHCP options name
other DNS servers is not reported.
`,
  bad: "dns-support-disabled/off.yaml",
  good: "dns-support-disabled/on.yaml",

  *check(world) {
    const { network } = world;
    for (const fn of world.functions) {
      for (const { subnet, reference } of fn.subnets) {
        const vpc = subnet?.vpc.is === "known" ? network.vpcs.get(subnet.vpc.value) : undefined;
        if (vpc?.dnsSupport.is !== "known" || vpc.dnsSupport.value || hasOtherServers(world.template, vpc.key))
          continue;
        const { at } = vpc.dnsSupport;
        yield {
          at,
          message: message(
            "{0} resolves no names, so calls to names such as api.example.com fail even where there is a way out",
            vpc.key,
          ),
          notes: [{ at: reference.at, message: message("{0} stands in {1}", fn.fn.key, vpc.key) }],
          fixes: () =>
            at.kind === "text"
              ? [
                  {
                    title: message("Set EnableDnsSupport of {0} to true", vpc.key),
                    safe: at.node.kind === "scalar",
                    edits: replaceValue(world.document, at.node, true),
                  },
                ]
              : [],
          functions: [fn.fn.key],
        };
      }
    }
  },
};

/** Tells whether DHCP options, in any world, may name DNS servers beside the one that is off. */
function hasOtherServers(template: Template, vpc: string): boolean {
  for (const { type, properties } of template.resources.values()) {
    if (type !== "AWS::EC2::VPCDHCPOptionsAssociation" || !names(get(properties, "VpcId")).has(vpc)) continue;
    const options = [...names(get(properties, "DhcpOptionsId"))].flatMap((id) => template.resources.get(id) ?? []);
    if (options.length === 0 || options.some(namesServers)) return true;
  }
  return false;
}

function namesServers({ properties }: Resource): boolean {
  const servers = get(properties, "DomainNameServers");
  if (servers === undefined) return false;
  if (servers.kind !== "list") return true;
  return servers.items.some((item) => item.kind !== "scalar" || item.text !== "AmazonProvidedDNS");
}

function names(node: Node | undefined): ReadonlySet<string> {
  const found = new Set<string>();
  namesIn(node, found);
  return found;
}
