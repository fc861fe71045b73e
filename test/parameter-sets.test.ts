/** Parameter sets on the command line and in an editor: side by side, chosen, and followed when their files change. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { DidChangeWatchedFilesNotification, FileChangeType } from "vscode-languageserver-protocol/node";
import { lint } from "../server/src/lint";
import type { DocumentSets } from "../server/src/lsp/parameter-sets";
import { english, render } from "../server/src/message";
import type { JsonReport } from "../server/src/report/json";
import { parse } from "../server/src/template/parse";
import { type CommandLine, commandLine, write } from "./command-line";
import { capable, type Session, type SessionOptions, startSession } from "./lsp-session";

/** A NAT gateway that a parameter takes away, and a function whose subnets are a parameter. */
const template = `Parameters:
  Nat: { Type: String, Default: "true" }
  Subnets: { Type: List<AWS::EC2::Subnet::Id> }
  Other: { Type: String, Default: "" }
Conditions:
  HasNat: !Equals [!Ref Nat, "true"]
  HasOther: !Not [!Equals [!Ref Other, ""]]
Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.0.0.0/16 } }
  Gateway: { Type: AWS::EC2::InternetGateway }
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway }
  Public: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24 } }
  PublicTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  PublicRoute:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: { RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway }
  PublicLink:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { SubnetId: !Ref Public, RouteTableId: !Ref PublicTable }
  Private: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24 } }
  PrivateTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  PrivateLink:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: { SubnetId: !Ref Private, RouteTableId: !Ref PrivateTable }
  Address: { Type: AWS::EC2::EIP, DependsOn: Attachment, Properties: { Domain: vpc } }
  NatGateway:
    Type: AWS::EC2::NatGateway
    Condition: HasNat
    Properties: { SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId }
  PrivateRoute:
    Type: AWS::EC2::Route
    Condition: HasNat
    Properties: { RouteTableId: !Ref PrivateTable, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref NatGateway }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { VpcId: !Ref Vpc, GroupDescription: All } }
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/worker
      VpcConfig: { SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group] }
  Elsewhere:
    Type: AWS::Lambda::Function
    Condition: HasOther
    Properties:
      Role: arn:aws:iam::123456789012:role/worker
      VpcConfig: { SubnetIds: !Ref Subnets, SecurityGroupIds: [!Ref Group] }
`;

const samconfig = `version = 0.1
[dev.deploy.parameters]
parameter_overrides = 'Nat=false Other=""'
[prod.deploy.parameters]
parameter_overrides = "Nat=true Other=x Subnets=subnet-0a1b,subnet-0c2d"
`;
const files = { "template.yaml": template, "samconfig.toml": samconfig };
const rule = "no-internet-route";

describe("parameter sets", () => {
  const set = (name: string, values: Record<string, string>) => ({ name, values, from: { uri: "file:///s", line: 1 } });
  const said = (sets: readonly ReturnType<typeof set>[], text = template) =>
    lint(parse(text), { sets: () => sets }).findings.flatMap((finding) =>
      finding.rule === rule || finding.rule === "unused-ignore"
        ? [`${finding.severity} ${finding.rule}: ${render(finding.message, english)}`]
        : [],
    );
  const [no, yes] = [{ Nat: "false" }, { Nat: "true" }];

  it("that agree are not named in a finding, others are", () => {
    const fault = "Worker cannot reach the internet from Private: PrivateTable has no route to it, so calls time out";
    assert.deepEqual(said([set("a", no)]), [`warning ${rule}: ${fault}`]);
    assert.deepEqual(said([set("a", no), set("b", no)]), [`warning ${rule}: ${fault}`]);
    assert.deepEqual(said([set("a", yes), set("b", no)]), [`warning ${rule}: ${fault} (set b)`]);
    assert.deepEqual(said([set("a", no), set("b", yes), set("c", no)]), [`warning ${rule}: ${fault} (sets a, c)`]);
    assert.deepEqual(said([set("a", yes)]), []);
    // What a set leaves open is looked at in all its worlds, as ever.
    assert.deepEqual(said([set("a", yes), set("b", {})]), [
      `information ${rule}: ${fault} (when Nat is not true) (set b)`,
    ]);
  });

  it("make an ignore useful where one of them needs it", () => {
    const text = template.replace(
      "SubnetIds: [!Ref Private]",
      `SubnetIds:\n          # lambda-egress-ignore ${rule}: on purpose\n          [!Ref Private]`,
    );
    const ignoring = text
      .replace("VpcConfig: { SubnetIds:\n", "VpcConfig:\n        SubnetIds:\n")
      .replace(
        "[!Ref Private], SecurityGroupIds: [!Ref Group] }",
        "[!Ref Private]\n        SecurityGroupIds: [!Ref Group]",
      );
    assert.deepEqual(said([set("a", yes), set("b", no)], ignoring), []);
    assert.equal(said([set("a", yes), set("b", yes)], ignoring).length, 1);
  });

  it("bound by the caller lose to what the caller binds by name", () => {
    const { functions } = lint(parse(template), { sets: () => [set("a", no)], parameters: yes });
    assert.deepEqual(functions[0]?.sets, [{ name: "a", verdict: "internet" }]);
  });
});

