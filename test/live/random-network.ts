/** Random networks around one function; `templateOf` writes them down, and `replay` builds the same in an account. */
import fc from "fast-check";

/** A network, its parts named by their places in the lists. */
export interface Plan {
  readonly attached: boolean;
  /** Whether the VPC has IPv6, and the function uses it. */
  readonly ipv6: { readonly inVpc: boolean; readonly allowed: boolean };
  readonly nats: readonly { readonly subnet: number; readonly connectivity: "public" | "private" }[];
  readonly machine: Machine;
  /** The subnet of the endpoint that inspects. */
  readonly inspector: number;
  readonly tables: readonly { readonly routes: readonly Route[] }[];
  /** A subnet without table uses the main one, a subnet without ACL the default one. */
  readonly subnets: readonly Subnet[];
  readonly acls: readonly { readonly entries: readonly Entry[] }[];
  /** The tables of an endpoint for S3; undefined for none. */
  readonly storage: readonly number[] | undefined;
  /** What the function's group lets out; undefined for EC2's own rule. */
  readonly egress: readonly Rule[] | undefined;
  /** The function's subnets. */
  readonly chosen: readonly number[];
}

interface Subnet {
  readonly table: number | undefined;
  readonly acl: number | undefined;
  readonly ipv6: boolean;
}

/** What may be a NAT instance. */
export interface Machine {
  readonly subnet: number;
  readonly checks: boolean;
  readonly hasAddress: boolean;
  readonly letsIn: string;
  /** Whether its interface is a resource of its own. */
  readonly apart: boolean;
}

export type Via = number | "gateway" | "egress-only" | "machine" | "peering" | "transit" | "inspector";

interface Route {
  /** A block of either family, or `list`. */
  readonly to: string;
  readonly via: Via;
}

interface Rule {
  /** A block of either family, or `list`. */
  readonly cidr: string;
  /** Undefined for all protocols. */
  readonly ports: readonly [from: number, to: number] | undefined;
}

interface Entry extends Rule {
  readonly number: number;
  readonly egress: boolean;
  readonly action: "allow" | "deny";
}

const ports = fc.constantFrom<Rule["ports"]>(undefined, [443, 443], [1024, 65535], [0, 65535], [80, 80]);
const rule = fc.record({
  cidr: fc.constantFrom("0.0.0.0/0", "10.0.0.0/16", "52.0.0.0/8", "0.0.0.0/1", "::/0", "list"),
  ports,
});
const entry = fc.record({
  cidr: fc.constantFrom("0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/16", "52.0.0.0/8", "::/0"),
  ports,
  number: fc.integer({ min: 1, max: 20 }),
  egress: fc.boolean(),
  action: fc.constantFrom("allow" as const, "allow" as const, "deny" as const),
});
const both = ["0.0.0.0/0", "::/0"].map((cidr): Rule => ({ cidr, ports: undefined }));
const ipv4 = ["0.0.0.0/0", "0.0.0.0/0", "52.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1", "172.16.0.0/12", "list"];
const ipv6 = ["::/0", "::/0", "2000::/3", "2600::/12"];

const mostly = <T>(sound: T, odd: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(sound) }, { weight: 1, arbitrary: odd });

/** Returns the items without those that say the same of the same. */
export const distinct = <T>(items: readonly T[], by: (item: T) => string): T[] => [
  ...new Map(items.map((one) => [by(one), one])).values(),
];

/**
 * Mostly sound networks with a fault or two, for a network of faults alone ends at its first hop: a public subnet
 * with a NAT gateway, up to three private ones behind it, and at each place now and then something else.
 */
