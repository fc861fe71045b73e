/** Templates that belong together, as the language server and the command line find them: real files, real processes. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type ProgressToken,
  WorkDoneProgress,
  WorkDoneProgressCreateRequest,
} from "vscode-languageserver-protocol/node";
import { strip } from "./annotations";
import { type CommandLine, commandLine, write } from "./command-line";
import { capable, Session, startSession } from "./lsp-session";

const read = (name: string) =>
  strip(fs.readFileSync(path.join(import.meta.dirname, "fixtures-linked", name), "utf8"), "yaml");
const network = read("import-literal/network.yaml");
const app = read("import-literal/app.yaml");
const withoutRoute = (text: string) => text.replace(/ {2}Out:\n(?: {4}.*\n)+/, "");

describe("linked templates in the language server", function () {
  this.timeout(60_000);
  let session: Session | undefined;
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-")));
  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const tell = (name: string, type: FileChangeType) =>
    session?.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: uri(name), type }],
    });
  after(() => fs.rmSync(folder, { recursive: true }));
  afterEach(async () => {
    assert.deepEqual(session?.log ?? [], []);
    await session?.stop();
  });

  /** Waits for diagnostics of a document that satisfy `holds`, the newest ones. */
  const until = async (document: string, what: string, holds: (found: readonly Diagnostic[]) => boolean) => {
    const newest = () => session?.published.findLast((params) => params.uri === document)?.diagnostics;
    await session?.until(() => holds(newest() ?? []) && newest() !== undefined, what);
    return newest() ?? [];
  };
  const lacksRoute = (found: readonly Diagnostic[]) => found.some(({ code }) => code === "no-internet-route");

  it("follows what other files say: unsaved, on the disk, and gone", async () => {
    write(folder, { "network.yaml": network, "app.yaml": app });
    session = await startSession({ folders: [pathToFileURL(folder).href], capabilities: capable });
    const [one, two] = [session.open(uri("app.yaml"), app), session.open(uri("network.yaml"), network)];
    await session.diagnostics(one);
    assert.ok(!lacksRoute(await session.diagnostics(one)));

    // The route goes away in the other document, which nobody saves.
    session.edit(two, {
      range: { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } },
      newText: withoutRoute(network),
    });
    const [found] = (await until(one, "finding", lacksRoute)).filter(({ code }) => code === "no-internet-route");
    assert.deepEqual(
      found?.relatedInformation?.map(({ location }) => location.uri),
      [two, two],
    );
    const place = found?.relatedInformation?.[0]?.location.range;
    assert.equal(session.text(two, place), "Table");

    // Closed unsaved, the disk counts again; then the disk says the same as the editor did.
    session.close(two);
    await until(one, "relinking with the disk", (found) => !lacksRoute(found));
    write(folder, { "network.yaml": withoutRoute(network) });
    await tell("network.yaml", FileChangeType.Changed);
    await until(one, "finding from the disk", lacksRoute);
    fs.rmSync(path.join(folder, "network.yaml"));
    await tell("network.yaml", FileChangeType.Deleted);
    await until(one, "relinking without the file", (found) => !lacksRoute(found));
    write(folder, { "sub/other.yaml": withoutRoute(network) });
    await tell("sub/other.yaml", FileChangeType.Created);
    const [moved] = (await until(one, "finding from a new file", lacksRoute)).filter(
      ({ code }) => code === "no-internet-route",
    );
    assert.equal(moved?.relatedInformation?.[0]?.location.uri, uri("sub/other.yaml"));
  });

  it("shows how far it is where there is much to read, and answers meanwhile", async () => {
    // What nests is read as a whole, so these few take as long as thousands of others.
    const topic = (index: number) => `  T${index}: {Type: AWS::SNS::Topic, Properties: {DisplayName: "${index}"}}\n`;
    const heavy = `Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: x.yaml}}\n${Array.from(
      { length: 700 },
      (_, index) => topic(index),
    ).join("")}`;
    const many = Array.from({ length: 60 }, (_, index) => [`heavy/${index}.yaml`, heavy]);
    write(folder, { ...Object.fromEntries(many), "network.yaml": network, "app.yaml": app });
    session = new Session({});
    const told: string[] = [];
    const token = new Promise<ProgressToken>((resolve) => {
      session?.connection.onRequest(WorkDoneProgressCreateRequest.type, (params) => resolve(params.token));
    });
    await session.initialize({
      folders: [pathToFileURL(folder).href],
      capabilities: { ...capable, window: { workDoneProgress: true } },
    });
    const document = session.open(uri("app.yaml"), app);
    await session.diagnostics(document);
    const ended = new Promise<void>((resolve) => {
      void token.then((known) =>
        session?.connection.onProgress(WorkDoneProgress.type, known, (value) => {
          told.push(value.kind === "report" ? `report ${value.message?.replace(/\d+/, "n")}` : value.kind);
          if (value.kind === "end") resolve();
        }),
      );
    });
    await token;
    session.replace(document, "Handler: index.handler", "Handler: other.handler");
    await session.diagnostics(document);
    assert.ok(!told.includes("end"), "an edit is answered before all is read");
    await ended;
    assert.deepEqual([...new Set(told)], ["begin", "report n files", "end"]);
    await session.until(() => (session?.published.length ?? 0) > 2, "diagnostics with the others at hand");
  });
});

