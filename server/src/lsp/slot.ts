/** The properties whose values this server knows, and what stands beside a value that is being written. */
import { isFunction } from "../analysis";
import { absent, type Key, known, type Network, type RouteTable } from "../network/model";
import { get, intrinsic, type Node, spanOf } from "../template/syntax";
import type { Resource } from "../template/template";

/** Whose property it is: a resource, or the Globals of all functions. */
export type Owner = Pick<Resource, "id" | "type" | "node" | "properties" | "written">;

/** What a property holds; `list` where it holds several. */
export interface Slot {
  readonly of:
    | "subnet"
    | "group"
    | "nat-subnet"
    | "associated-subnet"
    | "table"
    | "nat"
    | "gateway"
    | "egress-only"
    | "arn"
    | "policy";
  readonly list: boolean;
}

const vpcConfig: Readonly<Record<string, Slot>> = {
  SubnetIds: { of: "subnet", list: true },
  SecurityGroupIds: { of: "group", list: true },
};

const ofTypes: Readonly<Record<string, Readonly<Record<string, Slot>>>> = {
  "AWS::EC2::Route": {
    NatGatewayId: { of: "nat", list: false },
    GatewayId: { of: "gateway", list: false },
    EgressOnlyInternetGatewayId: { of: "egress-only", list: false },
    RouteTableId: { of: "table", list: false },
  },
  "AWS::EC2::SubnetRouteTableAssociation": {
    RouteTableId: { of: "table", list: false },
    SubnetId: { of: "associated-subnet", list: false },
  },
  "AWS::EC2::NatGateway": { SubnetId: { of: "nat-subnet", list: false } },
  "AWS::IAM::Role": { ManagedPolicyArns: { of: "arn", list: true } },
};

/** Returns what a property of a resource holds, by the names that lead to it; undefined for all that is no business of this server's. */
export function slotOf(resource: Owner, names: readonly string[]): Slot | undefined {
  const [first, second, ...more] = names;
  if (first === undefined || more.length > 0) return undefined;
  if (second !== undefined) return isFunction(resource) && /^VpcConfig$/i.test(first) ? vpcConfig[second] : undefined;
  if (isServerless(resource) && first === "Policies") return { of: "policy", list: true };
  return ofTypes[resource.type]?.[first];
}

/** SAM's functions are turned into Lambda's before anything looks at them. */
function isServerless(resource: Owner): boolean {
  return resource.type === "AWS::Lambda::Function" && "written" in resource;
}

/** The VPC of a function's other subnets, or of its groups; undefined where that cannot be told. */
export function vpcOf(network: Network, { properties }: Owner): Key | undefined {
  const config = get(properties, "VpcConfig") ?? get(properties, "VPCConfig");
  const names = new Set<string>();
  namesIn(get(config, "SubnetIds"), names);
  namesIn(get(config, "SecurityGroupIds"), names);
  for (const name of names) {
    const vpc = known((network.subnets.get(name) ?? network.groups.get(name))?.vpc ?? absent);
    if (vpc !== undefined) return vpc;
  }
  return undefined;
}

/** The names that a function's list holds already, but for the one at the cursor. */
export function namesBeside({ properties }: Owner, cursor: number): ReadonlySet<string> {
  const config = get(properties, "VpcConfig") ?? get(properties, "VPCConfig");
  const found = new Set<string>();
  namesIn(get(config, "SubnetIds"), found, cursor);
  namesIn(get(config, "SecurityGroupIds"), found, cursor);
  return found;
}

function namesIn(node: Node | undefined, into: Set<string>, but = -1): void {
  const argument = node === undefined ? undefined : intrinsic(node)?.argument;
  const span = node === undefined ? undefined : spanOf(node);
  if (node === undefined || span === undefined) return;
  const isAtCursor = but >= span.start && but <= span.end;
  if (argument?.kind === "scalar") {
    if (!isAtCursor) into.add(argument.text.split(".", 1)[0] ?? "");
  } else if (node.kind === "list") for (const item of node.items) namesIn(item, into, but);
  else if (node.kind === "map") for (const { value } of node.entries) namesIn(value, into, but);
}

/** The plain texts in a property, but for the one at the cursor. */
export function textsBeside({ properties, written }: Owner, property: string, cursor: number): readonly string[] {
  const texts: string[] = [];
  const collect = (node: Node | undefined): void => {
    if (node === undefined) return;
    const { start, end } = spanOf(node);
    if (node.kind === "scalar") {
      if (cursor < start || cursor > end) texts.push(node.text);
    } else
      for (const child of node.kind === "list" ? node.items : node.entries.map(({ value }) => value)) collect(child);
  };
  collect(get(written ?? properties, property));
  return texts;
}

/** The route table that stands beside what is written. */
export function tableBeside(network: Network, resource: Owner): RouteTable | undefined {
  return network.routeTables.get(refBeside(resource, "RouteTableId") ?? "");
}

/** The logical id that a property of the same resource names. */
export function refBeside({ properties }: Owner, property: string): string | undefined {
  const call = intrinsic(get(properties, property));
  return call?.argument.kind === "scalar" ? call.argument.text.split(".", 1)[0] : undefined;
}
