/**
 * What a template has from outside, in a real window: from another template and back, from parameter sets, and from an
 * account, here an AWS that runs on this machine, whose answers stay when it is gone.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { type Account, accountAt, region } from "../live/account";
import { plainEnvironment } from "../live/check";
import { type Moto, startMoto } from "../live/moto";
import { type FaultProxy, startProxy } from "../live/proxy";
import { eventually, has, visit, vsix } from "./window.mjs";

describe("values from outside, in the window", function () {
  this.timeout(180_000);
  this.slow(20_000);
  // Each step stands where the one before left the window.
  this.bail(true);

  const started: Partial<{ moto: Moto; proxy: FaultProxy; account: Account }> = {};
  before(async function () {
    started.moto = await startMoto(this);
    started.proxy = await startProxy(started.moto.url);
    started.account = accountAt(started.moto.url);
  });
  after(leaveAccount);
  async function leaveAccount(): Promise<void> {
    started.account?.close();
    await started.proxy?.stop();
    await started.moto?.stop();
    for (const key of ["account", "proxy", "moto"] as const) delete started[key];
  }

  const at = visit(async (folder) => {
    const world = await started.account?.natWorld();
    // Without moto the steps are skipped, and this is all in vain.
    if (world === undefined || started.proxy === undefined) return { vsix: [vsix] };
    const examples = path.join(folder, "examples");
    fs.rmSync(examples, { recursive: true });
    fs.mkdirSync(examples);
    for (const [name, text] of Object.entries({ ...templates, "external.yaml": external(world) })) {
      fs.writeFileSync(path.join(examples, name), text);
    }
    const [config, keys] = [path.join(folder, "aws-config"), path.join(folder, "aws-credentials")];
    fs.writeFileSync(config, `[profile demo]\nregion = ${region}\n`);
    fs.writeFileSync(keys, "[demo]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n");
    return {
      vsix: [vsix],
      settings: { "editor.minimap.enabled": false },
      env: {
        ...plainEnvironment,
        AWS_CONFIG_FILE: config,
        AWS_SHARED_CREDENTIALS_FILE: keys,
        AWS_ENDPOINT_URL: started.proxy.url,
      },
    };
  });
  const lens = (text: string | RegExp) => at.page.locator(".codelens-decoration a", { hasText: text }).first();
  const row = (text: string) => at.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
  const shows = async (text: string | RegExp) => lens(text).waitFor();
  /** Opens what the editor says of the template at hand, and returns it. */
  const status = async (text: string) => {
    await at.key("Escape");
    await at.page.locator("#status\\.languageStatus").click();
    const hover = at.page.locator(".hover-language-status");
    await hover.filter({ hasText: text }).waitFor();
    const texts = (await hover.allInnerTexts()).join("\n");
    await at.key("Escape");
    return texts;
  };

  it("a network says who stands on it, and lists them at a click", async () => {
    await at.open("network.yaml", "PrivateA:");
    await at.key("Control+B");
    await shows("Used by 2 functions in 2 templates: 2 with internet");
    await at.press(lens("Used by 2 functions in 2 templates"));
    const list = at.page.locator(".reference-zone-widget .ref-tree .monaco-list-row");
    await eventually(
      () => list.allInnerTexts(),
      (rows) => has(rows, /app\.yaml/) && has(rows, /reports\.yaml/),
    );
    await at.key("Escape");
    await eventually(
      () => list.count(),
      (count) => count === 0,
    );
  });

  it("a route that goes is seen in the network and beside it, before anything is saved", async () => {
    await at.key("Control+P");
    await at.page.keyboard.type("app.yaml");
    await row("app.yaml").waitFor();
    await at.key("Control+Enter");
    await shows("Internet: via network#Nat · 1 subnet");
    await at.click("DefaultRoute:");
    await at.key("Home", ...Array.from({ length: 5 }, () => "Shift+ArrowDown"), "Control+/");
    await shows("No internet: ");
    await shows("Used by 2 functions in 2 templates: 2 without internet");
    await at.page.locator(".squiggly-info").first().waitFor();
    await at.palette("View: Toggle Problems");
    const told = await at.problems("internet", (rows) => rows.length > 1);
    assert.ok(
      has(told, /Worker in app\.yaml and 1 more lose the internet: PrivateA has no default route/),
      told.join(),
    );
    assert.ok(has(told, /Worker .*PrivateA/), told.join());
    await at.click("PrivateA:");
    await at.picture("importers");
    await at.key("Control+J");
    await at.key("Control+Z");
    await shows("Used by 2 functions in 2 templates: 2 with internet");
    await shows("Internet: via network#Nat · 1 subnet");
    await at.palette("View: Close All Editors");
  });

  it("parameter sets stand side by side, and a person chooses which one is shown", async () => {
    await at.key("Control+P");
    await at.page.keyboard.type("template.yaml");
    await row("template.yaml").waitFor();
    await at.key("Enter");
    await shows("dev ✓ · prod ✗");
    assert.match(await status("Parameter set"), /Parameter set: dev/);
    await at.palette("Lambda Egress: Choose Parameter Set");
    await row("prod").waitFor();
    await at.picture("parameter-sets");
    await row("prod").click();
    assert.match(await status("Parameter set: prod"), /samconfig\.toml:\d+, one of 2/);
  });

  it("an account tells what ids stand for, and what it told stays when it is gone", async () => {
    await at.open("external.yaml", "Worker:");
    await shows("Unknown: ");
    assert.equal(await at.page.locator(".squiggly-warning").count(), 0);
    await at.palette("Lambda Egress: Resolve External Networks");
    await row("demo").waitFor();
    await at.key("Enter");
    await row(region).waitFor();
    await at.key("Enter");
    await at.page.locator(".squiggly-warning").first().waitFor();
    await shows("No internet: ");
    await shows("Internet: via nat-");
    await at.picture("resolved");
    assert.match(await status("Account 123456789012"), new RegExp(`Account 123456789012, ${region}\\s+asked just now`));

    await leaveAccount();
    await at.open("external.yaml", "Worker:");
    await at.page.locator(".squiggly-warning").first().waitFor();
    await shows("Internet: via nat-");

    await at.palette("Lambda Egress: Forget Account Data");
    await eventually(
      () => at.page.locator(".squiggly-warning").count(),
      (count) => count === 0,
    );
    await shows("Unknown: ");
  });
});

