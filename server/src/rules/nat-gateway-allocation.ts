import { addAddress } from "../edit/address";
import { removeKey } from "../edit/remove";
import { replaceValue } from "../edit/replace";
import { setProperty } from "../edit/resource";
import { type Message, message } from "../message";
import { known, knownOr, type NatGateway } from "../network/model";
import { vpcOfNat } from "../network/nat";
import { referencesIn } from "../template/dependency";
import type { Fix, Rule, World } from "./rule";

export const natGatewayAllocation: Rule = {
  id: "nat-gateway-allocation",
  severity: "error",
  group: "deploy",
  everywhere: true,
  summary: "The NAT gateway's Elastic IP address is missing, or given in a way that AWS refuses",
  docs: `## What happens

The stack fails to deploy: AWS refuses to create the NAT gateway.

A public NAT gateway lends its public address to machines that have none, so it must be given one: an
*Elastic IP address* (\`AWS::EC2::EIP\`), named by its *allocation id* in \`AllocationId\`
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-natgateway.html)).
A frequent slip is \`!Ref\`: of an Elastic IP address it gives the address itself, such as 203.0.113.7,
and not the allocation id
([source](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-eip.html)).
A private NAT gateway, the other way round, takes none.

## How to fix it

Write \`AllocationId: !GetAtt Address.AllocationId\`, where \`Address\` is an \`AWS::EC2::EIP\`. A NAT
gateway in regional mode (\`AvailabilityMode: regional\`) finds its addresses itself.

## When to silence it

Never: the deployment fails.
`,
  bad: "nat-gateway-allocation/ref-address.yaml",
  good: "nat-gateway-allocation/allocation-id.yaml",

  *check(world) {
    for (const nat of world.network.natGateways.values()) {
      const wrong = faultOf(nat);
      if (wrong === undefined) continue;
      yield {
        at: nat.allocation.is === "known" ? nat.allocation.at : nat.at,
        message: wrong.words,
        fixes: () => wrong.fixes(world, nat),
        functions: world.functions.map(({ fn }) => fn.key),
      };
    }
  },
};

function faultOf(nat: NatGateway): { words: Message; fixes: (world: World, nat: NatGateway) => Fix[] } | undefined {
  const kind = knownOr(nat.connectivity, "public");
  if (nat.external || kind === undefined || knownOr(nat.availability, "zonal") !== "zonal") return undefined;
  // Zones are for a regional gateway, whatever else is wrong.
  if (nat.zones.length > 0) return undefined;
  if (kind === "private") {
    if (nat.allocation.is === "absent") return undefined;
    const words = message(
      "{0} is a private NAT gateway and takes no Elastic IP address: its deployment fails",
      nat.key,
    );
    return { words, fixes: forPrivate };
  }
  if (nat.allocation.is === "absent") {
    return { words: message("{0} has no AllocationId: its deployment fails", nat.key), fixes: forMissing };
  }
  if (known(nat.allocation)?.isAddress !== true) return undefined;
  const words = message("this gives {0} an IP address where it needs an allocation id: its deployment fails", nat.key);
  return { words, fixes: forAddress };
}

function forAddress({ document, template }: World, { allocation }: NatGateway): Fix[] {
  if (allocation.is !== "known" || allocation.at.kind !== "text") return [];
  const { node } = allocation.at;
  const [address] = [...referencesIn(node)].filter((id) => template.resources.get(id)?.type === "AWS::EC2::EIP");
  if (address === undefined) return [];
  return [
    {
      title: message("Use the allocation id of {0}", address),
      safe: true,
      edits: replaceValue(document, node, { "Fn::GetAtt": [address, "AllocationId"] }),
    },
  ];
}

/** An address that nothing uses was probably meant for this gateway. */
function forMissing(world: World, nat: NatGateway): Fix[] {
  const { document, template } = world;
  const resource = template.resources.get(nat.key);
  if (resource === undefined) return [];
  const resources = [...template.resources.values()];
  const used = new Set(resources.flatMap(({ properties }) => [...referencesIn(properties)]));
  const idle = resources.filter(({ id, type, condition, properties }) => {
    if (type !== "AWS::EC2::EIP" || used.has(id) || condition !== resource.condition) return false;
    return !referencesIn(properties).has("InstanceId");
  });
  const use = (id: string) => setProperty(document, resource, ["AllocationId"], { "Fn::GetAtt": [id, "AllocationId"] });
  if (idle.length > 0) {
    return idle.map(({ id }) => ({
      title: message("Give {0} the Elastic IP address {1}", nat.key, id),
      safe: false,
      edits: use(id),
    }));
  }
  const whole = world.whole();
  const address = addAddress(document, template, whole, vpcOfNat(whole, nat), nat.key);
  return [
    {
      title: message("Give {0} a new Elastic IP address", nat.key),
      safe: false,
      edits: [...use(address.id), ...address.edits],
    },
  ];
}

function forPrivate({ document, template }: World, nat: NatGateway): Fix[] {
  const properties = template.resources.get(nat.key)?.properties;
  if (properties?.kind !== "map") return [];
  return [
    {
      title: message("Make {0} a public NAT gateway", nat.key),
      safe: false,
      edits: removeKey(document, properties, "ConnectivityType"),
    },
    {
      title: message("Leave {0} private and remove its AllocationId", nat.key),
      safe: false,
      edits: removeKey(document, properties, "AllocationId"),
    },
  ];
}