describe("linked templates on the command line", function () {
  this.timeout(60_000);
  let cli: CommandLine;
  before(async () => {
    cli = await commandLine();
  });
  after(() => cli.remove());

  it("links what is given with what lies around, unless told not to", async () => {
    const folder = cli.folder({ "a/app.yaml": app, "net/network.yaml": withoutRoute(network), ".git/HEAD": "" });
    const { files } = await cli.json(folder, ["a/app.yaml"]);
    const [fn] = files[0]?.functions ?? [];
    assert.equal(fn?.verdict, "no-internet");
    const hop = fn?.subnets[0]?.hops.find(({ kind }) => kind === "route-table");
    assert.equal(hop?.path, "net/network.yaml");
    const line =
      withoutRoute(network)
        .split("\n")
        .findIndex((one) => one.startsWith("  Table:")) + 1;
    assert.equal(withoutRoute(network).split("\n")[(hop?.line ?? 0) - 1], "  UsesA:");
    const finding = files[0]?.findings.find(({ rule }) => rule === "no-internet-route");
    assert.equal(finding?.notes[0]?.path, "net/network.yaml");
    assert.equal(finding?.notes[0]?.range.start.line, line - 1);

    const text = (await cli.run(folder, ["check", "a/app.yaml"])).stdout;
    assert.match(text, new RegExp(`net/network\\.yaml:${line}:3 note: `));
    const markdown = (await cli.run(folder, ["check", "a/app.yaml", "--format", "markdown"])).stdout;
    assert.ok(markdown.includes(`[net/network.yaml line ${line}](net/network.yaml#L${line})`), markdown);
    const sarif = JSON.parse((await cli.run(folder, ["check", "a/app.yaml", "--format", "sarif"])).stdout);
    const related = sarif.runs[0].results.flatMap(
      (result: { relatedLocations?: object[] }) => result.relatedLocations ?? [],
    );
    assert.equal(related[0].physicalLocation.artifactLocation.uri, "net/network.yaml");
    assert.equal(related[0].physicalLocation.region.startLine, line);

    const alone = await cli.json(folder, ["a/app.yaml", "--no-siblings"]);
    assert.equal(alone.files[0]?.functions[0]?.verdict, "unknown");
  });

  it("checks with a template that is named those that it nests, as they are deployed with it", async () => {
    const nested = (name: string) => read(`child-twice/${name}`);
    const names = ["parent.yaml", "open.yaml", "closed.yaml", "child.yaml"];
    const folder = cli.folder(Object.fromEntries(names.map((name) => [`in/${name}`, nested(name)])));
    const paths = async (...args: string[]) => (await cli.json(folder, args)).files.map(({ path }) => path);
    assert.deepEqual(
      await paths("in/parent.yaml"),
      names.map((name) => `in/${name}`),
    );
    assert.deepEqual(await paths("in/parent.yaml", "--no-siblings"), ["in/parent.yaml"]);
    assert.deepEqual(await paths("in/parent.yaml", "in/child.yaml", "in"), [
      "in/parent.yaml",
      "in/open.yaml",
      "in/closed.yaml",
      "in/child.yaml",
    ]);
    const { files } = await cli.json(folder, ["in/parent.yaml"]);
    const fn = files.at(-1)?.functions[0];
    assert.deepEqual(fn?.sets, [
      { name: "parent#First", verdict: "internet" },
      { name: "parent#Second", verdict: "no-internet" },
    ]);
  });

  it("without a work tree looks no further than the file's own folder and what is given", async () => {
    const folder = cli.folder({
      "a/app.yaml": app,
      "net/network.yaml": network,
      "b/app.yaml": app,
      "b/n.yaml": network,
    });
    const verdict = async (...args: string[]) =>
      (await cli.json(folder, args)).files.find(({ path }) => path.endsWith("app.yaml"))?.functions[0]?.verdict;
    assert.equal(await verdict("a/app.yaml"), "unknown");
    assert.equal(await verdict("a/app.yaml", "net"), "internet");
    assert.equal(await verdict("b/app.yaml"), "internet");
  });

  it("reads a cloud assembly: its stacks in order, each linked, by the names of constructs", async () => {
    const { files, status } = await cli.json(cli.folder(assembly()), ["cdk.out"]);
    assert.deepEqual(
      files.map(({ path }) => path),
      ["cdk.out/Net.template.json", "cdk.out/App.template.json", "cdk.out/AppChild.nested.template.json"],
    );
    const [, outer, inner] = files.map(({ functions }) => functions[0]);
    assert.deepEqual([outer?.verdict, outer?.construct], ["no-internet", "App/Worker/Resource"]);
    assert.deepEqual([inner?.verdict, inner?.construct], ["no-internet", "App/Child/Inner/Resource"]);
    const findings = files.flatMap((file) => file.findings.filter(({ rule }) => rule === "no-internet-route"));
    assert.deepEqual(
      findings.map(({ construct }) => construct),
      ["App/Worker/Resource", "App/Child/Inner/Resource"],
    );
    assert.equal(status, 0);
    const folder = cli.folder(assembly());
    const { stdout } = await cli.run(folder, ["check", "cdk.out"]);
    assert.match(stdout, /Worker0001 \(App\/Worker\/Resource\): no internet/);
    assert.match(stdout, /information no-internet-route .* \(App\/Worker\/Resource\)\n/);
  });
});

