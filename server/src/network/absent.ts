/**
 * References on a function's way out to things that do not exist in this world. CloudFormation refuses the
 * whole template then ("Unresolved resource dependencies"), wherever the reference stands.
 */
import { type Fact, type Key, known, type Network, type SecurityGroup, type Subnet } from "./model";
import type { Fault } from "./verdict";

type Missing = Fault & { readonly code: "missing" };

/** Returns the references to missing things in these subnets, in what their tables lead to, and in these groups. */
export function absentReferences(
  network: Network,
  subnets: readonly Subnet[],
  groups: readonly SecurityGroup[],
): readonly Missing[] {
  // Of a network that is put together by need, the question how much is missing would ask about all of it.
  if (network.glimpse === undefined && network.missing.size === 0) return [];
  const faults: Missing[] = [];
  const check = (...facts: readonly Fact<Key>[]): void => {
    for (const fact of facts) {
      if (fact.is === "known" && network.missing.has(fact.value)) {
        faults.push({ code: "missing", key: fact.value, at: fact.at });
      }
    }
  };
  const queue = [...subnets];
  const seen = new Set<Key>();
  for (let subnet = queue.pop(); subnet !== undefined; subnet = queue.pop()) {
    if (seen.has(subnet.key)) continue;
    seen.add(subnet.key);
    const associations = [...subnet.tables, ...subnet.acls].map(({ target }) => target);
    check(subnet.vpc, ...associations);
    const attachments = network.vpcs.get(known(subnet.vpc) ?? "")?.attachments ?? [];
    check(...attachments.map(({ gateway }) => gateway));
    for (const key of associations) {
      const table = network.routeTables.get(known(key) ?? "");
      if (table === undefined) continue;
      const targets = table.routes.flatMap((route) => route.targets.map((target) => target.key));
      check(table.vpc, ...targets);
      for (const target of targets) {
        const nat = network.natGateways.get(known(target) ?? "");
        if (nat !== undefined) check(nat.subnet, nat.vpc);
        const next = network.subnets.get(known(nat?.subnet ?? target) ?? "");
        if (next !== undefined) queue.push(next);
      }
    }
  }
  check(...groups.map(({ vpc }) => vpc));
  return faults;
}
