/** The answer for one subnet, in the address families that are asked about. */
import { type AddressSet, isEmpty, publicSpace } from "./address-space";
import { isPrivate } from "./destination";
import type { Destination } from "./egress";
import type { LambdaFunction, Network, Subnet, SubnetReference, VpcConfig } from "./model";
import { ipv4Path, ipv6Path } from "./path";
import type { Fault, Path, SubnetEgress } from "./verdict";

/** Returns the paths from one of a function's subnets to a destination. */
export function subnetEgress(
  network: Network,
  fn: LambdaFunction,
  config: VpcConfig,
  reference: SubnetReference,
  destination: Destination,
): SubnetEgress {
  const { ipv4, port } = destination;
  return {
    reference,
    subnet: subnetIn(network, reference),
    ipv4: answer(ipv4, (addresses) => ipv4Path(network, fn, config, reference, { addresses, port })),
    ipv6: ipv6Answer(network, config, reference, destination),
  };
}

/** Returns the IPv6 path alone. */
export function ipv6Answer(
  network: Network,
  config: VpcConfig,
  reference: SubnetReference,
  { ipv6, port }: Destination,
): SubnetEgress["ipv6"] {
  return answer(ipv6, (addresses) => ipv6Path(network, config, reference, { addresses, port }));
}

/** Returns the subnet that a reference names, where it is in sight. */
export function subnetIn(network: Network, { key, whole }: SubnetReference): Subnet | undefined {
  return key.is !== "known" || whole ? undefined : network.subnets.get(key.value);
}

/** What keeps the stack from being deployed, whatever the paths say. */
export function isDeployFault({ code }: Fault): boolean {
  return code === "deploy" || code === "missing" || code === "nat-allocation";
}

/**
 * A family that is not asked about is unknown, without a reason. Faults are about the internet, so that
 * for private addresses, as for none, only those stay that keep the stack from being deployed.
 */
function answer<V extends Path["verdict"]>(
  addresses: AddressSet,
  path: (addresses: AddressSet) => Path<V | "unknown">,
): Path<V | "unknown"> {
  if (!isEmpty(addresses) && !isPrivate(addresses)) return path(addresses);
  const { family } = addresses;
  const faults = path(publicSpace(family)).faults.filter(isDeployFault);
  if (!isEmpty(addresses)) return { ...path(addresses), faults };
  return { family, verdict: "unknown", blockers: [], hops: [], faults, unknowns: [] };
}