/** What CDK writes for a network, a stack that imports from it, and a stack nested there. */
function assembly(): Record<string, string> {
  const made = (construct: string) => ({ Metadata: { "aws:cdk:path": construct } });
  const subnet = { "Fn::ImportValue": "Net:ExportsOutputRefPrivate0001" };
  const worker = (subnetId: unknown, construct: string) => ({
    Role0001: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
        ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"],
      },
    },
    Worker0001: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Handler: "index.handler",
        Runtime: "nodejs22.x",
        Code: { ZipFile: "exports.handler = async () => {};" },
        Role: { "Fn::GetAtt": ["Role0001", "Arn"] },
        VpcConfig: { SubnetIds: [subnetId], SecurityGroupIds: ["sg-0123456789abcdef0"] },
      },
      ...made(construct),
    },
  });
  const stack = (templateFile: string, dependencies: readonly string[] = []) => ({
    type: "aws:cloudformation:stack",
    properties: { templateFile },
    dependencies,
  });
  const files = {
    "manifest.json": {
      version: "48.0.0",
      artifacts: {
        "App.assets": { type: "cdk:asset-manifest", properties: { file: "App.assets.json" } },
        App: stack("App.template.json", ["Net", "App.assets"]),
        Net: stack("Net.template.json"),
        Tree: { type: "cdk:tree", properties: { file: "tree.json" } },
      },
    },
    "cdk.out": { version: "48.0.0" },
    "App.assets.json": { version: "48.0.0", files: {} },
    "Net.template.json": {
      Resources: {
        Vpc0001: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: "10.0.0.0/16" }, ...made("Net/Vpc/Resource") },
        Private0001: { Type: "AWS::EC2::Subnet", Properties: { VpcId: { Ref: "Vpc0001" }, CidrBlock: "10.0.1.0/24" } },
        Table0001: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: { Ref: "Vpc0001" } } },
        Uses0001: {
          Type: "AWS::EC2::SubnetRouteTableAssociation",
          Properties: { SubnetId: { Ref: "Private0001" }, RouteTableId: { Ref: "Table0001" } },
        },
      },
      Outputs: {
        ExportsOutputRefPrivate0001: {
          Value: { Ref: "Private0001" },
          Export: { Name: "Net:ExportsOutputRefPrivate0001" },
        },
      },
    },
    "App.template.json": {
      Resources: {
        ...worker(subnet, "App/Worker/Resource"),
        Child0001: {
          Type: "AWS::CloudFormation::Stack",
          Properties: {
            TemplateURL: {
              "Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/assets-${AWS::AccountId}/0123.json",
            },
            Parameters: { subnet0001: subnet },
          },
          Metadata: {
            "aws:cdk:path": "App/Child.NestedStack/Child.NestedStackResource",
            "aws:asset:path": "AppChild.nested.template.json",
            "aws:asset:property": "TemplateURL",
          },
        },
      },
    },
    "AppChild.nested.template.json": {
      Parameters: { subnet0001: { Type: "String" } },
      Resources: worker({ Ref: "subnet0001" }, "App/Child/Inner/Resource"),
    },
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`cdk.out/${name}`, JSON.stringify(content, undefined, 1)]),
  );
}
