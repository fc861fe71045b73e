/**
 * What becomes of the check when the identity lacks one action of the minimal policy: for each of them, under IAM as
 * moto enforces it.
 */
import assert from "node:assert/strict";
import {
  AssociateDhcpOptionsCommand,
  AuthorizeSecurityGroupEgressCommand,
  CreateDhcpOptionsCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  RevokeSecurityGroupEgressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  type AccessKey,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import picocolors from "picocolors";
import { checkDeployed, listStacks, refusalOf } from "../server/src/account";
import { actions } from "../server/src/live/actions";
import { english } from "../server/src/message";
import { toDeployedText } from "../server/src/report/deployed-text";
import { region, vpcAccess } from "./live/account";
import { bench } from "./live/check";
import { ec2Reply, publicAccess, withIpv6 } from "./live/proxy";

/** What is asked about; what comes of it with every permission; what without the one. */
type Row = readonly [about: string, permitted: string, without: string];

const decides: Row = ["worker", "internet", "unknown"];
const ofRole: Row = ["worker's role", "granted", "unknown"];
/** No path hangs on it, and the report says what it could not ask. */
const beside: Row = ["worker", "internet", "internet"];

/**
 * Every action but two. `sts:GetCallerIdentity` needs no permission, neither of AWS nor of moto, and the path of
 * `lambda:GetCapacityProvider` moto does not know, so that it never looks at the identity. Nor does it look at resources:
 * what the policy narrows by ARN is not tried here.
 */
const rows: Readonly<Record<Exclude<keyof typeof actions, (typeof unenforced)[number]>, Row>> = {
  "lambda:GetFunctionConfiguration": ["worker", "internet", "refused"],
  "lambda:ListFunctions": ["all functions", "internet", "refused"],
  "ec2:DescribeSubnets": decides,
  "ec2:DescribeVpcs": beside,
  "ec2:DescribeVpcAttribute": beside,
  "ec2:DescribeDhcpOptions": beside,
  "ec2:DescribeRouteTables": decides,
  "ec2:DescribeNatGateways": decides,
  "ec2:DescribeInternetGateways": decides,
  "ec2:DescribeEgressOnlyInternetGateways": ["six over IPv6", "egress-only", "unknown"],
  "ec2:DescribeNetworkAcls": decides,
  "ec2:DescribeSecurityGroups": decides,
  "ec2:DescribeVpcEndpoints": beside,
  "ec2:DescribeNetworkInterfaces": ["past", "no-internet", "unknown"],
  "ec2:DescribeInstances": ["behind", "no-internet", "unknown"],
  "ec2:DescribeManagedPrefixLists": ["listed", "internet", "unknown"],
  "ec2:GetManagedPrefixListEntries": ["listed", "internet", "unknown"],
  "ec2:DescribeVpcBlockPublicAccessOptions": decides,
  "ec2:DescribeVpcBlockPublicAccessExclusions": decides,
  "ec2:DescribeVpcEncryptionControls": decides,
  "iam:GetRole": ofRole,
  "iam:ListAttachedRolePolicies": ofRole,
  "iam:ListRolePolicies": ofRole,
  "iam:GetRolePolicy": ofRole,
  "iam:GetPolicy": ofRole,
  "iam:GetPolicyVersion": ofRole,
  "cloudformation:ListStacks": ["the stacks", "listed", "not listed"],
  "cloudformation:DescribeStacks": ["a stack", "internet", "refused"],
  "cloudformation:ListStackResources": ["a stack", "internet", "refused"],
  "cloudformation:GetTemplate": ["a stack", "internet", "internet"],
};
const unenforced = ["sts:GetCallerIdentity", "lambda:GetCapacityProvider"] as const;

describe("live permissions", function () {
  const on = bench(this);
  const UserName = "reader";
  let key: AccessKey | undefined;
  let vpcs: readonly string[] = [];

  before(async () => {
    const { account } = on;
    const { ec2, iam } = account;
    const world = await account.natWorld("worker");
    const { vpc } = world;
    const DhcpConfigurations = [{ Key: "domain-name-servers", Values: ["10.0.0.2"] }];
    const { DhcpOptions } = await ec2.send(new CreateDhcpOptionsCommand({ DhcpConfigurations }));
    const { DhcpOptionsId } = DhcpOptions ?? {};
    await ec2.send(new AssociateDhcpOptionsCommand({ DhcpOptionsId, VpcId: vpc }));

    const RoleName = world.role.slice(world.role.lastIndexOf("/") + 1);
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: allow(["logs:*"]) }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: vpcAccess }));
    // What AWS's own policies say is known without asking.
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "own", PolicyDocument: allow(["s3:*"]) }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));

    const listed = await account.group(vpc);
    const { PrefixList } = await ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: "everything",
        AddressFamily: "IPv4",
        MaxEntries: 2,
        Entries: [{ Cidr: "0.0.0.0/1" }, { Cidr: "128.0.0.0/1" }],
      }),
    );
    const everywhere = [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }];
    const toList = [{ IpProtocol: "-1", PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }] }];
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: listed, IpPermissions: everywhere }));
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: listed, IpPermissions: toList }));
    await account.fn("listed", [world.closed], [listed]);

    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId: "ami-12c6146b", MinCount: 1, MaxCount: 1, SubnetId: world.open }),
    );
    const InstanceId = Instances?.[0]?.InstanceId ?? "";
    const from = await account.subnet(vpc);
    await account.route(await account.table(vpc, from), { InstanceId });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
    await account.fn("behind", [from], [world.group]);
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: world.open }));
    const { NetworkInterfaceId } = NetworkInterface ?? {};
    const further = await account.subnet(vpc);
    await account.route(await account.table(vpc, further), { NetworkInterfaceId });
    await account.fn("past", [further], [world.group]);

    vpcs = [vpc, await account.ipv6World("six")];
    const Properties = {
      Role: world.role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: "exports.handler" },
      VpcConfig: { SubnetIds: [world.closed], SecurityGroupIds: [world.group] },
    };
    const Worker = { Type: "AWS::Lambda::Function", Properties };
    await account.stack("demo", JSON.stringify({ Resources: { Worker } }));

    await iam.send(new CreateUserCommand({ UserName }));
    ({ AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName })));
  });

  const allow = (allowed: readonly string[]) => {
    const Statement = { Effect: "Allow", Action: allowed, Resource: "*" };
    return JSON.stringify({ Version: "2012-10-17", Statement });
  };

  /** The proxy tells what moto does not know, once moto has let the call through. */
  function prepare(): void {
    const excluded = `<resourceArn>arn:aws:ec2:${region}:123456789012:vpc/`;
    on.proxy.guard();
    on.proxy.add(({ action }) => {
      switch (action) {
        case "ec2:DescribeVpcBlockPublicAccessOptions":
          return publicAccess("block-bidirectional");
        case "ec2:DescribeVpcBlockPublicAccessExclusions":
          return ec2Reply(
            "DescribeVpcBlockPublicAccessExclusions",
            `<vpcBlockPublicAccessExclusionSet>${vpcs
              .map(
                (vpc, at) =>
                  `<item><exclusionId>vpcbpa-exclude-${at}</exclusionId><state>create-complete</state><internetGatewayExclusionMode>allow-bidirectional</internetGatewayExclusionMode>${excluded}${vpc}</resourceArn></item>`,
              )
              .join("")}</vpcBlockPublicAccessExclusionSet>`,
          );
        case "lambda:GetFunctionConfiguration":
          return withIpv6;
        default:
          return undefined;
      }
    });
  }

  /** Returns what comes of a question, and everything that is printed about it. */
  async function ask(about: string): Promise<readonly [outcome: string, text: string]> {
    const place = { region, endpoint: on.proxy.url, env: process.env };
    if (about === "the stacks") {
      const why = await listStacks(place, {}, english, () => {});
      return [why === undefined ? "listed" : "not listed", why ?? ""];
    }
    const name = { "all functions": undefined, "a stack": "Worker" }[about] ?? about.replace(/'s role| over IPv6/, "");
    const isAll = about === "all functions";
    const against = about === "a stack" ? { stack: "demo" } : undefined;
    const report = await checkDeployed(isAll ? undefined : name, place, {}, undefined, against);
    if ("why" in report) return ["refused", refusalOf(report, english).text];
    const [first] = report.functions.filter(({ deployed }) => !isAll || deployed.key === "worker");
    const { verdict, role, subnets } = first?.egress ?? {};
    const says = { "worker's role": role?.verdict, "six over IPv6": subnets?.[0]?.ipv6.verdict };
    const text = toDeployedText(report, { colors: picocolors.createColors(false), catalogue: english });
    return [String(about in says ? says[about as keyof typeof says] : verdict), text];
  }

  /** Asks as a user who may do just this. */
  async function as(allowed: readonly string[], about: string): Promise<readonly [outcome: string, text: string]> {
    const PolicyDocument = allow(allowed);
    await on.account.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "reads", PolicyDocument }));
    process.env.AWS_ACCESS_KEY_ID = key?.AccessKeyId ?? "";
    process.env.AWS_SECRET_ACCESS_KEY = key?.SecretAccessKey ?? "";
    prepare();
    await on.moto.enforce(true);
    try {
      return await ask(about);
    } finally {
      await on.moto.enforce(false);
    }
  }

  for (const [about, permitted] of new Map(Object.values(rows).map((row) => [row[0], row[1]]))) {
    it(`permit all that ${about} needs`, async () => {
      const [outcome, text] = await as(Object.keys(actions), about);
      assert.equal(outcome, permitted, text);
      assert.doesNotMatch(text, /lacks|denied/);
    });
  }

  for (const [action, [about, , without]] of Object.entries(rows)) {
    it(`without ${action}: ${about}, ${without}`, async () => {
      const [outcome, text] = await as(
        Object.keys(actions).filter((one) => one !== action),
        about,
      );
      assert.equal(outcome, without, text);
      assert.ok(text.includes(`the identity in use lacks ${action}`), text);
    });
  }

  it("are all that the policy has, but for what cannot be enforced", () => {
    assert.deepEqual([...Object.keys(rows), ...unenforced].sort(), Object.keys(actions).sort());
  });
});
