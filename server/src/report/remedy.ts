/** What stopped a hop in an account, and what must change for it to pass. */
import { type Message, message } from "../message";
import { absent, type Key, known } from "../network/model";
import type { Fault, Hop } from "../network/verdict";

/** A fault where it shows, with one sentence on what to change. */
export interface Cause {
  readonly fault: Fault;
  readonly fix: Message;
}

/** Returns what stopped each failed hop of a path; each fault is told at the first hop that shows it. */
export function causes(hops: readonly Hop[], faults: readonly Fault[]): ReadonlyMap<Hop, Cause> {
  const left = faults.flatMap((fault) => {
    const remedy = remedyFor(fault);
    return remedy === undefined ? [] : [{ fault, remedy }];
  });
  const found = new Map<Hop, Cause>();
  for (const hop of hops) {
    if (hop.status !== "failed") continue;
    const index = left.findIndex(({ fault, remedy }) => remedy.at.includes(hop.id) && !isOther(fault, hop));
    const [first] = index < 0 ? [] : left.splice(index, 1);
    if (first !== undefined) found.set(hop, { fault: first.fault, fix: first.remedy.text });
  }
  return found;
}

/** A group and an ACL never share an id with a route, but the words of a table and its route may. */
function isOther(fault: Fault, { kind }: Hop): boolean {
  return (fault.code === "acl") !== (kind === "network-acl");
}

/** Returns the remedy and the ids of hops at which the fault shows; undefined for what an account cannot have. */
function remedyFor(fault: Fault): { readonly at: readonly Key[]; readonly text: Message } | undefined {
  switch (fault.code) {
    case "public-subnet": {
      const { route, table, subnet } = fault;
      const text = message(
        "move the function to private subnets, or replace the target of the default route of {0} by a NAT gateway in another, public subnet",
        table.key,
      );
      return { at: [route.key, table.key, subnet.key], text };
    }
    case "no-route": {
      const text = message(
        "add a route 0.0.0.0/0 to {0} that leads to a NAT gateway in a public subnet",
        fault.table.key,
      );
      return { at: [fault.table.key, fault.subnet.key], text };
    }
    case "main-table": {
      const main = known(fault.vpc.mainTable) ?? fault.vpc.key;
      const text = message("associate {0} with a route table that leads to a NAT gateway", fault.subnet.key);
      return { at: [fault.subnet.key, main], text };
    }
    case "nat-not-public": {
      const { nat, subnet, table, route, reason } = fault;
      const text =
        reason === "loop"
          ? message(
              "make a NAT gateway in a subnet whose table leads to an internet gateway, and route to it instead of {0}",
              nat.key,
            )
          : message("give {0}, where {1} stands, a route 0.0.0.0/0 to an internet gateway", subnet.key, nat.key);
      return { at: [table?.key, route?.key, subnet.key, nat.key].filter((id) => id !== undefined), text };
    }
    case "nat-table": {
      const { nat, table } = fault;
      const text = message(
        "give {0}, the route table of {1}, a route 0.0.0.0/0 to an internet gateway",
        table.key,
        nat.key,
      );
      return { at: [table.key], text };
    }
    case "nat-private":
      return {
        at: [fault.nat.key],
        text: message("make a public NAT gateway and route to it instead of {0}", fault.nat.key),
      };
    case "nat-other-vpc":
      return { at: [fault.nat.key], text: message("route to a NAT gateway of the function's own VPC") };
    case "nat-state":
      return { at: [fault.nat.key], text: message("route to a NAT gateway that is available, or make a new one") };
    case "gateway-not-attached":
      return { at: [fault.gateway], text: message("attach an internet gateway to {0}", fault.vpc ?? "the VPC") };
    case "peering": {
      const peer = known(fault.target.key) ?? "?";
      return {
        at: [peer],
        text: message("route to a NAT gateway of this VPC, or to a transit gateway: {0} goes no further", peer),
      };
    }
    case "nat-instance":
      return {
        at: [fault.machine.key, ...(fault.group === undefined ? [] : [fault.group.key])],
        text: forInstance(fault),
      };
    case "egress-only-other-vpc":
      return { at: [fault.route.key], text: message("route to an egress-only gateway of the function's own VPC") };
    case "inspection-no-exit": {
      const { endpoint, subnet } = fault;
      const text = message("give the subnet of {0} a route to a NAT gateway or an internet gateway", endpoint.key);
      return { at: [endpoint.key, ...(subnet === undefined ? [] : [subnet.key, ...tablesOf(subnet)])], text };
    }
    case "blackhole":
      return { at: [fault.route.key], text: message("replace the target of {0} by one that exists", fault.route.key) };
    case "security-group": {
      const ids = fault.groups.map(({ key }) => key);
      const text = message("allow egress on tcp/{0} in {1}", fault.port, ids.join(" or "));
      return { at: [ids.join(", "), ...ids], text };
    }
    case "acl": {
      const { acl, question, entry } = fault;
      const { from, to } = question.ports;
      const ports = from === to ? `${from}` : `${from}-${to}`;
      const text =
        entry === undefined
          ? message("allow {0} of tcp/{1} in {2}", question.direction, ports, acl.key)
          : message(
              "allow {0} of tcp/{1} in {2}: rule {3} decides",
              question.direction,
              ports,
              acl.key,
              known(entry.ruleNumber) ?? "?",
            );
      return { at: [acl.key], text };
    }
    case "block-public-access":
      return {
        at: ["VpcBlockPublicAccess"],
        text: message("exclude the subnet or its VPC from VPC Block Public Access"),
      };
    case "encryption-control":
      return { at: [fault.vpc.key], text: message("exclude Lambda from the encryption control of {0}", fault.vpc.key) };
    case "partial-route": {
      const { lost, table, reachable } = fault;
      const text = message("let {0} lead all addresses to a NAT gateway: it sends out {1} only", table.key, reachable);
      return { at: [...lost.map(({ key }) => key), table.key], text };
    }
    case "revocable-egress":
    case "inspection-asymmetric":
    case "nat-allocation":
    case "missing":
    case "deploy":
      return undefined;
  }
}

function tablesOf({
  tables,
}: {
  readonly tables: readonly { readonly target: Parameters<typeof known<Key>>[0] }[];
}): Key[] {
  return tables.flatMap(({ target }) => known(target ?? absent) ?? []);
}

function forInstance({ reason, machine, group }: Fault & { code: "nat-instance" }): Message {
  switch (reason) {
    case "source-dest-check":
      return message("turn the source/destination check of {0} off", machine.key);
    case "no-public-address":
      return message("give {0} an elastic IP address", machine.key);
    case "not-public":
      return message("move {0} to a subnet whose table leads to an internet gateway", machine.key);
    case "ingress":
      return message("let the function's subnets in at {0}", group?.key ?? machine.key);
    case "egress":
      return message("let the traffic out at {0}", group?.key ?? machine.key);
  }
}
