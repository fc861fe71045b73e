/** A lint that builds on the one before says exactly what a fresh lint says, whatever was edited in between. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type LintOptions, type LintResult, lint, meaningOf } from "../server/src/lint";
import { rules } from "../server/src/rules/index";
import type { Rule } from "../server/src/rules/rule";
import { parse } from "../server/src/template/parse";
import { spanOf } from "../server/src/template/syntax";
import { readFixtures } from "./harness";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** One change of a text; the numbers choose among what the text offers. */
type Change = readonly [kind: (typeof kinds)[number], where: number, other: number];
const kinds = ["type", "type", "cut", "undo", "drop resource", "copy resource", "move resource", "rename"] as const;

describe(`lint after lint (SEED=${seed})`, function () {
  this.timeout(120_000);
  let kept = 0;
  let all = 0;

  for (const { name, text: original, settings, parameters } of readFixtures()) {
    it(name, () => {
      fc.assert(
        fc.property(fc.array(change(), { minLength: 3, maxLength: 6 }), (changes) => {
          const options: LintOptions = { settings, parameters };
          const history = [original];
          let document = parse(original);
          let memory = meaningOf(document, options)?.memory;
          for (const one of changes) {
            const text = changed(history, one);
            history.push(text);
            document = parse(text, document);
            const before = memory;
            const meaning = meaningOf(document, { ...options, memory });
            assert.equal(told(lint(document, options, meaning)), told(lint(parse(text), options)), text);
            memory = meaning?.memory;
            for (const [id, { analysis }] of memory?.get("")?.analyses ?? []) {
              all++;
              if (before?.get("")?.analyses.get(id)?.analysis === analysis) kept++;
            }
          }
        }),
        { seed, numRuns: 1 },
      );
    });
  }

  it("runs no rule again where only another function is edited, but the few that look at the whole template", () => {
    const fn = (id: string) => `  ${id}:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Role: !GetAtt ${id}Role.Arn
      VpcConfig: { SubnetIds: [!Ref ${id}Subnet], SecurityGroupIds: [!Ref ${id}Group] }
  ${id}Subnet: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Vpc } }
  ${id}Group: { Type: "AWS::EC2::SecurityGroup", Properties: { VpcId: !Ref Vpc } }
  ${id}Role: { Type: "AWS::IAM::Role" }
`;
    const text = `Resources:\n  Vpc: { Type: "AWS::EC2::VPC" }\n${fn("One")}${fn("Two")}`;
    const document = parse(text);
    const first = meaningOf(document);
    lint(document, {}, first);
    const asked = new Map<string, string[]>();
    const checks = rules.map((rule) => ({ rule, check: rule.check }));
    for (const { rule, check } of checks) {
      const noted: Rule["check"] = (world) => {
        const names = world.functions.map((one) => one.fn.key);
        if (names.length > 0) asked.set(rule.id, [...(asked.get(rule.id) ?? []), ...names]);
        return check.call(rule, world);
      };
      Object.assign(rule, { check: noted });
    }
    try {
      const edited = parse(text.replace("index.handler", "main.handler"), document);
      lint(edited, {}, meaningOf(edited, { memory: first?.memory }));
    } finally {
      for (const { rule, check } of checks) Object.assign(rule, { check });
    }
    const again = [...asked].filter(([, names]) => names.includes("Two")).map(([id]) => id);
    assert.ok(asked.size > 30, `${asked.size} rules`);
    assert.deepEqual(again.sort(), [
      // Both find a fault here, and look at the whole network for what they say of it.
      "endpoint-would-suffice",
      "implicit-main-route-table",
    ]);
  });

  it("sees what an attribute gives back, however far it is handed on", () => {
    const acl = `Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      VpcConfig: { SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group] }
  Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: 10.0.0.0/16 } }
  Private: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24 } }
  Group: { Type: "AWS::EC2::SecurityGroup", Properties: { VpcId: !Ref Vpc } }
  Written: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Else, CidrBlock: 0.0.0.0/0 } }
  Handed: { Type: "AWS::EC2::Subnet", Properties: { VpcId: !Ref Else, CidrBlock: !GetAtt Written.CidrBlock } }
  Acl: { Type: "AWS::EC2::NetworkAcl", Properties: { VpcId: !Ref Vpc } }
  Of: { Type: "AWS::EC2::SubnetNetworkAclAssociation", Properties: { SubnetId: !Ref Private, NetworkAclId: !Ref Acl } }
  Out:
    Type: AWS::EC2::NetworkAclEntry
    Properties:
      { NetworkAclId: !Ref Acl, RuleNumber: 1, Egress: true, Protocol: -1, RuleAction: allow, CidrBlock: !GetAtt Handed.CidrBlock }
`;
    for (const text of [acl, acl.replace("!GetAtt Handed.CidrBlock", "!GetAtt Private.CidrBlock")]) {
      for (const block of ["0.0.0.0/0", "10.0.1.0/24"]) {
        const document = parse(text);
        const first = meaningOf(document);
        const edited = parse(text.replace(`CidrBlock: ${block}`, "CidrBlock: 10.0.2.0/24"), document);
        const now = lint(edited, {}, meaningOf(edited, { memory: first?.memory }));
        assert.equal(told(now), told(lint(parse(edited.text))));
      }
    }
  });

  it("keeps what no edit touched", () => assert.ok(kept > all / 10, `${kept} of ${all} analyses were kept`));
});

function told(result: LintResult): string {
  return JSON.stringify(result, undefined, 1);
}

function change(): fc.Arbitrary<Change> {
  return fc.tuple(fc.constantFrom(...kinds), fc.nat(1_000_000), fc.nat(1_000_000));
}

function changed(history: readonly string[], [kind, where, other]: Change): string {
  const text = history.at(-1) ?? "";
  const at = where % (text.length + 1);
  const marks = ["x", " ", "\n", '"', ":", "!Ref ", "#", "- ", "NatGateway", "0.0.0.0/0"];
  switch (kind) {
    case "type":
      return text.slice(0, at) + (marks[other % marks.length] ?? "") + text.slice(at);
    case "cut":
      return text.slice(0, at) + text.slice(at + (other % 12));
    case "undo":
      return history.at(-2) ?? text;
    default: {
      const entries = resourcesOf(text);
      const [one, two] = [entries[where % entries.length], entries[other % entries.length]];
      if (one === undefined || two === undefined) return text;
      const body = text.slice(one.start, one.end);
      const without = text.slice(0, one.start) + text.slice(one.end);
      if (kind === "drop resource") return without;
      if (kind === "rename") return text.slice(0, one.start) + two.id + text.slice(one.start + one.id.length);
      const copy = kind === "copy resource" ? `${one.id}${other % 3}${body.slice(one.id.length)}` : body;
      const base = kind === "copy resource" ? text : without;
      const place = kind === "copy resource" || two.start < one.start ? two.start : two.start - body.length;
      return base.slice(0, Math.max(0, place)) + copy + base.slice(Math.max(0, place));
    }
  }
}

/** Where the entries of `Resources` stand, up to the next one's key. */
function resourcesOf(text: string): { id: string; start: number; end: number }[] {
  const { root } = parse(text);
  const section = root?.kind === "map" ? root.entries.find(({ key }) => key.text === "Resources")?.value : undefined;
  if (section?.kind !== "map") return [];
  const starts = section.entries.map(({ key }) => ({ id: key.text, start: spanOf(key).start }));
  return starts.flatMap((entry, index) => {
    const next = starts[index + 1];
    return next === undefined ? [] : [{ ...entry, end: next.start }];
  });
}