describe("parameter sets on the command line", function () {
  this.timeout(60_000);
  let command: CommandLine;
  before(async () => {
    command = await commandLine();
  });
  after(() => command.remove());

  const worker = ({ files: [file] }: JsonReport) => file?.functions.find(({ id }) => id === "Worker");

  it("stand side by side, and the first or `default` is told of", async () => {
    const report = await command.json(command.folder(files), ["template.yaml"]);
    const [file] = report.files;
    assert.equal(worker(report)?.verdict, "no-internet");
    assert.deepEqual(
      file?.functions.map(({ id, sets }) => [id, sets]),
      [
        [
          "Worker",
          [
            { name: "dev", verdict: "no-internet" },
            { name: "prod", verdict: "internet" },
          ],
        ],
        ["Elsewhere", [{ name: "prod", verdict: "unknown" }]],
      ],
    );
    assert.deepEqual(
      file?.functions[1]?.subnets.map(({ ref }) => ref),
      ["param:Subnets[0]", "param:Subnets[1]"],
    );
    assert.equal(report.status, 1);
    const text = await command.run(command.folder(files), ["check", "template.yaml"]);
    assert.match(text.stdout, /template\.yaml with the parameter values of dev, prod\n/);
    assert.match(text.stdout, / {4}no internet in set dev\n {4}reaches the internet in set prod\n/);
    assert.match(text.stdout, /so calls time out \(set dev\)\n/);
  });

  it("are chosen by name, taken from a file, turned off, and beaten by --param", async () => {
    const more = { ...files, "ci/test.json": `[{"ParameterKey": "Nat", "ParameterValue": "false"}]` };
    const verdict = async (...args: string[]) => {
      const report = await command.json(command.folder(more), ["template.yaml", ...args]);
      return [
        worker(report)?.verdict,
        worker(report)
          ?.sets?.map(({ name }) => name)
          .join(),
        report.status,
        report.stderr,
      ];
    };
    assert.deepEqual(await verdict("--param-set", "prod"), ["internet", "prod", 0, ""]);
    assert.deepEqual(await verdict("--param-file", "ci/test.json"), ["no-internet", "test", 1, ""]);
    assert.deepEqual(await verdict("--param", "Nat=true"), ["internet", "dev,prod", 0, ""]);
    const unknown = await verdict("--param-set", "stage");
    assert.deepEqual(unknown.slice(0, 3), ["internet", undefined, 2]);
    assert.equal(unknown[3], "lambda-egress: --param-set: no parameter set is called stage; there are dev, prod\n");
    assert.deepEqual((await verdict("--param-file", "gone.json")).slice(1), [
      undefined,
      2,
      "lambda-egress: gone.json: no such file\n",
    ]);
    const settings = { ...more, ".lambda-egress.yaml": "parameterFiles: [none]\n" };
    assert.equal(worker(await command.json(command.folder(settings), ["template.yaml"]))?.sets, undefined);
    const named = { ...more, ".lambda-egress.yaml": "parameterFiles: ['ci/*.json']\n" };
    assert.deepEqual(
      worker(await command.json(command.folder(named), ["template.yaml"]))?.sets?.map(({ name }) => name),
      ["dev", "prod", "test"],
    );
    const empty = { ...more, ".lambda-egress.yaml": "parameterFiles: [gone/*.json]\n" };
    const { status, stderr } = await command.json(command.folder(empty), ["template.yaml", "--fail-on", "never"]);
    const words = "no file matches gone/*.json, which parameterFiles names";
    assert.deepEqual([status, stderr], [0, `lambda-egress: .lambda-egress.yaml:1: ${words}\n`]);
  });

  it("that cannot be read are named with their line, and the rest is checked", async () => {
    const folder = command.folder({ ...files, "samconfig.toml": `${samconfig}[prod\n` });
    fs.writeFileSync(path.join(folder, "template.params.json"), Buffer.from([0x7b, 0xff]));
    const report = await command.json(folder, ["template.yaml"]);
    assert.equal(report.status, 2);
    assert.match(report.stderr, /^lambda-egress: samconfig\.toml:6: it cannot be read as TOML: .+\n/);
    assert.match(
      report.stderr,
      /lambda-egress: template\.params\.json:1: its parameter values are not used: .*UTF-8\n$/,
    );
    assert.equal(worker(report)?.verdict, "internet");
    assert.equal(worker(report)?.sets, undefined);
  });

  it("hold for standard input and for what `sam build` writes", async () => {
    const folder = command.folder({ ...files, ".aws-sam/build/template.yaml": template });
    const { stdout } = await command.run(folder, ["check", "-", "--format", "json"], template);
    assert.equal(worker(JSON.parse(stdout))?.sets?.length, 2);
    assert.equal(worker(await command.json(folder, [".aws-sam/build/template.yaml"]))?.sets?.length, 2);
  });
});

