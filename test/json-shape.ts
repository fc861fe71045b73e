/** The shape of the JSON report, written down a second time and field by field, as other programs rely on it. */
import assert from "node:assert/strict";
import type { JsonReport } from "../server/src/report/json";

const severity = oneOf("error", "warning", "information", "hint");
const functionVerdict = oneOf(
  "not-in-vpc",
  "internet",
  "intermittent",
  "partial",
  "ipv6-only",
  "no-internet",
  "deploy-fails",
  "unknown",
);
const ipv4Verdict = oneOf(
  "nat",
  "nat-instance",
  "inspection",
  "public-subnet",
  "isolated",
  "broken",
  "no-transit",
  "blocked-security-group",
  "blocked-nacl",
  "blocked-account",
  "partial",
  "unknown",
);
const ipv6Verdict = oneOf(
  "egress-only",
  "igw",
  "isolated",
  "off",
  "broken",
  "blocked-security-group",
  "blocked-nacl",
  "blocked-account",
  "unknown",
);
const hopKind = oneOf(
  "function",
  "security-group",
  "network-acl",
  "route-table",
  "route",
  "nat-gateway",
  "nat-instance",
  "egress-only-gateway",
  "internet-gateway",
  "endpoint",
  "firewall",
  "peering",
  "transit-gateway",
  "other",
);

const position = object({ line: count(0), character: count(0) });
const range = object({ start: position, end: position });
const hop = object({
  kind: hopKind,
  id: text,
  family: oneOf("ipv4", "ipv6"),
  status: oneOf("passed", "failed", "unknown"),
  why: text,
  line: optional(count(1)),
});
const subnet = object({
  ref: text,
  id: optional(text),
  verdict: ipv4Verdict,
  ipv6: ipv6Verdict,
  blockers: list(ipv4Verdict),
  hops: list(hop),
});
const fn = object({
  id: text,
  verdict: functionVerdict,
  subnets: list(subnet),
  role: optional(oneOf("granted", "missing", "unknown")),
  dependsOn: list(object({ when: choices, verdict: functionVerdict })),
  sets: optional(list(object({ name: text, verdict: functionVerdict }))),
});
const finding = object({
  rule: text,
  severity,
  message: text,
  range,
  notes: list(object({ message: text, range, path: optional(text) })),
  fixes: list(text),
});
const report = object({
  version: (value, at) => assert.equal(value, 1, at),
  files: list(
    object({
      path: text,
      kind: oneOf("cloudformation", "sam", "not-a-template", "unreadable"),
      functions: list(fn),
      findings: list(finding),
    }),
  ),
});

/** Returns the report; throws with the place of the first field that is missing, too much or of another shape. */
export function checkShape(value: unknown): JsonReport {
  report(value, "report");
  const { files } = value as JsonReport;
  for (const { path, functions } of files) {
    for (const { id, role, verdict } of functions) {
      assert.equal(
        role === undefined,
        verdict === "not-in-vpc",
        `${path}: ${id} has a role if and only if it is in a VPC`,
      );
    }
  }
  return value as JsonReport;
}

type Shape = (value: unknown, at: string) => void;
type Field = Shape & { optional?: true };

function object(fields: Readonly<Record<string, Field>>): Shape {
  return (value, at) => {
    assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), `${at} is no object`);
    for (const key of Object.keys(value)) assert.ok(Object.hasOwn(fields, key), `${at}.${key} is not in the design`);
    for (const [key, shape] of Object.entries(fields)) {
      const field: unknown = (value as Record<string, unknown>)[key];
      if (field !== undefined || shape.optional !== true) shape(field, `${at}.${key}`);
    }
  };
}

function list(shape: Shape): Shape {
  return (value, at) => {
    assert.ok(Array.isArray(value), `${at} is no list`);
    value.forEach((item, index) => {
      shape(item, `${at}[${index}]`);
    });
  };
}

function optional(shape: Shape): Field {
  return Object.assign((value: unknown, at: string) => shape(value, at), { optional: true as const });
}

function oneOf(...words: readonly string[]): Shape {
  return (value, at) =>
    assert.ok(typeof value === "string" && words.includes(value), `${at} is ${JSON.stringify(value)}`);
}

function count(least: number): Shape {
  return (value, at) =>
    assert.ok(Number.isInteger(value) && Number(value) >= least, `${at} is ${JSON.stringify(value)}`);
}

function text(value: unknown, at: string): void {
  assert.ok(typeof value === "string" && value !== "", `${at} is ${JSON.stringify(value)}`);
}

/** Parameter name to value, or to `{ "not": [values] }`. */
function choices(value: unknown, at: string): void {
  assert.ok(typeof value === "object" && value !== null, at);
  for (const [name, choice] of Object.entries(value)) {
    if (typeof choice !== "string")
      object({ not: list((word, place) => assert.equal(typeof word, "string", place)) })(choice, `${at}.${name}`);
  }
}