const worker = (subnets: string, more = "") => `  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src
      VpcConfig:
        SubnetIds: [${subnets}]
        SecurityGroupIds: [!Ref Group]
${more}  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: For functions
      VpcId: !ImportValue network-Vpc
`;

const importer = `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
${worker("!ImportValue network-PrivateA")}`;

const network = (condition = "") => `  Vpc:
    Type: AWS::EC2::VPC
    Properties: { CidrBlock: 10.0.0.0/16 }
  PrivateA:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24 }
  Table:
    Type: AWS::EC2::RouteTable
    Properties: { VpcId: !Ref Vpc }
  DefaultRoute:
    Type: AWS::EC2::Route
${condition}    Properties:
      RouteTableId: !Ref Table
      DestinationCidrBlock: 0.0.0.0/0
      NatGatewayId: !Ref Nat
  TableOfA:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { SubnetId: !Ref PrivateA, RouteTableId: !Ref Table }
  Nat:
    Type: AWS::EC2::NatGateway
    DependsOn: PublicRoute
    Properties: { SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId }
  Address:
    Type: AWS::EC2::EIP
    DependsOn: Attachment
    Properties: { Domain: vpc }
  Public:
    Type: AWS::EC2::Subnet
    Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24 }
  PublicTable:
    Type: AWS::EC2::RouteTable
    Properties: { VpcId: !Ref Vpc }
  PublicRoute:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: { RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway }
  TableOfPublic:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { SubnetId: !Ref Public, RouteTableId: !Ref PublicTable }
  Gateway:
    Type: AWS::EC2::InternetGateway
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway }
`;

const templates = {
  "network.yaml": `AWSTemplateFormatVersion: "2010-09-09"
Resources:
${network()}
Outputs:
  Vpc:
    Value: !Ref Vpc
    Export: { Name: !Sub "\${AWS::StackName}-Vpc" }
  PrivateA:
    Value: !Ref PrivateA
    Export: { Name: !Sub "\${AWS::StackName}-PrivateA" }
`,
  "app.yaml": importer,
  "reports.yaml": importer.replace("  Worker:", "  Report:"),
  "template.yaml": `AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  CreateNat:
    Type: String
Conditions:
  HasNat: !Equals [!Ref CreateNat, "true"]
Resources:
${worker("!Ref PrivateA").replace("!ImportValue network-Vpc", "!Ref Vpc")}${network("    Condition: HasNat\n")}`,
  "samconfig.toml": `version = 0.1
[dev.deploy.parameters]
parameter_overrides = "CreateNat=true"
[prod.deploy.parameters]
parameter_overrides = "CreateNat=false"
`,
};

/** Two functions in places that only the account knows: one without a way out, one with a NAT gateway. */
function external(world: { open: string; closed: string; group: string; role: string }): string {
  const fn = (name: string, subnet: string) => `  ${name}:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: ${world.role}
      Code: { ZipFile: "exports.handler = async () => 1" }
      VpcConfig:
        SubnetIds: [${subnet}]
        SecurityGroupIds: [${world.group}]
`;
  return `AWSTemplateFormatVersion: "2010-09-09"
Resources:
${fn("Worker", world.open)}${fn("Report", world.closed)}`;
}