describe("parameter sets in an editor", function () {
  this.timeout(60_000);
  const sessions: Session[] = [];
  const start = async (options: SessionOptions) => {
    const session = await startSession(options);
    sessions.push(session);
    return session;
  };
  let command: CommandLine;
  before(async () => {
    command = await commandLine();
  });
  after(() => command.remove());
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.stop();
  });

  const capabilities = {
    ...capable,
    workspace: { ...capable.workspace, didChangeWatchedFiles: { dynamicRegistration: true } },
  };

  const openIn = async (folder: string, shownSet?: string) => {
    const initializationOptions = { status: true, ...(shownSet === undefined ? {} : { shownSet }) };
    const session = await start({ folders: [pathToFileURL(folder).href], capabilities, initializationOptions });
    const told: DocumentSets[] = [];
    session.connection.onNotification("lambdaEgress/parameterSets", (sets: DocumentSets) => {
      told.push(sets);
    });
    const uri = session.open(pathToFileURL(path.join(folder, "template.yaml")).href, template);
    const fault = async (since = 0) =>
      (await session.diagnostics(uri, since))
        .find(({ code }) => code === rule)
        ?.message.toString()
        .replace(/^.*time out/, "");
    const sets = (): Promise<DocumentSets> => session.connection.sendRequest("lambdaEgress/parameterSets", { uri });
    return { session, uri, told, fault, sets };
  };

  it("are told, shown by choice, and named in findings", async () => {
    const folder = command.folder(files);
    const { session, uri, told, fault, sets } = await openIn(folder, "prod");
    assert.equal(await fault(), " (set dev)");
    const { shown, sets: found } = await sets();
    assert.equal(shown, "prod");
    assert.deepEqual(told.at(-1), { uri, shown, sets: found });
    assert.deepEqual(
      found.map(({ name, from, functions }) => [
        name,
        path.basename(from.uri),
        from.line,
        functions.map(({ verdict }) => verdict),
      ]),
      [
        ["dev", "samconfig.toml", 2, ["no-internet"]],
        ["prod", "samconfig.toml", 4, ["internet", "unknown"]],
      ],
    );
    for (const [name, expected] of [
      ["dev", "dev"],
      ["gone", "dev"],
      ["prod", "prod"],
      [null, "dev"],
    ] as const) {
      await session.connection.sendRequest("lambdaEgress/showSet", { name });
      assert.equal((await sets()).shown, expected);
    }
    const lenses = await session.connection.sendRequest<{ command: { title: string } }[]>("textDocument/codeLens", {
      textDocument: { uri },
    });
    assert.ok(
      lenses.some(({ command: { title } }) => title === "dev ✗ · prod ✓"),
      JSON.stringify(lenses),
    );
  });

  it("follow their files, and no keystroke reads one", async () => {
    const folder = command.folder(files);
    const { session, uri, fault, sets } = await openIn(folder);
    assert.equal(await fault(), " (set dev)");
    const config = path.join(folder, "samconfig.toml");
    fs.writeFileSync(config, samconfig.replace("Nat=true", "Nat=false"));
    session.replace(uri, 'Default: "true"', "Default: 'true'");
    assert.equal(await fault(), " (set dev)");
    /** Other checks may be on their way, so what is waited for is the outcome. */
    const change = async (file: string, type: FileChangeType, expected: string | undefined) => {
      await session.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
        changes: [{ uri: pathToFileURL(path.join(folder, file)).href, type }],
      });
      const latest = () => session.published.findLast((params) => params.uri === uri)?.diagnostics ?? [];
      const isThere = () =>
        latest()
          .find(({ code }) => code === rule)
          ?.message.toString()
          .replace(/^.*time out/, "") === expected;
      await session.until(isThere, `${expected ?? "silence"} after a change of ${file}`);
    };
    await change("samconfig.toml", FileChangeType.Changed, "");
    write(folder, { "params/ci.json": `{ "Parameters": { "Nat": "true" } }` });
    await change("params/ci.json", FileChangeType.Created, " (sets dev, prod)");
    fs.rmSync(config);
    await change("samconfig.toml", FileChangeType.Deleted, undefined);
    assert.deepEqual(
      (await sets()).sets.map(({ name }) => name),
      ["ci"],
    );
    fs.writeFileSync(config, "[dev\n");
    await change("samconfig.toml", FileChangeType.Created, undefined);
    await session.until(
      () => session.log.some((line) => /samconfig\.toml:1: it cannot be read as TOML/.test(line)),
      "complaint about the file",
    );
  });
});
