/** What execution roles allow: the words of IAM one by one, then laws that hold whatever the policies say. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patterns stand as templates write them.
import assert from "node:assert/strict";
import fc from "fast-check";
import { message } from "../server/src/message";
import {
  eniActions,
  managedPolicy,
  misplacedManagedPolicy,
  requiredEniActions,
  roleEgress,
} from "../server/src/network/iam";
import { managedPolicies } from "../server/src/network/managed-policies";
import {
  type AttachedPolicy,
  absent,
  type Fact,
  known,
  type Origin,
  type Role,
  type Statement,
} from "../server/src/network/model";

const origin = (id: string): Origin => ({ kind: "aws", id });
const at = origin("test");
const know = <T>(value: T): Fact<T> => ({ is: "known", value, at });
const hidden: Fact<never> = { is: "unknown", why: message("a parameter"), at };

interface Written {
  readonly effect?: "Allow" | "Deny" | typeof hidden;
  readonly action?: readonly string[] | typeof hidden;
  readonly notAction?: readonly string[];
  readonly resource?: readonly string[] | typeof hidden;
  readonly notResource?: readonly string[];
  readonly conditioned?: boolean;
  readonly id?: string;
}

/** A statement as people write it; an Allow of everything where nothing is given. */
function statement(written: Written): Statement {
  const { effect = "Allow", action = ["*"], notAction, resource = ["*"], notResource, conditioned = false } = written;
  const list = (value: readonly string[] | typeof hidden): Fact<readonly string[]> =>
    "is" in value ? value : know(value);
  return {
    at: origin(written.id ?? "statement"),
    effect: typeof effect === "string" ? know(effect) : effect,
    actions: list(notAction ?? action),
    actionsInverted: notAction !== undefined,
    resources: list(notResource ?? resource),
    resourcesInverted: notResource !== undefined,
    conditioned,
  };
}

const document = (...statements: Written[]): AttachedPolicy => ({
  kind: "document",
  at,
  statements: know(statements.map(statement)),
});

const managed = (suffix: string): AttachedPolicy => ({
  kind: "managed",
  at: origin(suffix),
  arn: know(`arn:aws:iam::aws:policy/${suffix}`),
  suffix,
});

const role = (policies: readonly AttachedPolicy[], more: Partial<Role> = {}): Role => ({
  key: "Role",
  at,
  external: false,
  policies,
  boundary: absent,
  gaps: [],
  generated: false,
  ...more,
});

const egressOf = (is: Role) => roleEgress(know({ key: "Role", ref: "Role" }), new Map([["Role", is]]));

/** The answers for the six actions, a letter each: `y`, `n` or `u`. */
const answers = (is: Role): string =>
  eniActions.map((action) => egressOf(is).actions.get(action)?.allowed[0] ?? "?").join("");

const vpcAccess = "service-role/AWSLambdaVPCAccessExecutionRole";
const [create, describeInterfaces, remove] = [
  "CreateNetworkInterface",
  "DescribeNetworkInterfaces",
  "DeleteNetworkInterface",
].map((name) => `ec2:${name}`);
const three = [create, describeInterfaces, remove].map(String);
const ec2 = (resource: string) => `arn:aws:ec2:us-east-1:123456789012:${resource}`;

/** Runs one test a row: a name, the role, the six answers. */
function holds(rows: readonly (readonly [name: string, is: Role, expected: string])[]): void {
  for (const [name, is, expected] of rows) {
    it(name, () => assert.equal(answers(is), expected));
  }
}

