/** What an account told, when its file was cut, changed by hand or written by something else: believed or not, never thrown over. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { lint } from "../server/src/lint";
import type { Resolved } from "../server/src/network/resolved";
import { fromResolvedData, toResolvedData } from "../server/src/network/resolved-json";
import { parse } from "../server/src/template/parse";
import { naming } from "./live/from-template";

const [subnet, group, table, vpc, nat] = ["subnet", "sg", "rtb", "vpc", "nat"].map(
  (kind) => `${kind}-0123456789abcdef0`,
);
const role = "arn:aws:iam::123456789012:role/worker";

/** One of each that is on the way of a function. */
function sample(): Resolved {
  const at = { kind: "aws", id: "one" } as const;
  const is = <T>(value: T) => ({ is: "known", value, at }) as const;
  const absent = { is: "absent" } as const;
  const entity = (key = "") => ({ key, at: { kind: "aws", id: key } as const, external: false });
  const lost = { is: "unknown", why: { template: "{0} is lost", args: ["it"] }, at } as const;
  const every = { at, protocol: is("-1"), ports: absent, peer: { kind: "ipv4", cidr: is("0.0.0.0/0") } } as const;
  const route = {
    key: "route",
    at,
    destination: is("0.0.0.0/0"),
    family: "ipv4",
    targets: [{ kind: "nat-gateway", key: is(nat ?? ""), at }],
    state: "active",
  } as const;
  const map = <T extends { key: string }>(...all: T[]) => new Map(all.map((one) => [one.key, one]));
  const none = new Map();
  return {
    region: "eu-west-1",
    account: "123456789012",
    partition: "aws",
    time: "2026-01-01T00:00:00.000Z",
    asked: { parameters: ["/a"], exports: ["b"], outputs: ["c.D"], ids: [subnet ?? "", group ?? "", role] },
    values: new Map([["ssm:/a", subnet ?? ""]]),
    network: {
      source: "account",
      vpcs: map({
        ...entity(vpc),
        cidrs: [is("10.0.0.0/16")],
        ipv6: is(false),
        tenancy: absent,
        dnsSupport: lost,
        dnsHostnames: absent,
        attachments: [],
        mainTable: is(table ?? ""),
      }),
      subnets: map({
        ...entity(subnet),
        vpc: is(vpc ?? ""),
        cidr: is("10.0.0.0/24"),
        zone: is("eu-west-1a"),
        ipv6: is(false),
        ipv6Native: absent,
        publicIpOnLaunch: absent,
        tables: [{ at, target: is(table ?? "") }],
        acls: [{ at, target: lost }],
      }),
      routeTables: map({ ...entity(table), vpc: is(vpc ?? ""), routes: [route], propagations: [], exported: false }),
      natGateways: map({
        ...entity(nat),
        connectivity: absent,
        availability: absent,
        subnet: is(subnet ?? ""),
        vpc: is(vpc ?? ""),
        allocation: absent,
        zones: [],
        state: "available",
      }),
      groups: map({
        ...entity(group),
        vpc: is(vpc ?? ""),
        inlineEgress: is([every]),
        standaloneEgress: [],
        ingress: [],
        isDefault: false,
        exported: false,
      }),
      roles: map({
        ...entity(role),
        policies: [{ kind: "managed", at, arn: is("arn"), suffix: undefined }],
        boundary: absent,
        gaps: [],
        generated: false,
      }),
      internetGateways: none,
      egressOnlyGateways: none,
      instances: none,
      interfaces: none,
      acls: none,
      prefixLists: none,
      endpoints: none,
      firewalls: none,
      edges: [],
      functions: none,
      blockPublicAccess: undefined,
      missing: none,
      gaps: [],
      unseen: new Map([["import:b", { template: "no", args: [] }]]),
    },
  };
}

describe("what an account told, as JSON", function () {
  this.timeout(60_000);

  const text = naming([subnet ?? ""], [group ?? ""], role);

  it("comes back as it went", () => {
    const told = sample();
    const data: unknown = JSON.parse(JSON.stringify(toResolvedData(told)));
    assert.deepEqual(JSON.stringify(toResolvedData(fromResolvedData(data) as Resolved)), JSON.stringify(data));
    assert.equal(lint(parse(text), { account: fromResolvedData(data) }).functions[0]?.subnets[0]?.id, subnet);
  });

  it("is believed or not whatever became of it, and linting with it never throws", () => {
    const whole = JSON.stringify(toResolvedData(sample()));
    const places = [...whole.matchAll(/"(?:[^"\\]|\\.)*"|true|false|\d+|\[\]/g)].map(({ index, 0: token }) => ({
      index,
      token,
    }));
    const other = fc.constantFrom(
      "null",
      "[]",
      "{}",
      '""',
      '"known"',
      '"absent"',
      "7",
      "true",
      '[["a"]]',
      '{"is":"known"}',
    );
    let believed = 0;
    fc.assert(
      fc.property(fc.nat(places.length - 1), other, (place, instead) => {
        const { index, token } = places[place] ?? { index: 0, token: "" };
        let data: unknown;
        try {
          data = JSON.parse(whole.slice(0, index) + instead + whole.slice(index + token.length));
        } catch {
          return;
        }
        const account = fromResolvedData(data);
        if (account === undefined) return;
        believed++;
        assert.equal(lint(parse(text), { account }).functions.length, 1);
      }),
      { numRuns: 500 },
    );
    assert.ok(believed > 20, `${believed}`);
    for (const nothing of [undefined, null, 1, "text", [], {}, { version: 1 }]) {
      assert.equal(fromResolvedData(nothing), undefined);
    }
  });
});
