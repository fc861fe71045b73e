/** Paths as a template and an account must both tell them: verdicts and hops, with ids that both know. */
import type { SubnetReport } from "../../server/src/lint";

export interface Path {
  readonly ref: string;
  readonly verdict: string;
  readonly ipv6: string;
  readonly blockers: readonly string[];
  /** `passed ipv4 route ToNat` */
  readonly hops: readonly string[];
}

/**
 * Returns a subnet's verdict and hops. The account names the VPC's own table and ACL, which no template contains:
 * there the subnet stands for the table that it uses without being told to. And it names the endpoint of a
 * firewall, where a template names the firewall.
 */
export function pathOf(
  { ref, verdict, ipv6, blockers, hops }: SubnetReport,
  nameOf: (id: string) => string,
  isSubnet: (name: string) => boolean,
): Path {
  const named = (ids: string): string => ids.split(", ").map(nameOf).join(", ");
  return {
    // An item of a list is called by the list in reports, and a name of nothing by itself.
    ref: nameOf(ref)
      .replace(/\[\d+\]$/, "")
      .replace(/^param:/, ""),
    verdict,
    ipv6,
    blockers: [...blockers].sort(),
    hops: hops
      .map(({ kind, id, family, status }) => ({ kind, id: named(id), family, status }))
      .map((hop) => (hop.kind === "route-table" && isSubnet(hop.id) ? { ...hop, id: "default" } : hop))
      .map((hop) => (hop.kind === "firewall" ? { ...hop, kind: "endpoint" } : hop))
      .filter(({ kind, id, status }) => id !== "default" || (kind === "route-table" && status !== "passed"))
      .map(({ kind, id, family, status }) => `${status} ${family} ${kind} ${id}`),
  };
}

/** What is told of a function as a whole. */
export interface Told {
  readonly verdict: string;
  readonly role: string | undefined;
  readonly paths: readonly Path[];
}

/**
 * Returns how the account contradicts the template. What the template leaves open the account may close either
 * way; all else must be the same, hop by hop. Where a hop is open, the account may find more: hops behind it, and
 * blockers that come first in the verdict.
 */
export function contradictions(promised: Told, deployed: Told): string[] {
  const found: string[] = [];
  const compare = (what: string, one: string | undefined, other: string | undefined): void => {
    if (one !== other && one !== "unknown") found.push(`${what}: promised ${one}, deployed ${other}`);
  };
  const isOpen = promised.paths.some(({ verdict, ipv6 }) => verdict === "unknown" || ipv6 === "unknown");
  // The verdict is about IPv4, and says so in other words once IPv6 is known to reach.
  const isIpv6 = promised.verdict === "no-internet" && deployed.verdict === "ipv6-only";
  if (!isOpen || !(promised.verdict === "intermittent" || isIpv6)) {
    compare("verdict", promised.verdict, deployed.verdict);
  }
  compare("role", promised.role, deployed.role);
  compare("subnets", String(promised.paths.length), String(deployed.paths.length));
  for (const [index, path] of promised.paths.entries()) {
    const other = deployed.paths[index];
    if (other === undefined) continue;
    compare("subnet", path.ref, other.ref);
    compare(`${path.ref}, IPv6`, path.ipv6, other.ipv6);
    const open = path.hops.some((hop) => hop.startsWith("unknown "));
    const known = path.hops.filter((hop) => !hop.startsWith("unknown "));
    for (const hop of known) if (!other.hops.includes(hop)) found.push(`${path.ref}: deployed lacks ${hop}`);
    if (open) {
      for (const one of path.blockers) if (!other.blockers.includes(one)) found.push(`${path.ref}: not ${one}`);
      continue;
    }
    compare(path.ref, path.verdict, other.verdict);
    for (const hop of other.hops) if (!path.hops.includes(hop)) found.push(`${path.ref}: deployed adds ${hop}`);
    if (found.length === 0) compare(`${path.ref}, order`, path.hops.join("; "), other.hops.join("; "));
    compare(`${path.ref}, blockers`, path.blockers.join(), other.blockers.join());
  }
  return found;
}

/** Tells whether both say the same, with nothing left open on one side alone. */
export function isSame(promised: Told, deployed: Told): boolean {
  return JSON.stringify(promised) === JSON.stringify(deployed);
}
