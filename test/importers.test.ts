/** What a network's template says of the functions of others that stand on it: real files, a real server. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import {
  type CodeLens,
  CodeLensRequest,
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  FileChangeType,
} from "vscode-languageserver-protocol/node";
import { strip } from "./annotations";
import { write } from "./command-line";
import { capable, type Session, startSession } from "./lsp-session";

const read = (name: string) =>
  strip(fs.readFileSync(path.join(import.meta.dirname, "fixtures-linked", name), "utf8"), "yaml");
const network = read("import-literal/network.yaml");
const app = read("import-literal/app.yaml");
const rule = "importer-loses-internet";
/** The route that goes and comes back. */
const route = / {2}Out:\n(?: {4}.*\n)+/.exec(network)?.[0] ?? "";

describe("importers in the language server", function () {
  this.timeout(60_000);
  let session: Session;
  let folder: string;
  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const start = async (files: Readonly<Record<string, string>>, settings: unknown = null) => {
    write(folder, files);
    session = await startSession({
      folders: [pathToFileURL(folder).href],
      capabilities: { ...capable, workspace: { ...capable.workspace, codeLens: { refreshSupport: true } } },
      initializationOptions: { commands: ["lambdaEgress.showUses"] },
      settings: () => settings,
    });
  };
  const tell = (name: string) =>
    session.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: uri(name), type: FileChangeType.Changed }],
    });

  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-")));
  });
  afterEach(async () => {
    assert.deepEqual(session.log, []);
    await session.stop();
    fs.rmSync(folder, { recursive: true });
  });

  /** The lenses above resources of a document, by the name that they stand above. */
  const lenses = async (document: string): Promise<Record<string, CodeLens>> => {
    const found = await session.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: document } });
    return Object.fromEntries((found ?? []).map((lens) => [session.text(document, lens.range), lens]));
  };
  const titles = async (document: string) =>
    Object.fromEntries(Object.entries(await lenses(document)).map(([name, { command }]) => [name, command?.title]));
  /** Waits until the lens above a resource says this. */
  const untilLens = async (document: string, name: string, title: string | undefined) => {
    const deadline = Date.now() + 8000;
    while ((await titles(document))[name] !== title && Date.now() < deadline)
      await new Promise((go) => setTimeout(go, 20));
    assert.equal((await titles(document))[name], title);
  };
  const untilFound = async (document: string, holds: (found: readonly Diagnostic[]) => boolean) => {
    const newest = () =>
      (session.published.findLast((params) => params.uri === document)?.diagnostics ?? []).filter(
        ({ code }) => code === rule,
      );
    await session.until(() => holds(newest()), "such diagnostics");
    return newest();
  };

  it("tells above a subnet who uses it, in files that nobody has open, and what an edit takes from them", async () => {
    await start({ "network.yaml": network, "app.yaml": app, "more/two.yaml": two });
    const document = session.open(uri("network.yaml"), network);
    await untilLens(document, "PrivateA", "Used by 3 functions in 2 templates: 2 with internet, 1 unknown");
    await untilLens(document, "PrivateB", "Used by Worker in app.yaml: reaches the internet");
    assert.deepEqual(Object.keys(await lenses(document)), ["PrivateA", "PrivateB"]);
    const { command } = (await lenses(document)).PrivateA ?? {};
    assert.equal(command?.command, "lambdaEgress.showUses");
    assert.deepEqual(
      command.arguments?.[2].map((place: { uri: string; range: { start: { line: number } } }) => [
        place.uri,
        place.range.start.line,
      ]),
      [
        [uri("app.yaml"), lineOf(app, "  Worker:")],
        [uri("more/two.yaml"), lineOf(two, "  First:")],
        [uri("more/two.yaml"), lineOf(two, "  Second:")],
      ],
    );
    assert.deepEqual(await untilFound(document, () => true), []);

    session.replace(document, route, "");
    const [found, ...others] = await untilFound(document, (all) => all.length > 0);
    assert.equal(others.length, 0);
    assert.equal(found?.message, "Worker in app.yaml and 1 more lose the internet: PrivateA has no default route");
    assert.equal(found.severity, 3);
    assert.equal(session.text(document, found.range), "Table");
    assert.deepEqual(
      found.relatedInformation?.map(({ location, message }) => [location.uri, message]),
      [
        [uri("app.yaml"), "Worker: no internet"],
        [uri("more/two.yaml"), "First: no internet"],
      ],
    );
    await untilLens(
      document,
      "PrivateA",
      "Used by 3 functions in 2 templates: 1 not always or not everywhere, 2 without internet",
    );

    // It comes back, and with it everything is as it was.
    const end = session.document(document).positionAt(session.text(document).indexOf("  UsesA:"));
    session.edit(document, { range: { start: end, end }, newText: route });
    await untilFound(document, (all) => all.length === 0);
    await untilLens(document, "PrivateB", "Used by Worker in app.yaml: reaches the internet");
  });

  it("stands where the network decides, whatever is edited, and goes with the edit", async () => {
    await start({ "network.yaml": network, "app.yaml": app });
    const document = session.open(uri("network.yaml"), network);
    await untilLens(document, "PrivateA", "Used by Worker in app.yaml: reaches the internet");
    for (const [old, text, place, words] of [
      ["NatGatewayId: !Ref Nat", "GatewayId: !Ref Gateway", "Out", "loses the internet: PrivateA is a public subnet"],
      [
        "SubnetId: !Ref Public\n      Alloc",
        "SubnetId: !Ref PrivateA\n      Alloc",
        "Table",
        "loses the internet: Nat stands ",
      ],
      ["GatewayId: !Ref Gateway", "GatewayId: !Ref Vpc", "Gateway", "loses the internet: Gateway is not attached "],
      ["SubnetId: !Ref PrivateB", "SubnetId: !Ref Public", "PrivateB", "no longer always reaches the internet: "],
    ] as const) {
      session.replace(document, old, text);
      const [found] = await untilFound(document, (all) => all.length === 1);
      assert.equal(session.text(document, found?.range), place, `${text}: ${found?.message}`);
      assert.ok(String(found?.message).startsWith(`Worker in app.yaml ${words}`), String(found?.message));
      const end = session.document(document).positionAt(session.text(document).length);
      session.edit(document, { range: { start: { line: 0, character: 0 }, end }, newText: network });
      await untilFound(document, (all) => all.length === 0);
    }
  });

  it("hears of importers that come, go and change, and asks nothing of those who say they need nothing", async () => {
    await start({ "network.yaml": network });
    const document = session.open(uri("network.yaml"), network);
    await session.diagnostics(document);
    write(folder, { "app.yaml": app });
    await tell("app.yaml");
    await untilLens(document, "PrivateA", "Used by Worker in app.yaml: reaches the internet");
    session.replace(document, route, "");
    await untilFound(document, (all) => all.length === 1);

    const quiet = app.replace("  Worker:\n", "  Worker:\n    Metadata: {LambdaEgress: {Expect: none}}\n");
    write(folder, { "app.yaml": quiet });
    await tell("app.yaml");
    await untilFound(document, (all) => all.length === 0);
    await untilLens(document, "PrivateA", "Used by Worker in app.yaml: no internet");
    // The editor's text counts before that on the disk.
    const other = session.open(uri("app.yaml"), app);
    await untilFound(document, (all) => all.length === 1);
    session.replace(other, "!ImportValue core-private-a, !ImportValue core-private-b", "subnet-0123456789abcdef0");
    await untilFound(document, (all) => all.length === 0);
    await untilLens(document, "PrivateA", undefined);
    // What a document is compared with is how it was opened.
    session.close(other);
    write(folder, { "app.yaml": app });
    await tell("app.yaml");
    await untilFound(document, (all) => all.length === 1);
    const text = session.text(document);
    session.close(document);
    session.open(document, text);
    await untilLens(document, "PrivateA", "Used by Worker in app.yaml: no internet");
    assert.deepEqual(await untilFound(document, () => true), []);
  });

  it("follows nested stacks, in both directions", async () => {
    await start({
      "root.yaml": root,
      "network.yaml": network,
      "child.yaml": child,
    });
    const document = session.open(uri("network.yaml"), network);
    await untilLens(document, "PrivateA", "Used by Inner in child.yaml: reaches the internet");
    session.replace(document, route, "");
    const [found] = await untilFound(document, (all) => all.length === 1);
    assert.equal(found?.message, "Inner in child.yaml loses the internet: PrivateA has no default route");
  });

  it("looks at each parameter set of an importer", async () => {
    const [dev, prod] = ["dev-", "prod-"].map((name) => network.replaceAll("core-", name));
    assert.ok(dev !== undefined && prod !== undefined);
    const sets = ["dev", "prod"].map(
      (name) =>
        `[${name}.deploy.parameters]\nparameter_overrides = "Stage=${name} Zone=${name === "dev" ? "a" : "b"}"\n`,
    );
    await start({
      "dev.yaml": dev,
      "prod.yaml": prod,
      "app/template.yaml": staged,
      "app/samconfig.toml": sets.join(""),
    });
    const document = session.open(uri("prod.yaml"), prod);
    await untilLens(document, "PrivateA", "Used by 2 functions in app/template.yaml: 2 with internet");
    session.replace(document, route, "");
    const [found] = await untilFound(document, (all) => all.length === 1);
    const text = "Fixed in app/template.yaml and 1 more lose the internet: PrivateA has no default route";
    assert.deepEqual(
      [found?.message, ...(found?.relatedInformation?.map(({ message }) => message) ?? [])],
      [text, "Fixed: no internet", "Staged: no internet"],
    );
    const other = session.open(uri("dev.yaml"), dev);
    await untilLens(other, "PrivateA", "Used by Staged in app/template.yaml: reaches the internet");

    // The route comes back, and the other subnet loses its table, in which one set alone has the function.
    const uses = / {2}UsesB:\n(?: {4}.*\n)+/.exec(prod)?.[0] ?? "";
    session.replace(document, uses, route);
    const lone = /^Fixed in app\/template\.yaml loses the internet: .*PrivateB.* \(set prod\)$/;
    await untilFound(document, (all) => all.length === 1 && lone.test(String(all[0]?.message)));
  });

  for (const [how, text, settings] of [
    ["by an ignore", network.replace("  Table:", `  # lambda-egress-ignore ${rule}: planned\n  Table:`), null],
    ["by a setting", network, { rules: { [rule]: "off" } }],
  ] as const) {
    it(`is silent ${how}, which nobody calls unused`, async () => {
      await start({ "network.yaml": text, "app.yaml": app }, settings);
      const document = session.open(uri("network.yaml"), text);
      await untilLens(document, "PrivateA", "Used by Worker in app.yaml: reaches the internet");
      session.replace(document, route, "");
      await untilLens(document, "PrivateA", "Used by Worker in app.yaml: no internet");
      const found = await session.diagnostics(document);
      assert.deepEqual(
        found.filter(({ code }) => code === rule || code === "unused-ignore"),
        [],
      );
    });
  }
});

