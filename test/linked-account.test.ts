/** Templates that belong together and an account: what one of them names and none contains is asked of it. */
import assert from "node:assert/strict";
import { CloudFormationClient, CreateStackCommand } from "@aws-sdk/client-cloudformation";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { externalsOf } from "../server/src/externals";
import type { Library } from "../server/src/template/link";
import { parse } from "../server/src/template/parse";
import { Workspace } from "../server/src/workspace/workspace";
import { region } from "./live/account";
import { bench } from "./live/check";
import { naming, reportOn } from "./live/from-template";

type World = Awaited<ReturnType<ReturnType<typeof bench>["account"]["natWorld"]>>;

describe("linked templates and an account", function () {
  const on = bench(this);
  let world: World;

  before(async () => {
    world = await on.account.natWorld();
    const settings = { endpoint: on.moto.url, region };
    const [ssm, cloudformation] = [new SSMClient(settings), new CloudFormationClient(settings)];
    await ssm.send(new PutParameterCommand({ Name: "/net/closed", Value: world.closed, Type: "String" }));
    const output = { Value: world.closed, Export: { Name: "deployed-closed" } };
    const TemplateBody = JSON.stringify({
      Resources: { Topic: { Type: "AWS::SNS::Topic" } },
      Outputs: { Closed: output },
    });
    await cloudformation.send(new CreateStackCommand({ StackName: "deployed", TemplateBody }));
    ssm.destroy();
    cloudformation.destroy();
  });

  /** A sibling that exports this as `net-closed`. */
  const exporting = (value: string, parameters = "", name = "net-closed") => `AWSTemplateFormatVersion: "2010-09-09"
Parameters: { Unused: { Type: String }${parameters} }
Outputs: { Closed: { Value: ${value}, Export: { Name: ${name} } } }
`;
  const isolated = `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
  A: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24 } }
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  UsesA: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref A, RouteTableId: !Ref Table } }
Outputs: { Closed: { Value: !Ref A, Export: { Name: deployed-closed } } }
`;
  const imported = "!ImportValue net-closed";
  const ofStore = ', P: { Type: "AWS::SSM::Parameter::Value<AWS::EC2::Subnet::Id>", Default: /net/closed }';

  type Asked = Partial<Record<"parameters" | "exports" | "outputs", readonly string[]>> & { readonly subnet?: true };
  const cases: readonly (readonly [
    name: string,
    files: () => Readonly<Record<string, string>>,
    subnet: string,
    asked: Asked,
    verdict: string,
  ])[] = [
    ["an id", () => ({ "net.yaml": exporting(world.closed) }), imported, { subnet: true }, "internet"],
    [
      "the default of a parameter over there",
      () => ({ "net.yaml": exporting("!Ref P", `, P: { Type: String, Default: ${world.closed} }`) }),
      imported,
      { subnet: true },
      "internet",
    ],
    [
      "a parameter of the store over there",
      () => ({ "net.yaml": exporting("!Ref P", ofStore) }),
      imported,
      { parameters: ["/net/closed"] },
      "internet",
    ],
    [
      "an export of the account, which a sibling passes on",
      () => ({ "net.yaml": exporting("!ImportValue deployed-closed") }),
      imported,
      { exports: ["deployed-closed"] },
      "internet",
    ],
    [
      "an export that no sibling has",
      () => ({ "net.yaml": exporting(world.open) }),
      "!ImportValue deployed-closed",
      { exports: ["deployed-closed"] },
      "internet",
    ],
    [
      "an export that several siblings may have",
      () => ({ "a.yaml": exporting(world.open, "", "deployed-closed"), "b.yaml": isolated }),
      "!ImportValue deployed-closed",
      { exports: ["deployed-closed"] },
      "internet",
    ],
    [
      "nothing of what a sibling makes",
      () => ({ "net.yaml": isolated }),
      "!ImportValue deployed-closed",
      {},
      "no-internet",
    ],
    [
      "an output of a stack that no sibling is called as",
      () => ({ "net.yaml": exporting(world.open) }),
      "{ Fn::GetStackOutput: { StackName: deployed, OutputName: Closed } }",
      { outputs: ["deployed.Closed"] },
      "internet",
    ],
    [
      "nothing of an output of another region",
      () => ({}),
      "{ Fn::GetStackOutput: { StackName: deployed, OutputName: Closed, Region: eu-north-1 } }",
      {},
      "unknown",
    ],
  ];
  for (const [name, files, subnet, { subnet: isId, ...asked }, verdict] of cases) {
    it(`is asked about ${name}`, async () => {
      const text = naming([subnet], [world.group], world.role);
      const library = libraryOf(files(), text);
      const ids = [world.role, world.group, ...(isId ? [world.closed] : [])].sort();
      const externals = { parameters: [], exports: [], outputs: [], ids, ...asked };
      assert.deepEqual(externalsOf(parse(text), { library }), externals);
      const fn = await reportOn(on, text, { library });
      const isTold = verdict === "internet";
      const reasons = isTold ? [] : fn.reasons;
      assert.deepEqual(
        [fn.verdict, fn.subnets[0]?.id, fn.reasons],
        [verdict, isTold ? world.closed : undefined, reasons],
      );
    });
  }
});

function libraryOf(files: Readonly<Record<string, string>>, text: string): Library {
  const texts = new Map(
    Object.entries({ ...files, "app.yaml": text }).map(([name, one]) => [`file:///w/${name}`, one]),
  );
  const workspace = new Workspace({ read: (uri) => texts.get(uri) });
  for (const uri of texts.keys()) workspace.refresh(uri);
  return workspace.library("file:///w/app.yaml");
}
