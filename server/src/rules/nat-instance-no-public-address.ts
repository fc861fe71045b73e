import { addAddress } from "../edit/address";
import { replaceValue } from "../edit/replace";
import { addResources, freshId } from "../edit/resource";
import { message } from "../message";
import { publicSubnets } from "../network/alternatives";
import { type Instance, known, type NetworkInterface, type Origin } from "../network/model";
import { cardOf } from "../network/nat-instance";
import type { Fault } from "../network/verdict";
import type { Draft, Fix, Rule, World } from "./rule";

type NatInstance = Fault & { code: "nat-instance" };

export const natInstanceNoPublicAddress: Rule = {
  id: "nat-instance-no-public-address",
  severity: "error",
  group: "reach",
  summary: "The NAT instance cannot reach the internet itself",
  docs: `## What happens

Calls to the internet from every subnet behind this machine hang until they time out.

The route table sends traffic for the internet to a machine, a *NAT instance*, which is to send it on under
its own address. For that it needs a public address, and it must stand in a *public* subnet: one whose
route table sends \`0.0.0.0/0\` to an internet gateway
([source](https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html)). One of the two is
missing here.

## How to fix it

Put the machine into a public subnet. Give it a public address: an Elastic IP address (\`AWS::EC2::EIP\`
with its \`InstanceId\`, or an \`AWS::EC2::EIPAssociation\`), \`AssociatePublicIpAddress: true\` in its
\`NetworkInterfaces\`, or \`MapPublicIpOnLaunch: true\` on the subnet. A network interface declared by itself
gets an address only by an \`AWS::EC2::EIPAssociation\`.

## When to silence it

When something gives the machine its address at run time.
`,
  bad: "nat-instance-no-public-address/no-address.yaml",
  good: "nat-instance-no-public-address/elastic-ip.yaml",

  *check(world) {
    for (const { ipv4 } of world.paths) {
      const faults = ipv4.faults.filter((fault): fault is NatInstance => fault.code === "nat-instance");
      for (const fault of faults) {
        // In a private subnet the address alone would not help.
        const inPrivate = faults.some(({ reason, machine }) => reason === "not-public" && machine === fault.machine);
        if (fault.reason === "not-public") yield notPublic(world, fault);
        else if (fault.reason === "no-public-address" && !inPrivate) yield noAddress(world, fault);
      }
    }
  },
};

function notPublic(world: World, { machine, route }: NatInstance): Draft {
  const card = cardOf(world.network, machine);
  const home = known(card.subnet);
  const whole = world.whole();
  const vpc = known(whole.subnets.get(home ?? "")?.vpc ?? card.subnet);
  const node = card.subnet.is === "known" && card.subnet.at.kind === "text" ? card.subnet.at.node : undefined;
  return {
    at: placeOf(machine, card),
    message: message(
      "{0} stands in {1}, which has no route to an internet gateway: it cannot forward to the internet, so calls time out",
      machine.key,
      home ?? "?",
    ),
    notes: [{ at: route.at, message: message("this route sends the traffic to it") }],
    fixes: () =>
      node === undefined || vpc === undefined
        ? []
        : publicSubnets(whole, vpc).map(({ key }) => ({
            title: message("Move {0} to the public subnet {1}", card.key, key),
            safe: false,
            edits: replaceValue(world.document, node, { Ref: key }),
          })),
    functions: world.functions.map(({ fn }) => fn.key),
  };
}

function noAddress(world: World, { machine, route }: NatInstance): Draft {
  const card = cardOf(world.network, machine);
  return {
    at: placeOf(machine, card),
    message: message("{0} has no public address, so it cannot forward to the internet and calls time out", machine.key),
    notes: [{ at: route.at, message: message("this route sends the traffic to it") }],
    fixes: () => withAddress(world, card),
    functions: world.functions.map(({ fn }) => fn.key),
  };
}

/** The interfaces of a machine that has declared ones, else the subnet it stands in. */
function placeOf(machine: Instance | NetworkInterface, card: Instance | NetworkInterface): Origin {
  const [first] = "interfaces" in machine ? machine.interfaces : [];
  if (first?.is === "known") return first.at;
  return card.subnet.is === "known" ? card.subnet.at : card.at;
}

/** An address joins an instance by itself, an interface by an association. */
function withAddress({ document, template, whole }: World, card: Instance | NetworkInterface): Fix[] {
  const network = whole();
  const vpc = known(network.subnets.get(known(card.subnet) ?? "")?.vpc ?? card.subnet);
  const title = message("Give {0} a new Elastic IP address", card.key);
  if ("interfaces" in card) {
    const { edits } = addAddress(document, template, network, vpc, card.key, { InstanceId: { Ref: card.key } });
    return [{ title, safe: false, edits }];
  }
  const address = addAddress(document, template, network, vpc, card.key);
  const association = {
    Type: "AWS::EC2::EIPAssociation",
    Properties: {
      AllocationId: { "Fn::GetAtt": [address.id, "AllocationId"] },
      NetworkInterfaceId: { Ref: card.key },
    },
  };
  const id = freshId(template, `${card.key}AddressAssociation`);
  const edits = [...address.edits, ...addResources(document, template, { [id]: association }, card.key)];
  return [{ title, safe: false, edits }];
}
