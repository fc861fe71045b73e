/** Templates that only name their network, with what an account tells about it. */
import assert from "node:assert/strict";
import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import { DeleteSubnetCommand, RevokeSecurityGroupEgressCommand } from "@aws-sdk/client-ec2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { externalsOf } from "../server/src/externals";
import { lint } from "../server/src/lint";
import { minimalPolicy, resolveActions } from "../server/src/live/actions";
import { render } from "../server/src/message";
import { summaryOf } from "../server/src/report/resolved";
import { whySo } from "../server/src/report/words";
import { parse } from "../server/src/template/parse";
import { region } from "./live/account";
import { bench } from "./live/check";
import { ask, askOrRefusal, naming, reportOn } from "./live/from-template";
import { ec2Error, iamError } from "./live/proxy";

type World = Awaited<ReturnType<ReturnType<typeof bench>["account"]["natWorld"]>>;

describe("what templates only name", function () {
  const on = bench(this);
  let [ssm, cloudformation]: [SSMClient | undefined, CloudFormationClient | undefined] = [undefined, undefined];

  before(() => {
    const settings = { endpoint: on.moto.url, region };
    [ssm, cloudformation] = [new SSMClient(settings), new CloudFormationClient(settings)];
  });
  after(() => {
    ssm?.destroy();
    cloudformation?.destroy();
  });

  async function store(Name: string, Value: string, Type: "String" | "StringList" | "SecureString" = "String") {
    await ssm?.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
  }

  async function exports(values: Readonly<Record<string, string>>): Promise<void> {
    const Outputs = Object.fromEntries(
      Object.entries(values).map(([Name, Value], index) => [`O${index}`, { Value, Export: { Name } }]),
    );
    const Resources = { Topic: { Type: "AWS::SNS::Topic" } };
    const TemplateBody = JSON.stringify({ Resources, Outputs });
    await cloudformation?.send(new CreateStackCommand({ StackName: Object.keys(values)[0] ?? "", TemplateBody }));
  }

  /** A function with these expressions for its subnets and its role. */
  function template(world: World, subnets: string, { parameters = "", role = world.role, more = "" } = {}): string {
    return `Parameters: { Unused: { Type: String }${parameters === "" ? "" : `, ${parameters}`} }
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Role: ${role}
      VpcConfig: { SubnetIds: ${subnets}, SecurityGroupIds: [${world.group}] }
${more}`;
  }

  describe("is found by", () => {
    let world: World;
    before(async () => {
      world = await on.account.natWorld();
      await store("/net/closed", world.closed);
      await store("/net/both", `${world.closed},${world.open}`, "StringList");
      await exports({
        "net-closed": world.closed,
        "net-both": `${world.closed},${world.open}`,
        [`net-${region}`]: world.closed,
        "net-role": world.role,
      });
    });

    type Case = readonly [name: string, text: () => string, refs: readonly string[], values?: Record<string, string>];
    const list = '"List<AWS::EC2::Subnet::Id>"';
    const cases: readonly Case[] = [
      ["an id", () => template(world, `[${world.closed}]`), ["literal:CLOSED"]],
      [
        "a parameter's value",
        () => template(world, "[!Ref P]", { parameters: "P: { Type: String }" }),
        ["param:P"],
        { P: "CLOSED" },
      ],
      [
        "a parameter's default",
        () => template(world, "[!Ref P]", { parameters: `P: { Type: String, Default: ${world.closed} }` }),
        ["param:P"],
      ],
      [
        "a list",
        () => template(world, "!Ref P", { parameters: `P: { Type: ${list} }` }),
        ["param:P[0]", "param:P[1]"],
        { P: "CLOSED, OPEN" },
      ],
      [
        "a list of one",
        () => template(world, "!Ref P", { parameters: `P: { Type: ${list} }` }),
        ["param:P"],
        { P: "CLOSED" },
      ],
      [
        "an item of a list",
        () => template(world, "[!Select [1, !Ref P]]", { parameters: `P: { Type: ${list} }` }),
        ["param:P"],
        { P: "OPEN,CLOSED" },
      ],
      [
        "a parameter in SSM",
        () =>
          template(world, "[!Ref P]", {
            parameters: 'P: { Type: "AWS::SSM::Parameter::Value<AWS::EC2::Subnet::Id>", Default: /net/closed }',
          }),
        ["param:P"],
      ],
      [
        "a list in SSM",
        () =>
          template(world, "!Ref P", {
            parameters: 'P: { Type: "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>" }',
          }),
        ["param:P[0]", "param:P[1]"],
        { P: "/net/both" },
      ],
      ["a reference to SSM", () => template(world, '["{{resolve:ssm:/net/closed}}"]'), ["ssm:/net/closed"]],
      ["an export", () => template(world, "[!ImportValue net-closed]"), ["import:net-closed"]],
      [
        "an export that a parameter names",
        () =>
          template(world, '[!ImportValue { "Fn::Sub": "${P}-closed" }]', {
            parameters: "P: { Type: String, Default: net }",
          }),
        ["import:${P}-closed"],
      ],
      [
        "an export of the region",
        () => template(world, '[!ImportValue { "Fn::Sub": "net-${AWS::Region}" }]'),
        ["import:net-${AWS::Region}"],
      ],
      [
        "an export that is a list",
        () => template(world, '!Split [",", !ImportValue net-both]'),
        ["import:net-both[0]", "import:net-both[1]"],
      ],
      [
        "an item of it",
        () => template(world, '[!Select [0, !Split [",", !ImportValue net-both]]]'),
        ["import:net-both"],
      ],
      [
        "an output of a stack",
        () => template(world, '[{ "Fn::GetStackOutput": { StackName: net-closed, OutputName: O0 } }]'),
        ["output:net-closed.O0"],
      ],
      [
        "a role that is exported",
        () => template(world, `[${world.closed}]`, { role: "!ImportValue net-role" }),
        ["literal:CLOSED"],
      ],
      [
        "a role of this account",
        () =>
          template(world, `[${world.closed}]`, {
            role: '!Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/ROLE"',
          }),
        ["literal:CLOSED"],
      ],
    ];
    for (const [name, text, refs, values = {}] of cases) {
      it(name, async () => {
        const fill = (one: string) =>
          one
            .replace("CLOSED", world.closed)
            .replace("OPEN", world.open)
            .replace("ROLE", world.role.slice(world.role.lastIndexOf("/") + 1));
        const parameters = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, fill(value)]));
        const fn = await reportOn(on, fill(text()), { parameters });
        const [verdict, verdicts] =
          refs.length > 1 ? ["intermittent", ["nat", "public-subnet"]] : ["internet", ["nat"]];
        assert.deepEqual(
          [fn.verdict, fn.role, fn.subnets.map(({ verdict }) => verdict)],
          [verdict, "granted", verdicts],
        );
        assert.deepEqual(
          fn.subnets.map(({ ref }) => ref),
          refs.map(fill),
        );
        assert.deepEqual(
          fn.subnets.map(({ id }) => id),
          [world.closed, world.open].slice(0, refs.length),
        );
      });
    }

    it("its value in the world that it has it in", async () => {
      const text = template(world, "[!If [IsOpen, !Ref Open, !Ref Closed]]", {
        parameters: `Stage: { Type: String }, Open: { Type: String, Default: ${world.open} }, Closed: { Type: String, Default: ${world.closed} }`,
        more: "Conditions: { IsOpen: !Equals [!Ref Stage, open] }\n",
      });
      const fn = await reportOn(on, text);
      assert.deepEqual(fn.dependsOn.map(({ when, verdict }) => [JSON.stringify(when), verdict]).sort(), [
        ['{"Stage":"open"}', "no-internet"],
        ['{"Stage":{"not":["open"]}}', "internet"],
      ]);
    });
  });

  describe("changes by what the template says of it:", () => {
    const vpc = (world: World) => `VpcId: ${world.vpc}`;
    type Case = readonly [
      name: string,
      subnet: "open" | "closed" | "own",
      more: (world: World) => string,
      verdict: string,
    ];
    const cases: readonly Case[] = [
      [
        "its own table takes the account's place",
        "closed",
        (w) => `
  Table: { Type: AWS::EC2::RouteTable, Properties: { ${vpc(w)} } }
  Use: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: ${w.closed}, RouteTableId: !Ref Table } }`,
        "isolated",
      ],
      [
        "a table of the account for a subnet of its own",
        "own",
        (w) => `
  Own: { Type: AWS::EC2::Subnet, Properties: { ${vpc(w)}, CidrBlock: 10.0.251.0/24 } }
  Use: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Own, RouteTableId: ${w.privateTable} } }`,
        "nat",
      ],
      [
        "the main table of the account for a subnet of its own",
        "own",
        (w) => `
  Own: { Type: AWS::EC2::Subnet, Properties: { ${vpc(w)}, CidrBlock: 10.0.251.0/24 } }`,
        "isolated",
      ],
      [
        "a NAT gateway of its own in a subnet of the account",
        "own",
        (w) => `
  Own: { Type: AWS::EC2::Subnet, Properties: { ${vpc(w)}, CidrBlock: 10.0.251.0/24 } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { ${vpc(w)} } }
  Use: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Own, RouteTableId: !Ref Table } }
  Address: { Type: AWS::EC2::EIP, Properties: { Domain: vpc } }
  Nat: { Type: AWS::EC2::NatGateway, Properties: { SubnetId: ${w.open}, AllocationId: !GetAtt Address.AllocationId } }
  Route: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat } }`,
        "nat",
      ],
      [
        "the same in a private subnet of the account",
        "own",
        (w) => `
  Own: { Type: AWS::EC2::Subnet, Properties: { ${vpc(w)}, CidrBlock: 10.0.251.0/24 } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { ${vpc(w)} } }
  Use: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Own, RouteTableId: !Ref Table } }
  Address: { Type: AWS::EC2::EIP, Properties: { Domain: vpc } }
  Nat: { Type: AWS::EC2::NatGateway, Properties: { SubnetId: ${w.closed}, AllocationId: !GetAtt Address.AllocationId } }
  Route: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat } }`,
        "broken",
      ],
      [
        "a route that takes the place of the account's",
        "open",
        (w) => `
  Route: { Type: AWS::EC2::Route, Properties: { RouteTableId: ${w.publicTable}, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: ${w.nat} } }`,
        "broken",
      ],
      [
        "a route beside those of the account",
        "closed",
        (w) => `
  Route: { Type: AWS::EC2::Route, Properties: { RouteTableId: ${w.privateTable}, DestinationCidrBlock: 0.0.0.0/1, GatewayId: ${w.gateway} } }`,
        "partial",
      ],
      [
        "a network ACL of its own, which lets nothing through",
        "closed",
        (w) => `
  Acl: { Type: AWS::EC2::NetworkAcl, Properties: { ${vpc(w)} } }
  Use: { Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: { SubnetId: ${w.closed}, NetworkAclId: !Ref Acl } }`,
        "blocked-nacl",
      ],
    ];
    for (const [name, subnet, more, verdict] of cases) {
      it(name, async () => {
        const world = await on.account.natWorld();
        const text = template(world, subnet === "own" ? "[!Ref Own]" : `[${world[subnet]}]`, { more: more(world) });
        const fn = await reportOn(on, text);
        assert.deepEqual(
          fn.subnets.map(({ verdict }) => verdict),
          [verdict],
          whySo(fn).join("\n"),
        );
      });
    }

    it("one of two names for the same thing", async () => {
      const world = await on.account.natWorld();
      const text = template(world, "[!Ref P]", {
        parameters: `P: { Type: String, Default: ${world.closed} }`,
        more: `
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: ${world.vpc} } }
  Use: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: ${world.closed}, RouteTableId: !Ref Table } }`,
      });
      assert.equal((await reportOn(on, text)).verdict, "no-internet");
    });

    it("a policy for the account's role", async () => {
      const world = await on.account.natWorld();
      const role = await on.account.role();
      const name = role.slice(role.lastIndexOf("/") + 1);
      const policy = `
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: more
      Roles: [${name}]
      PolicyDocument: { Statement: { Effect: Allow, Action: "ec2:*", Resource: "*" } }`;
      assert.equal((await reportOn(on, template(world, `[${world.closed}]`, { role }))).role, "missing");
      assert.equal((await reportOn(on, template(world, `[${world.closed}]`, { role, more: policy }))).role, "granted");
    });

    it("groups: one of its own in the account's VPC, and rules for the account's", async () => {
      const world = await on.account.natWorld();
      const closed = await on.account.group(world.vpc);
      const IpPermissions = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
      await on.account.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: closed, IpPermissions }));
      const text = (group: string, more: string) => naming([world.closed], [group], world.role) + more;
      const own = `
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: own, VpcId: ${world.vpc} } }`;
      const rule = `
  Rule:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: { GroupId: ${closed}, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 }`;
      assert.equal((await reportOn(on, text("!Ref Group", own))).verdict, "internet");
      assert.equal((await reportOn(on, text(closed, ""))).verdict, "no-internet");
      assert.equal((await reportOn(on, text(closed, rule))).verdict, "internet");
      const other = await on.account.vpc();
      const elsewhere = own.replace(world.vpc, other);
      assert.equal((await reportOn(on, text("!Ref Group", elsewhere) + elsewhereToo(other))).verdict, "deploy-fails");
    });

    /** Names the other VPC once more, where a subnet tells the account of it. */
    function elsewhereToo(vpc: string): string {
      return `
  Other: { Type: AWS::EC2::Subnet, Properties: { VpcId: ${vpc}, CidrBlock: 10.0.252.0/24 } }
`;
    }
  });

  describe("stays unknown, with the reason,", () => {
    async function reasons(text: string, options = {}, wish = {}): Promise<readonly string[]> {
      const { resolved: account } = await ask(on, text, options, wish);
      const [fn] = lint(parse(text), { ...options, account }).functions;
      assert.equal(fn?.verdict, "unknown");
      return fn.reasons.map((reason) => render(reason));
    }

    it("where it is gone", async () => {
      const world = await on.account.natWorld();
      const gone = await on.account.subnet(world.vpc);
      await on.account.ec2.send(new DeleteSubnetCommand({ SubnetId: gone }));
      assert.deepEqual(await reasons(template(world, `[${gone}]`)), [`${gone} was not found in ${region}`]);
      // What is there is known all the same.
      assert.deepEqual(await reasons(template(world, `[${world.closed}, ${gone}]`)), [
        `${gone} was not found in ${region}`,
      ]);
    });

    it("where another region is asked", async () => {
      const world = await on.account.natWorld();
      const [why] = await reasons(template(world, `[${world.closed}]`), {}, { region: "eu-north-1" });
      assert.equal(why, `${world.group} was not found in eu-north-1`);
    });

    it("where its value is nowhere, or not to be read", async () => {
      const world = await on.account.natWorld();
      await store("/net/secret", world.closed, "SecureString");
      await store("/net/word", "correct horse battery staple");
      const cases = [
        ["!ImportValue nobody", `no stack exports nobody in ${region}`],
        ["'{{resolve:ssm:/nowhere}}'", `there is no SSM parameter /nowhere in ${region}`],
        ["'{{resolve:ssm:/net/secret}}'", "/net/secret is a secret, which is not read"],
        ["'{{resolve:ssm:/net/word}}'", "the value of /net/word is no id"],
        [
          '!ImportValue { "Fn::Sub": "${AWS::StackName}-a" }',
          "it is imported as ${AWS::StackName}-a from another stack",
        ],
      ];
      for (const [expression, why] of cases) {
        assert.deepEqual(await reasons(template(world, `[${expression}]`)), [why]);
      }
    });

    it("where a call is denied, and names it", async () => {
      const world = await on.account.natWorld();
      await store("/net/closed", world.closed);
      const cases = [
        ["ec2:DescribeSubnets", `[${world.closed}]`, world.group],
        ["ec2:DescribeRouteTables", `[${world.closed}]`, world.group],
        ["ec2:DescribeSecurityGroups", `[${world.closed}]`, world.group],
        ["ssm:GetParameters", "['{{resolve:ssm:/net/closed}}']", world.group],
        ["cloudformation:ListExports", "[!ImportValue some]", world.group],
        [
          "cloudformation:DescribeStacks",
          '[{ "Fn::GetStackOutput": { StackName: some, OutputName: Id } }]',
          world.group,
        ],
      ] as const;
      for (const [denied, subnets] of cases) {
        on.proxy.clear();
        on.proxy.add(({ action }) => {
          if (action !== denied) return undefined;
          if (action.startsWith("ec2:")) return ec2Error("UnauthorizedOperation", 403);
          if (action.startsWith("cloudformation:")) return iamError("AccessDenied", 403);
          const body = JSON.stringify({ __type: "AccessDeniedException", message: "no" });
          return { status: 400, type: "application/x-amz-json-1.1", body };
        });
        assert.deepEqual(await reasons(template(world, subnets)), [`the identity in use lacks ${denied}`], denied);
      }
    });

    it("where nobody can be asked", async () => {
      const world = await on.account.natWorld();
      on.proxy.add(({ action }) => (action === "sts:GetCallerIdentity" ? iamError("ExpiredToken", 403) : undefined));
      const refusal = await askOrRefusal(on, template(world, `[${world.closed}]`));
      assert.ok("failure" in refusal && refusal.failure.kind === "credentials", JSON.stringify(refusal));
      const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
      const nowhere = await askOrRefusal(on, template(world, `[${world.closed}]`), {}, { region: undefined, env });
      assert.ok("why" in nowhere && nowhere.why === "no-region", JSON.stringify(nowhere));
    });
  });

  describe("is told where the template names it:", () => {
    const spanText = (text: string, span: { start: number; end: number } | undefined) =>
      span === undefined ? undefined : text.slice(span.start, span.end);

    it("the finding, with what it stands for, and no fix that would change another's network", async () => {
      const world = await on.account.natWorld();
      const text = naming([world.open], [world.group], world.role);
      const { resolved: account } = await ask(on, text);
      const { findings } = lint(parse(text), { account });
      const found = findings.filter(({ rule }) => rule === "public-subnet");
      assert.equal(found.length, 1, JSON.stringify(findings));
      assert.equal(spanText(text, found[0]?.span), world.open);
      const notes = found[0]?.notes.map(({ message }) => render(message)) ?? [];
      assert.ok(
        notes.some((note) => note.includes(`${world.publicTable}|0.0.0.0/0 in the account`)),
        notes.join("\n"),
      );
      assert.match(
        notes.at(-1) ?? "",
        new RegExp(`^${world.open} as account 123456789012 had it in ${region} on \\d{4}-`),
      );
      assert.deepEqual(
        found[0]?.fixes.filter(({ safe }) => safe),
        [],
      );
    });

    it("faults of the account on the way, and none that are off it", async () => {
      const world = await on.account.natWorld();
      // A NAT gateway where it gets nowhere, which this function uses, and a detached gateway, which it does not.
      const [lost, table] = [await on.account.subnet(world.vpc), await on.account.table(world.vpc)];
      const nat = await on.account.nat(world.closed);
      await on.account.route(table, { NatGatewayId: nat });
      const astray = await on.account.subnet(world.vpc);
      const own = await on.account.table(world.vpc, astray);
      await on.account.route(own, { NatGatewayId: nat });
      const text = naming([astray], [world.group], world.role);
      const { resolved: account } = await ask(on, text);
      const result = lint(parse(text), { account });
      assert.equal(result.functions[0]?.verdict, "no-internet", lost);
      const rules = result.findings.map(({ rule, span }) => `${rule} ${spanText(text, span)}`);
      assert.deepEqual(rules, ["single-az SubnetIds", `nat-gateway-not-public ${astray}`]);
    });

    it("a role that lacks its permissions", async () => {
      const world = await on.account.natWorld();
      const role = await on.account.role();
      const text = naming([world.closed], [world.group], role);
      const { resolved: account } = await ask(on, text);
      const rules = lint(parse(text), { account }).findings.map(({ rule, span }) => `${rule} ${spanText(text, span)}`);
      assert.deepEqual(rules, [`missing-eni-permissions ${role}`, "single-az SubnetIds"]);
    });
  });

  it("is asked about once, with no other calls than the policy allows", async () => {
    const world = await on.account.natWorld();
    await store("/net/closed", world.closed);
    await exports({ [`${world.vpc}-group`]: world.group });
    const text = `Resources:
${[1, 2, 3].map((n) => `  Fn${n}: { Type: AWS::Lambda::Function, Properties: { Role: ${world.role}, VpcConfig: { SubnetIds: ["{{resolve:ssm:/net/closed}}", ${world.open}], SecurityGroupIds: [!ImportValue ${world.vpc}-group] } } }`).join("\n")}
  Unrelated: { Type: AWS::S3::Bucket, Properties: { BucketName: "{{resolve:ssm:/secret/bucket}}" } }
`;
    assert.deepEqual(externalsOf(parse(text), {}), {
      parameters: ["/net/closed"],
      exports: [`${world.vpc}-group`],
      outputs: [],
      ids: [world.role, world.open].sort(),
    });
    on.proxy.clear();
    const { resolved, failures } = await ask(on, text);
    assert.deepEqual(failures, []);
    const once = on.proxy.actions.filter((action) => action !== "ec2:DescribeVpcAttribute");
    const twice = once.filter((action, index) => once.indexOf(action) !== index);
    assert.deepEqual(twice, [], once.join(" "));
    const policy = minimalPolicy("aws", resolveActions) as { Statement: { Action: string[] }[] };
    const allowed = policy.Statement.flatMap(({ Action }) => Action);
    assert.deepEqual(
      on.proxy.actions.filter((action) => !allowed.includes(action)),
      [],
    );
    const [first] = summaryOf({ resolved, failures });
    assert.equal(first && render(first), `account 123456789012 in ${region} knows 4 of 4`);
    assert.ok(lint(parse(text), { account: resolved }).functions.every(({ verdict }) => verdict === "intermittent"));
  });

  it("is kept without anything secret", async () => {
    const world = await on.account.natWorld();
    await store("/net/word", "correct horse battery staple");
    const text = template(world, `[${world.closed}, "{{resolve:ssm:/net/word}}"]`);
    const { resolved } = await ask(on, text);
    const kept = JSON.stringify([...resolved.values, resolved.network, resolved.asked]);
    for (const secret of ["AKIA", "secret", "horse", on.proxy.url]) assert.ok(!kept.includes(secret), secret);
  });
});