export const plans: fc.Arbitrary<Plan> = fc
  .record({ subnets: fc.integer({ min: 2, max: 4 }), nats: fc.integer({ min: 1, max: 2 }), acls: fc.nat(2) })
  .chain((count) => {
    const anySubnet = fc.nat(count.subnets - 1);
    const natOrGateway = fc.constantFrom<Via>("gateway", ...Array(count.nats).keys());
    const others = fc.constantFrom<Via>("machine", "machine", "peering", "transit", "inspector");
    const via = fc.oneof({ weight: 2, arbitrary: natOrGateway }, { weight: 1, arbitrary: others });
    const route4 = fc.record({ to: fc.constantFrom(...ipv4), via });
    const route6 = fc.record({
      to: fc.constantFrom(...ipv6),
      via: fc.constantFrom<Via>("egress-only", "egress-only", "gateway", "transit"),
    });
    const towards = (target: Via, target6: Via) =>
      fc
        .tuple(
          mostly<readonly Route[]>(
            [{ to: "0.0.0.0/0", via: target }],
            fc.oneof(
              fc.constant([]),
              others.map((odd) => [{ to: "0.0.0.0/0", via: odd }]),
            ),
            4,
          ),
          fc.oneof(fc.constant([]), fc.array(route4, { maxLength: 1 })),
          mostly<readonly Route[]>([{ to: "::/0", via: target6 }], fc.array(route6, { maxLength: 1 }), 2),
        )
        .map((routes) => ({ routes: distinct<Route>(routes.flat(), ({ to }) => to) }));
    const acl =
      count.acls === 0 ? fc.constant(undefined) : mostly<number | undefined>(undefined, fc.nat(count.acls - 1), 3);
    const allowAll = (["0.0.0.0/0", "::/0"] as const).flatMap((cidr, index) =>
      [true, false].map((egress): Entry => ({ cidr, ports: undefined, number: 50 + index, egress, action: "allow" })),
    );
    const entries = fc
      .tuple(mostly<readonly Entry[]>(allowAll, fc.constant([])), fc.array(entry, { maxLength: 3 }))
      .map((lists) => distinct(lists.flat(), ({ number, egress }) => `${number} ${egress}`));
    const anyTable = fc.option(fc.nat(2), { nil: undefined });
    return fc.record<Plan>({
      attached: mostly(true, fc.constant(false), 15),
      ipv6: fc.record({ inVpc: mostly(true, fc.constant(false), 2), allowed: mostly(true, fc.constant(false), 3) }),
      nats: fc.tuple(
        ...Array.from({ length: count.nats }, () =>
          fc.record({
            subnet: mostly(0, anySubnet),
            connectivity: mostly<"public" | "private">("public", fc.constant("private"), 10),
          }),
        ),
      ),
      machine: fc.record({
        subnet: mostly(0, anySubnet),
        checks: mostly(false, fc.constant(true), 4),
        hasAddress: mostly(true, fc.constant(false), 4),
        letsIn: mostly("10.0.0.0/16", fc.constantFrom("10.0.1.0/24", "192.168.0.0/16"), 4),
        apart: fc.boolean(),
      }),
      inspector: anySubnet,
      tables: fc.tuple(
        towards("gateway", "gateway"),
        towards(0, "egress-only"),
        towards(count.nats - 1, "egress-only"),
      ),
      subnets: fc.tuple(
        ...Array.from({ length: count.subnets }, (_, at) =>
          fc.record({
            table: mostly<number | undefined>(at === 0 ? 0 : 1, anyTable, 4),
            acl,
            ipv6: mostly(true, fc.constant(false)),
          }),
        ),
      ),
      acls: fc.array(fc.record({ entries }), { minLength: count.acls, maxLength: count.acls }),
      storage: mostly<Plan["storage"]>(undefined, fc.uniqueArray(fc.nat(2), { maxLength: 3 }), 3),
      // Whether EC2's own rule lets IPv6 out, the template leaves open.
      egress: fc.oneof(
        { weight: 3, arbitrary: fc.constant(both) },
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 2, arbitrary: fc.array(rule, { minLength: 1, maxLength: 2 }) },
      ),
      chosen: fc.uniqueArray(mostly(1, anySubnet, 2), { minLength: 1, maxLength: 2 }),
    });
  });