const lineOf = (text: string, wanted: string): number => text.split("\n").indexOf(wanted);

const fn = (subnets: string) => `    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src
      VpcConfig:
        SubnetIds: ${subnets}
        SecurityGroupIds: [!Ref Group]
`;

const group = / {2}Group:\n(?: {4}.*\n)+/.exec(app)?.[0] ?? "";

/** One function with a subnet of the network, one whose other subnet nobody knows, one that has nothing of it. */
const two = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Net: {Type: String}
  Other: {Type: "AWS::EC2::Subnet::Id"}
Resources:
${group}  First:
${fn('[!ImportValue {"Fn::Join": ["-", [core, private, a]]}]')}  Second:
${fn("[!ImportValue core-private-a, !Ref Other]")}  Alone:
${fn("[!Ref Other]")}`;

/** One function in the network of its stage, one always in that of the last, in another zone for each. */
const staged = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String}
  Zone: {Type: String}
Resources:
${group}  Staged:
${fn('[!ImportValue {"Fn::Sub": "${Stage}-private-a"}]')}  Fixed:
${fn('[!ImportValue {"Fn::Sub": "prod-private-${Zone}"}]')}`;

const root = `Transform: AWS::Serverless-2016-10-31
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: network.yaml}
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./child.yaml
      Parameters: {Subnet: !GetAtt Network.Outputs.A}
`;

const child = `Transform: AWS::Serverless-2016-10-31
Parameters:
  Subnet: {Type: String}
Resources:
${group}  Inner:
${fn("[!Ref Subnet]")}`;