describe("execution roles", () => {
  describe("as a whole", () => {
    const verdict = (...policies: AttachedPolicy[]) => egressOf(role(policies)).verdict;

    it("need the first three actions only", () => {
      assert.deepEqual(requiredEniActions, three);
      assert.equal(verdict(document({ action: three })), "granted");
      for (const dropped of three) {
        assert.equal(verdict(document({ action: three.filter((action) => action !== dropped) })), "missing", dropped);
      }
    });

    it("are missing a permission even where another is unknown", () => {
      assert.equal(verdict(document({ action: three.slice(1), conditioned: true })), "missing");
      assert.equal(verdict(document({ action: three, conditioned: true })), "unknown");
      assert.equal(verdict(), "missing");
    });

    it("are unknown where they are out of sight, unresolved or absent", () => {
      for (const reference of [know({ key: "param:Role", ref: "param:Role" }), hidden, absent]) {
        const { verdict, actions } = roleEgress(reference, new Map());
        assert.equal(verdict, "unknown");
        assert.deepEqual(
          [...actions.values()],
          eniActions.map(() => ({ allowed: "unknown" })),
        );
      }
      assert.equal(roleEgress(know({ key: "R", ref: "R" }), new Map()).key, "R");
      assert.equal(roleEgress(hidden, new Map()).key, undefined);
    });

    it("that SAM generates are judged like any other", () => {
      assert.equal(answers(role([managed(vpcAccess)], { generated: true })), "yyyyyy");
      assert.equal(answers(role([managed("service-role/AWSLambdaBasicExecutionRole")], { generated: true })), "nnnnnn");
    });
  });

  describe("with AWS managed policies", () => {
    const suffixes: readonly (readonly [expected: string, names: string])[] = [
      [
        "yyyyyy",
        `${vpcAccess} AdministratorAccess PowerUserAccess AmazonEC2FullAccess AmazonVPCFullAccess
         AmazonVPCCrossAccountNetworkInterfaceOperations AmazonEKS_CNI_Policy job-function/NetworkAdministrator
         job-function/SystemAdministrator service-role/AWSCodeStarServiceRole`,
      ],
      ["yyynyy", "service-role/AWSLambdaENIManagementAccess"],
      [
        "yyyynn",
        `service-role/AWSLambdaMSKExecutionRole AmazonMQFullAccess AmazonElasticFileSystemFullAccess
         AmazonSageMakerFullAccess service-role/AWSGlueServiceRole`,
      ],
      [
        "nnnnnn",
        `AWSLambdaExecute service-role/AWSLambdaBasicExecutionRole service-role/AWSLambdaBasicDurableExecutionRolePolicy
         service-role/AWSLambdaSQSQueueExecutionRole AmazonS3ReadOnlyAccess AWSDenyAll
         aws-service-role/APIGatewayServiceRolePolicy NoSuchPolicy`,
      ],
      // Of what Lambda enforces these grant something at best, and never enough.
      ["nnnynn", "AWSLambda_FullAccess"],
      ["nynynn", "ReadOnlyAccess AmazonEC2ReadOnlyAccess"],
      ["unnynn", "AWSLambdaManagedEC2ResourceOperator"],
    ];
    holds(
      suffixes.flatMap(([expected, names]) =>
        names.split(/\s+/).map((name) => [`${name}: ${expected}`, role([managed(name)]), expected] as const),
      ),
    );

    const suffixOnly = (suffix: string | undefined, arn: Fact<string>): AttachedPolicy => ({
      kind: "managed",
      at,
      arn,
      suffix,
    });
    holds([
      [
        "one that is no policy of AWS is unknown",
        role([suffixOnly(undefined, know("arn:aws:iam::1:policy/Mine"))]),
        "uuuuuu",
      ],
      ["one by parameter is unknown", role([suffixOnly(undefined, hidden)]), "uuuuuu"],
      ["one with a parameter in its name is unknown", role([managed("service-role/${Name}")]), "uuuuuu"],
      ["an unknown one takes nothing away", role([suffixOnly(undefined, hidden), managed(vpcAccess)]), "yyyyyy"],
      [
        "the same in another partition",
        role([suffixOnly(vpcAccess, know(`arn:aws-cn:iam::aws:policy/${vpcAccess}`))]),
        "yyyyyy",
      ],
      [
        "a bare name, as SAM takes it, is found on any path",
        role([suffixOnly("AWSLambdaVPCAccessExecutionRole", know("AWSLambdaVPCAccessExecutionRole"))]),
        "yyyyyy",
      ],
      [
        "several add up",
        role([managed("AmazonVPCReadOnlyAccess"), document({ action: ["ec2:*NetworkInterface"] })]),
        "yyyynn",
      ],
      ["AWSDenyAll outweighs any grant", role([managed(vpcAccess), managed("AWSDenyAll")]), "nnnnnn"],
    ]);

    it("on a wrong path grant nothing, and the ARN is pointed at", () => {
      const { verdict, actions } = egressOf(role([managed("AWSLambdaVPCAccessExecutionRole")]));
      assert.equal(verdict, "missing");
      for (const action of eniActions) {
        assert.deepEqual(actions.get(action), { allowed: "no", scoped: origin("AWSLambdaVPCAccessExecutionRole") });
      }
    });

    it("are found by suffix, and by name where only the path is wrong", () => {
      assert.equal(managedPolicy(vpcAccess)?.actions.get("ec2:DescribeSubnets"), "yes");
      assert.equal(managedPolicy("AWSLambdaVPCAccessExecutionRole"), undefined);
      assert.equal(misplacedManagedPolicy("AWSLambdaVPCAccessExecutionRole"), vpcAccess);
      assert.equal(misplacedManagedPolicy("AWSLambdaBasicExecutionRole"), "service-role/AWSLambdaBasicExecutionRole");
      assert.equal(misplacedManagedPolicy("service-role/AdministratorAccess"), "AdministratorAccess");
      assert.equal(misplacedManagedPolicy(vpcAccess), undefined);
      assert.equal(misplacedManagedPolicy("NoSuchPolicy"), undefined);
    });

    it("stand in the table once each, with a known letter for each action", () => {
      const names = Object.entries(managedPolicies).flatMap(([row, suffixes]) => {
        assert.match(row, /^[aud-]{6}$/);
        return suffixes.split(" ").map((suffix) => suffix.replace(/^.*\//, ""));
      });
      assert.equal(new Set(names).size, names.length);
    });
  });

  describe("with statements", () => {
    const say = (...statements: Written[]) => role([document(...statements)]);
    const names = eniActions.map((action) => action.slice("ec2:".length));

    holds([
      ["all actions", say({}), "yyyyyy"],
      ["actions in any case", say({ action: names.map((name) => `EC2:${name.toLowerCase()}`) }), "yyyyyy"],
      ["a wildcard in the middle", say({ action: ["ec2:*NetworkInterface*"] }), "yyynnn"],
      ["a wildcard at the end", say({ action: ["ec2:Create*"] }), "ynnnnn"],
      ["a question mark", say({ action: ["ec2:?reateNetworkInterface", "ec2:DeleteNetworkInterface?"] }), "ynnnnn"],
      ["wildcards side by side", say({ action: ["ec2:**Subnets"] }), "nnnynn"],
      ["another service", say({ action: ["s3:*", "ec2-instance-connect:*"] }), "nnnnnn"],
      ["NotAction", say({ notAction: ["iam:*", "ec2:Describe*"] }), "ynynyy"],
      ["NotAction that leaves the six", say({ notAction: ["iam:*"] }), "yyyyyy"],
      ["no statement at all", say(), "nnnnnn"],
      ["a conditioned Allow", say({ conditioned: true }), "uuuuuu"],
      ["a conditioned Allow beside a plain one", say({ conditioned: true }, {}), "yyyyyy"],
      ["a Deny", say({}, { effect: "Deny", action: ["ec2:Delete*"] }), "yynyyy"],
      ["a Deny of NotAction", say({}, { effect: "Deny", notAction: ["ec2:Describe*", "s3:*"] }), "nynynn"],
      ["a Deny by itself", say({ effect: "Deny" }), "nnnnnn"],
      ["a conditioned Deny, the hardening that AWS advises", say({}, { effect: "Deny", conditioned: true }), "yyyyyy"],
      ["a Deny on S3", say({}, { effect: "Deny", resource: ["arn:aws:s3:::bucket/*"] }), "yyyyyy"],
      ["a Deny on instances", say({}, { effect: "Deny", resource: ["arn:aws:ec2:*:*:instance/*"] }), "yyyyyy"],
      [
        "a Deny on all interfaces",
        say({}, { effect: "Deny", resource: ["arn:aws:ec2:*:*:network-interface/*"] }),
        "nynynn",
      ],
      ["a Deny on all subnets", say({}, { effect: "Deny", resource: ["arn:aws:ec2:*:*:subnet/*"] }), "nyyyyy"],
      ["a Deny on one subnet", say({}, { effect: "Deny", resource: ["arn:aws:ec2:*:*:subnet/subnet-1"] }), "uyyyyy"],
      ["a Deny in one region", say({}, { effect: "Deny", resource: [ec2("network-interface/*")] }), "uyuyuu"],
      [
        "a Deny in the region of the deployment",
        say(
          {},
          {
            effect: "Deny",
            resource: ["arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:network-interface/*"],
          },
        ),
        "nynynn",
      ],
      [
        "a Deny of all but interfaces",
        say({}, { effect: "Deny", notResource: ["arn:aws:ec2:*:*:network-interface/*"] }),
        "nnynyy",
      ],
      ["a Deny of unknown actions", say({}, { effect: "Deny", action: hidden }), "uuuuuu"],
      ["an unknown Deny grants nothing", say({ effect: "Deny", action: hidden }), "nnnnnn"],
      ["an unknown effect", say({ effect: hidden }), "uuuuuu"],
      ["unknown actions", say({ action: hidden }), "uuuuuu"],
      ["a parameter in an action", say({ action: ["ec2:${Verb}NetworkInterface"] }), "ununnn"],
      ["a parameter as the action", say({ action: ["${Action}"] }), "uuuuuu"],
      ["unknown resources", say({ resource: hidden }), "uuuuuu"],
      ["unknown resources of another action", say({ action: ["s3:GetObject"], resource: hidden }), "nnnnnn"],
      [
        "unknown facts beside a certain grant",
        say({ effect: hidden }, { action: hidden }, { resource: hidden }, {}),
        "yyyyyy",
      ],
    ]);

    it("that cannot be read are unknown", () => {
      for (const statements of [hidden, absent]) {
        assert.equal(answers(role([{ kind: "document", at, statements }])), "uuuuuu");
        assert.equal(answers(role([{ kind: "document", at, statements }, managed(vpcAccess)])), "yyyyyy");
      }
    });
  });

  describe("limited to resources", () => {
    const on = (...resource: string[]) => role([document({ resource })]);
    const but = (...notResource: string[]) => role([document({ notResource })]);
    holds([
      ["everything of EC2, in one place", on(ec2("*/*")), "ynynyy"],
      ["everything of EC2, anywhere", on("arn:*:ec2:*:*:*"), "ynynyy"],
      [
        "everything of EC2, where it is deployed",
        on("arn:${AWS::Partition}:ec2:${AWS::Region}:${Account}:*/*"),
        "ynynyy",
      ],
      ["interfaces", on(ec2("network-interface/*")), "unnnyy"],
      [
        "interfaces and subnets (terraform-provider-aws#20698)",
        on(ec2("network-interface/*"), ec2("subnet/*")),
        "unnnyy",
      ],
      [
        "all that an interface is made of",
        on(ec2("network-interface/*"), ec2("subnet/*"), ec2("security-group/*")),
        "ynnnyy",
      ],
      [
        "one subnet of all that",
        on(ec2("network-interface/*"), ec2("subnet/subnet-1"), ec2("security-group/*")),
        "unnnyy",
      ],
      [
        "the same over two statements",
        role([
          document({ resource: [ec2("network-interface/*")] }),
          document({ resource: [ec2("subnet/*"), ec2("security-group/*")] }),
        ]),
        "ynnnyy",
      ],
      ["one interface", on(ec2("network-interface/eni-1")), "unnnuu"],
      ["an ARN and a star", on(ec2("network-interface/*"), "*"), "yyyyyy"],
      ["instances", on(ec2("instance/*")), "nnnnnn"],
      ["buckets", on("arn:aws:s3:::bucket/*"), "nnnnnn"],
      ["a parameter", on("${Arn}"), "uuuuuu"],
      ["a parameter for the kind", on("arn:aws:ec2:*:*:${Kind}/*"), "ununuu"],
      ["all but a bucket", but("arn:aws:s3:::bucket/*"), "yyyyyy"],
      ["all but interfaces", but("arn:aws:ec2:*:*:network-interface/*"), "uynynn"],
      ["all but one interface", but("arn:aws:ec2:*:*:network-interface/eni-1"), "uyuyuu"],
      ["all but everything", but("*"), "nnnnnn"],
    ]);

    it("are pointed at where they are why an action is not allowed", () => {
      const scoped = { id: "scoped", action: [...three], resource: [ec2("network-interface/*")] };
      const { verdict, actions } = egressOf(role([document({ id: "other", action: ["s3:*"] }, scoped)]));
      assert.equal(verdict, "missing");
      assert.deepEqual(actions.get("ec2:DescribeNetworkInterfaces"), { allowed: "no", scoped: origin("scoped") });
      assert.deepEqual(actions.get("ec2:DeleteNetworkInterface"), { allowed: "no", scoped: origin("scoped") });
      assert.deepEqual(actions.get("ec2:CreateNetworkInterface"), { allowed: "unknown" });
      assert.deepEqual(actions.get("ec2:DescribeSubnets"), { allowed: "no" });
    });

    it("are not pointed at where the action is allowed otherwise, or they are not of EC2", () => {
      const scoped = document({ resource: [ec2("network-interface/*")] });
      const granted = egressOf(role([scoped, managed(vpcAccess)]));
      const elsewhere = egressOf(role([document({ resource: ["arn:aws:s3:::bucket/*"] })]));
      for (const action of eniActions) {
        assert.equal(granted.actions.get(action)?.scoped, undefined);
        assert.deepEqual(elsewhere.actions.get(action), { allowed: "no" });
      }
    });
  });

  describe("with more to them than policies", () => {
    const gaps = [message("a macro")];
    const boundary = (policy: AttachedPolicy) => ({ boundary: know(policy) });
    holds([
      ["a gap hides grants", role([document({ action: [...three.slice(0, 1)] })], { gaps }), "yuuuuu"],
      ["a gap undoes no Deny", role([document({ effect: "Deny", action: three })], { gaps }), "nnnuuu"],
      ["a gap takes no grant away", role([managed(vpcAccess)], { gaps }), "yyyyyy"],
      ["a role of which only statements are seen", role([], { external: true }), "uuuuuu"],
      ["a boundary intersects", role([managed(vpcAccess)], boundary(document({ action: three }))), "yyynnn"],
      ["a boundary grants nothing", role([], boundary(document({}))), "nnnnnn"],
      ["a boundary that is a policy of AWS", role([document({})], boundary(managed("ReadOnlyAccess"))), "nynynn"],
      [
        "a boundary that denies",
        role([document({})], boundary(document({}, { effect: "Deny", action: three }))),
        "nnnyyy",
      ],
      ["a conditioned boundary", role([document({})], boundary(document({ conditioned: true }))), "uuuuuu"],
      ["an unknown boundary", role([document({ action: three })], { boundary: hidden }), "uuunnn"],
      ["a boundary wins over a gap", role([], { gaps, ...boundary(document({ action: ["s3:*"] })) }), "nnnnnn"],
    ]);
  });

  describe("name what grants", () => {
    it("by the statement, or the ARN", () => {
      const is = role([document({ id: "create", action: ["ec2:Create*"] }), managed("AmazonVPCReadOnlyAccess")]);
      assert.deepEqual(egressOf(is).actions.get("ec2:CreateNetworkInterface"), {
        allowed: "yes",
        by: origin("create"),
      });
      assert.deepEqual(egressOf(is).actions.get("ec2:DescribeSubnets")?.by, origin("AmazonVPCReadOnlyAccess"));
      assert.deepEqual(egressOf(is).actions.get("ec2:AssignPrivateIpAddresses"), { allowed: "no" });
    });

    it("and the role's own policy before a separate one, which a function may have to wait for", () => {
      const separate: AttachedPolicy = {
        kind: "document",
        at,
        statements: know([statement({ id: "separate" })]),
        by: "Policy",
      };
      const by = (...policies: AttachedPolicy[]) =>
        egressOf(role(policies)).actions.get("ec2:DeleteNetworkInterface")?.by;
      assert.deepEqual(by(separate, document({ id: "own" })), origin("own"));
      assert.deepEqual(by(separate, document({ id: "own", conditioned: true })), origin("separate"));
    });
  });
});

describe("laws of execution roles", () => {
  const resources = [
    "*",
    "arn:aws:ec2:*:*:*/*",
    ec2("network-interface/*"),
    ec2("subnet/*"),
    "arn:aws:ec2:*:*:security-group/*",
    "${Arn}",
    "arn:aws:s3:::b",
  ];
  const actions = ["*", "ec2:*", "ec2:Describe*", "ec2:*NetworkInterface", "ec2:${Verb}Subnets", "s3:*", ...eniActions];
  const patterns = (from: readonly string[]) =>
    fc.uniqueArray(fc.constantFrom(...from), { minLength: 1, maxLength: 3 });
  const anyStatement: fc.Arbitrary<Statement> = fc.record({
    at: fc.constant(at),
    effect: fc.oneof(
      fc.constant(know<"Allow" | "Deny">("Allow")),
      fc.constant(know<"Allow" | "Deny">("Deny")),
      fc.constant(hidden),
    ),
    actions: fc.oneof({ weight: 5, arbitrary: patterns(actions).map(know) }, fc.constant(hidden)),
    actionsInverted: fc.boolean(),
    resources: fc.oneof({ weight: 5, arbitrary: patterns(resources).map(know) }, fc.constant(hidden)),
    resourcesInverted: fc.boolean(),
    conditioned: fc.boolean(),
  });
  const documentOf = (statements: readonly Statement[]): AttachedPolicy => ({
    kind: "document",
    at,
    statements: know(statements),
  });
  const anyPolicy = fc.oneof(
    { weight: 4, arbitrary: fc.array(anyStatement, { maxLength: 3 }).map(documentOf) },
    fc.constantFrom(...Object.values(managedPolicies).map((suffixes) => managed(suffixes.split(" ")[0] ?? ""))),
  );
  const anyRole = fc
    .record({
      policies: fc.array(anyPolicy, { maxLength: 4 }),
      boundary: fc.oneof({ weight: 4, arbitrary: fc.constant(absent) }, anyPolicy.map(know), fc.constant(hidden)),
      gaps: fc.constantFrom([], [message("a macro")]),
    })
    .map(({ policies, ...more }) => role(policies, more));

  /** Asserts of every action's answer before and after, as letters. */
  const compare = (before: Role, after: Role, allowed: (was: string, is: string) => boolean) => {
    const [was, is] = [answers(before), answers(after)];
    for (let index = 0; index < eniActions.length; index++) {
      assert.ok(allowed(was[index] ?? "", is[index] ?? ""), `${was} became ${is}`);
    }
  };
  const rank = (letter: string) => "nuy".indexOf(letter);
  const add = (to: Role, more: Statement): Role => ({ ...to, policies: [...to.policies, documentOf([more])] });

  it("another Allow never allows less", () => {
    fc.assert(
      fc.property(anyRole, anyStatement, (is, more) => {
        compare(is, add(is, { ...more, effect: know("Allow") }), (was, now) => rank(now) >= rank(was));
      }),
    );
  });

  it("another Deny never allows more", () => {
    fc.assert(
      fc.property(anyRole, anyStatement, (is, more) => {
        compare(is, add(is, { ...more, effect: know("Deny") }), (was, now) => rank(now) <= rank(was));
      }),
    );
  });

  it("order does not matter, of policies or of statements, nor in which policy a statement stands", () => {
    fc.assert(
      fc.property(anyRole, (is) => {
        const backwards = is.policies.map((policy) =>
          policy.kind === "document" ? documentOf((known(policy.statements) ?? []).toReversed()) : policy,
        );
        const single = is.policies.flatMap((policy) =>
          policy.kind === "document" ? (known(policy.statements) ?? []).map((one) => documentOf([one])) : [policy],
        );
        assert.equal(answers({ ...is, policies: backwards.toReversed() }), answers(is));
        assert.equal(answers({ ...is, policies: single }), answers(is));
      }),
    );
  });

  it("what is hidden leaves the answer open, or as it was", () => {
    const hide = (one: Statement, what: "actions" | "resources"): Statement => ({ ...one, [what]: hidden });
    fc.assert(
      fc.property(anyRole, anyStatement, fc.constantFrom("actions", "resources"), (is, one, what) => {
        const certain: Statement = { ...one, effect: one.effect.is === "known" ? one.effect : know("Allow") };
        compare(add(is, certain), add(is, hide(certain, what)), (was, now) => now === was || now === "u");
      }),
    );
  });

  it("the verdict follows from the three actions that are enforced", () => {
    fc.assert(
      fc.property(anyRole, (is) => {
        const enforced = answers(is).slice(0, 3);
        const expected = enforced === "yyy" ? "granted" : enforced.includes("n") ? "missing" : "unknown";
        assert.equal(egressOf(is).verdict, expected);
      }),
    );
  });
});
