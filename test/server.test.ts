/** The language server as an editor meets it: the shipped bundle, over its real standard input and output. */
import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import {
  CodeActionRequest,
  type Diagnostic,
  DiagnosticSeverity,
  DidOpenTextDocumentNotification,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import { type Status, statusNotification } from "../server/src/lsp/status";
import { type Session, type SessionOptions, startSession } from "./lsp-session";

const server = fileURLToPath(new URL("../dist/server.js", import.meta.url));
const uri = "file:///work%20space/stack/template.yaml";
const rule = "public-subnet";

/** Worker stands in a public subnet, though a private one has a NAT gateway. */
const template = `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
  Gateway:
    Type: AWS::EC2::InternetGateway
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties:
      VpcId: !Ref Vpc
      InternetGatewayId: !Ref Gateway
  Public:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.0.0/24
  PublicTable:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
  PublicRoute:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties:
      RouteTableId: !Ref PublicTable
      DestinationCidrBlock: 0.0.0.0/0
      GatewayId: !Ref Gateway
  PublicAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref Public
      RouteTableId: !Ref PublicTable
  Address:
    Type: AWS::EC2::EIP
    DependsOn: Attachment
    Properties:
      Domain: vpc
  Nat:
    Type: AWS::EC2::NatGateway
    DependsOn: Attachment
    Properties:
      SubnetId: !Ref Public
      AllocationId: !GetAtt Address.AllocationId
  Private:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.0.1.0/24
  PrivateTable:
    Type: AWS::EC2::RouteTable
    Properties:
      VpcId: !Ref Vpc
  PrivateRoute:
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref PrivateTable
      DestinationCidrBlock: 0.0.0.0/0
      NatGatewayId: !Ref Nat
  PrivateAssociation:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties:
      SubnetId: !Ref Private
      RouteTableId: !Ref PrivateTable
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Worker
      VpcId: !Ref Vpc
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: { S3Bucket: code, S3Key: worker.zip }
      VpcConfig:
        SubnetIds: [!Ref Public]
        SecurityGroupIds: [!Ref Group]
`;
const item = "!Ref Public]";
const silent = template.replace(item, "!Ref Private]");
const foreign = "services:\n  web:\n    image: nginx\n    image: apache\n";

describe("language server", function () {
  this.timeout(20_000);
  const sessions: Session[] = [];
  /** Servers that end otherwise than by being asked to, if all goes well. */
  const processes: ChildProcess[] = [];

  afterEach("end every server, which exits with 0 and has printed nothing", async () => {
    for (const process of processes.splice(0)) process.kill();
    for (const session of sessions.splice(0)) {
      try {
        assert.equal(await session.stop(), 0);
        assert.equal(session.stderr, "");
      } finally {
        session.process.kill();
      }
    }
  });

  async function start(options?: SessionOptions): Promise<Session> {
    const session = await startSession(options);
    sessions.push(session);
    return session;
  }

  it("names itself and what it can do", async () => {
    const { initialized, registered } = await start({ capabilities: {} });
    assert.equal(initialized?.serverInfo?.name, "lambda-egress");
    assert.match(initialized?.serverInfo?.version ?? "", /^\d+\.\d+\.\d+/);
    assert.deepEqual(initialized?.capabilities.textDocumentSync, { openClose: true, change: 2 });
    assert.deepEqual(initialized?.capabilities.codeActionProvider, {
      codeActionKinds: ["quickfix", "source.fixAll.lambdaEgress"],
    });
    assert.deepEqual(registered, []);
  });

  describe("diagnostics", () => {
    it("stand where the fault is, with rule, page, notes and fixes", async () => {
      const session = await start();
      session.open(uri, template);
      const found = only(await session.diagnostics(uri), rule);
      assert.equal(session.text(uri, found.range), "!Ref Public");
      assert.equal(session.document(uri).offsetAt(found.range.start), template.indexOf(item));
      assert.equal(found.source, "lambda-egress");
      assert.match(found.codeDescription?.href ?? "", /^https:\/\/.*\/docs\/rules\/public-subnet\.md$/);
      assert.ok(found.severity === DiagnosticSeverity.Error || found.severity === DiagnosticSeverity.Warning);
      assert.notEqual(found.message, "");
      const notes = found.relatedInformation ?? [];
      assert.ok(notes.length > 0, "no notes");
      for (const note of notes) {
        assert.equal(note.location.uri, uri);
        assert.notEqual(session.text(uri, note.location.range), "");
      }
      assert.equal(found.data.version, 1);
    });

    it("leave out the notes for a client that does not take them", async () => {
      const session = await start({ capabilities: {} });
      session.open(uri, template);
      assert.equal(only(await session.diagnostics(uri), rule).relatedInformation, undefined);
    });

    it("come at once for every language that templates are written in, and for no other", async () => {
      const session = await start();
      for (const language of ["dockercompose", "plaintext", "jsonc", "yamlish"]) {
        session.open(`file:///${language}`, template, language);
      }
      for (const language of ["yaml", "cloudformation", "yaml.cloudformation"]) {
        only(await session.diagnostics(session.open(`file:///${language}`, template, language)), rule);
      }
      only(await session.diagnostics(session.open("untitled:Untitled-1", template)), rule);
      assert.deepEqual([...new Set(session.published.map((params) => params.uri))].sort(), [
        "file:///cloudformation",
        "file:///yaml",
        "file:///yaml.cloudformation",
        "untitled:Untitled-1",
      ]);
    });

    it("are found in JSON", async () => {
      const session = await start();
      const text = JSON.stringify({
        Resources: {
          Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: "10.0.0.0/16" } },
          Gateway: { Type: "AWS::EC2::InternetGateway" },
          Attachment: {
            Type: "AWS::EC2::VPCGatewayAttachment",
            Properties: { VpcId: { Ref: "Vpc" }, InternetGatewayId: { Ref: "Gateway" } },
          },
          Public: { Type: "AWS::EC2::Subnet", Properties: { VpcId: { Ref: "Vpc" }, CidrBlock: "10.0.0.0/24" } },
          Table: { Type: "AWS::EC2::RouteTable", Properties: { VpcId: { Ref: "Vpc" } } },
          Route: {
            Type: "AWS::EC2::Route",
            DependsOn: "Attachment",
            Properties: {
              RouteTableId: { Ref: "Table" },
              DestinationCidrBlock: "0.0.0.0/0",
              GatewayId: { Ref: "Gateway" },
            },
          },
          Association: {
            Type: "AWS::EC2::SubnetRouteTableAssociation",
            Properties: { SubnetId: { Ref: "Public" }, RouteTableId: { Ref: "Table" } },
          },
          Worker: {
            Type: "AWS::Lambda::Function",
            Properties: {
              Description: "Grüße 🚀",
              VpcConfig: { SubnetIds: [{ Ref: "Public" }], SecurityGroupIds: ["sg-0123456789abcdef0"] },
              Role: "arn:aws:iam::123456789012:role/worker",
            },
          },
        },
      });
      session.open(uri, text, "json");
      const found = only(await session.diagnostics(uri), rule);
      // On one line, behind the emoji: a column counted in bytes or code points would miss it.
      assert.equal(session.text(uri, found.range), '{"Ref":"Public"}');
      assert.equal(session.document(uri).offsetAt(found.range.start), text.lastIndexOf('{"Ref":"Public"}'));
    });

    it("follow edits above and on the line, in UTF-16 units", async () => {
      const session = await start();
      session.open(uri, template);
      const before = only(await session.diagnostics(uri), rule);
      session.replace(uri, "Resources:", '# Grüße 🚀\n# 👩‍👩‍👧‍👦 größer\nDescription: "ä🚀"\nResources:');
      const below = only(await session.diagnostics(uri), rule);
      assert.equal(session.text(uri, below.range), "!Ref Public");
      assert.equal(below.range.start.line, before.range.start.line + 3);
      session.replace(
        uri,
        "VpcConfig:\n        SubnetIds: [!Ref Public]\n",
        'VpcConfig: { "ü🚀": x, SubnetIds: [!Ref Public],\n',
      );
      session.replace(uri, "[!Ref Group]", "[!Ref Group] }");
      const right = only(await session.diagnostics(uri), rule);
      assert.equal(session.text(uri, right.range), "!Ref Public");
      assert.equal(right.range.start.character, '      VpcConfig: { "ü🚀": x, SubnetIds: ['.length);
      session.replace(uri, "  Vpc:\n    Type", "  Vpc:\r\n    Type");
      assert.equal(session.text(uri, only(await session.diagnostics(uri), rule).range), "!Ref Public");
    });

    it("answer a burst of edits once, for its end, and never go back", async () => {
      const session = await start();
      session.open(uri, template);
      await session.diagnostics(uri);
      for (let count = 0; count < 200; count++) session.replace(uri, "Resources:", `# ${count}\nResources:`);
      session.replace(uri, item, "!Ref Private]");
      none(await session.diagnostics(uri), rule);
      const versions = session.published.map(({ version = 0 }) => version);
      assert.deepEqual(
        versions,
        [...versions].sort((a, b) => a - b),
      );
      assert.equal(versions.at(-1), 202);
      assert.ok(versions.length < 50, `${versions.length} publications for 200 edits`);
    });

    it("outlive broken text, and are then what a fresh server says", async () => {
      const session = await start();
      session.open(uri, template);
      const before = await session.diagnostics(uri);
      for (const [old, broken] of [
        ["[!Ref Public]", "[!Ref Public"],
        ["Resources:", "Resources"],
        ["  Worker:", '  "Worker:'],
        ["      VpcConfig:", "\t  VpcConfig"],
        ["!Ref Vpc", "!Ref &*{}"],
      ] as const) {
        session.replace(uri, old, broken);
        // A section without its colon makes it no template: then what was shown is cleared, without a version.
        const version = session.document(uri).version;
        await session.until(
          () =>
            session.published.some((last) => last.version === version) ||
            session.published.at(-1)?.version === undefined,
          "answer",
        );
        session.replace(uri, broken, old);
        assert.deepEqual(unversioned(await session.diagnostics(uri)), unversioned(before), broken);
      }
      for (const length of [1, 50, 400, template.length - 40]) {
        const all = { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } };
        session.edit(uri, { range: all, newText: template.slice(0, length) });
        session.edit(uri, { range: all, newText: template });
        assert.deepEqual(unversioned(await session.diagnostics(uri)), unversioned(before), `${length} characters`);
      }
    });

    it("are cleared when the document closes, and come again when it opens", async () => {
      const session = await start();
      session.open(uri, template);
      only(await session.diagnostics(uri), rule);
      session.close(uri);
      await session.until(() => session.published.at(-1)?.diagnostics.length === 0, "clearing");
      assert.equal(session.published.at(-1)?.uri, uri);
      const since = session.published.length;
      session.open(uri, template);
      only(await session.diagnostics(uri, since), rule);
    });

    it("are cleared when the text is no template any more", async () => {
      const session = await start();
      session.open(uri, template);
      only(await session.diagnostics(uri), rule);
      session.edit(uri, {
        range: { start: { line: 0, character: 0 }, end: { line: 500, character: 0 } },
        newText: foreign,
      });
      await session.until(() => session.published.at(-1)?.diagnostics.length === 0, "clearing");
    });

    it("say nothing of what is no template, at once even for five megabytes", async () => {
      const session = await start();
      const entry = "  - name: web\n    image: nginx\n    Resources: [a, b]\n    Type: AWS::S3::Bucket\n";
      const large = `items:\n${entry.repeat(Math.ceil(5_000_000 / entry.length))}`;
      session.open("file:///compose.yaml", foreign);
      session.open("file:///large.yaml", large);
      session.open("file:///large.json", JSON.stringify({ items: large.split("\n") }), "json");
      session.open("file:///empty.yaml", "");
      const started = performance.now();
      session.open(uri, template);
      await session.diagnostics(uri);
      const elapsed = performance.now() - started;
      assert.deepEqual([...new Set(session.published.map((params) => params.uri))], [uri]);
      // The bound is generous: parsing the documents would take ten seconds.
      assert.ok(elapsed < 2000, `${Math.round(elapsed)} ms`);
    });
  });

  describe("quick fixes", () => {
    /** Those of findings; a function has others too, which test/topology-server.test.ts is about. */
    const fixes = async (session: Session, ...asked: Parameters<Session["codeActions"]>) =>
      (await session.codeActions(...asked)).filter(({ diagnostics }) => diagnostics !== undefined);

    it("mend the fault that they are offered for", async () => {
      const session = await start();
      session.open(uri, template);
      const found = only(await session.diagnostics(uri), rule);
      const actions = await fixes(session, uri, [found]);
      assert.ok(actions.length > 0, "no quick fix");
      for (const action of actions) {
        assert.equal(action.kind, "quickfix");
        assert.deepEqual(action.diagnostics, [found]);
        const [change] = action.edit?.documentChanges ?? [];
        assert.ok(change && "edits" in change && "textDocument" in change);
        assert.deepEqual(change.textDocument, { uri, version: 1 });
      }
      assert.ok(actions.filter(({ isPreferred }) => isPreferred).length <= 1);
      const [first] = actions[0]?.edit?.documentChanges ?? [];
      assert.ok(first && "edits" in first);
      session.edit(uri, ...(first.edits as TextEdit[]));
      const after = await session.diagnostics(uri);
      none(after, rule);
      none(after, "template-syntax");
    });

    it("are plain changes for a client that knows no versions of documents", async () => {
      const session = await start({ capabilities: {} });
      session.open(uri, template);
      const [action] = await fixes(session, uri, [only(await session.diagnostics(uri), rule)]);
      assert.equal(action?.edit?.documentChanges, undefined);
      assert.ok((action?.edit?.changes?.[uri] ?? []).length > 0);
    });

    it("are dropped when the text has moved on", async () => {
      const session = await start();
      session.open(uri, template);
      const found = only(await session.diagnostics(uri), rule);
      session.replace(uri, "Resources:", "# one\nResources:");
      const { data: _, ...bare } = found;
      assert.deepEqual(await fixes(session, uri, [found]), []);
      assert.deepEqual(await fixes(session, uri, [bare]), []);
      const now = only(await session.diagnostics(uri), rule);
      assert.ok((await fixes(session, uri, [now])).length > 0);
    });

    it("are found again for a client that sends no data back, whatever it made of the message", async () => {
      const session = await start();
      session.open(uri, template);
      const found = only(await session.diagnostics(uri), rule);
      const { data: _, ...bare } = found;
      const edits = async (diagnostic: Diagnostic) =>
        (await fixes(session, uri, [diagnostic])).map(({ title, edit }) => ({ title, edit }));
      const expected = await edits(found);
      assert.ok(expected.length > 0);
      assert.deepEqual(await edits({ ...bare, message: "übersetzt" }), expected);
      assert.deepEqual(await edits({ ...bare, code: "another-rule" }), []);
      assert.deepEqual(await edits({ ...bare, source: "another-linter" }), []);
    });

    it("are offered only where quick fixes are asked for", async () => {
      const session = await start();
      session.open(uri, template);
      const found = only(await session.diagnostics(uri), rule);
      assert.deepEqual(await fixes(session, uri, [found], ["refactor", "source.fixAll"]), []);
      assert.ok((await fixes(session, uri, [found], ["quickfix"])).length > 0);
      assert.deepEqual(await fixes(session, "file:///closed.yaml", [found]), []);
    });
  });

  it("tells how each open document stands, to clients that want to know", async () => {
    const told: Status[] = [];
    const other = "file:///work%20space/compose.yaml";
    const session = await start({ initializationOptions: { status: true } });
    session.connection.onNotification(statusNotification.method, (status: Status) => void told.push(status));
    session.open(uri, template);
    await session.diagnostics(uri);
    session.open(other, "services: {}\n");
    session.replace(uri, "[!Ref Public]", "[!Ref Private]");
    await session.diagnostics(uri);
    const since = session.published.length;
    session.settings = () => ({ destination: "10.0.1.0/24:443" });
    session.configure(null);
    await session.diagnostics(uri, since);
    const none = { functions: 0, withoutInternet: 0, deployFails: 0, limited: 0, unknown: 0, destination: "" };
    const one = { uri, kind: "cloudformation", ...none, functions: 1 };
    assert.deepEqual(
      told.filter((status) => status.uri === uri && status.destination === ""),
      [{ ...one, withoutInternet: 1 }, one],
    );
    assert.deepEqual(
      told.find((status) => status.uri === other),
      { uri: other, kind: "not-a-template", ...none },
    );
    assert.match(told.findLast((status) => status.uri === uri)?.destination ?? "", /10\.0\.1\.0\/24/);
    assert.deepEqual(session.log, []);
  });

  describe("settings", () => {
    it("are asked for and re-lint what is open when they change", async () => {
      let settings: unknown = { rules: { [rule]: "off" } };
      const session = await start({ settings: () => settings });
      session.open(uri, template);
      none(await session.diagnostics(uri), rule);
      await session.until(() => session.registered.includes("workspace/didChangeConfiguration"), "registration");
      const change = async (value: unknown) => {
        settings = value;
        const since = session.published.length;
        session.configure(null);
        return session.diagnostics(uri, since);
      };
      assert.equal(only(await change({ rules: { [rule]: "hint" } }), rule).severity, DiagnosticSeverity.Hint);
      none(await change({ expect: "never" }), rule);
      only(await change({ expect: "internet" }), rule);
      only(await change(null), rule);
    });

    it("hold for the folder that they are set in", async () => {
      const folders = ["file:///one", "file:///two", "file:///one/inner"];
      const session = await start({
        folders,
        settings: (scope) =>
          scope === "file:///one" ? { rules: { [rule]: "off" } } : { ignore: ["legacy/", "**/cdk.out/**"] },
      });
      none(await session.diagnostics(session.open("file:///one/a.yaml", template)), rule);
      only(await session.diagnostics(session.open("file:///two/a.yaml", template)), rule);
      only(await session.diagnostics(session.open("file:///one/inner/a.yaml", template)), rule);
      session.open("file:///two/legacy/deep/a.yaml", template);
      session.open("file:///two/x/cdk%2Eout/a.yaml", template);
      session.open("file:///elsewhere/cdk.out/a.yaml", template);
      only(await session.diagnostics(session.open("file:///two/x/legacy/a.yaml", template)), rule);
      for (const { uri } of session.published) assert.doesNotMatch(uri, /two\/legacy|cdk/);
    });

    it("clear what they tell to ignore", async () => {
      let settings: unknown = {};
      const session = await start({ folders: ["file:///work space"], settings: () => settings });
      session.open(uri, template);
      only(await session.diagnostics(uri), rule);
      settings = { ignore: ["stack/*.yaml"] };
      session.configure(null);
      await session.until(() => session.published.at(-1)?.diagnostics.length === 0, "clearing");
    });

    it("come with the start, or pushed, from a client that cannot be asked", async () => {
      const session = await start({
        capabilities: {},
        initializationOptions: { lambdaEgress: { rules: { [rule]: "off" } } },
      });
      session.open(uri, template);
      none(await session.diagnostics(uri), rule);
      for (const settings of [{ lambdaEgress: { rules: { [rule]: "error" } } }, { rules: { [rule]: "error" } }]) {
        const since = session.published.length;
        session.configure(settings);
        assert.equal(only(await session.diagnostics(uri, since), rule).severity, DiagnosticSeverity.Error);
      }
    });

    it("that are not understood are named in the log, and the others hold", async () => {
      const settings = {
        expct: "never",
        expect: "sometimes",
        ignore: "x",
        rules: { [rule]: "hint", "no-such-rule": "off", "template-syntax": "loud" },
        trace: { server: "verbose" },
      };
      const session = await start({ settings: () => settings });
      session.open(uri, template);
      assert.equal(only(await session.diagnostics(uri), rule).severity, DiagnosticSeverity.Hint);
      for (const word of ['"expct"', "sometimes", '"ignore"', "no-such-rule", "loud"]) {
        assert.equal(session.log.filter((line) => line.includes(word)).length, 1, `${word}: ${session.log.join("\n")}`);
      }
      assert.equal(session.log.length, 5);
    });

    it("do not keep documents waiting for a client that fails to answer", async () => {
      const session = await start({
        settings: () => {
          throw new Error("no settings today");
        },
      });
      session.open(uri, template);
      only(await session.diagnostics(uri), rule);
      assert.match(session.log.join("\n"), /no settings today/);
    });
  });

  describe("process", () => {
    it("finds what it finds without the bundle that fixes need, and says when that is missing", async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-server-"));
      try {
        for (const name of ["server.js", "language-server.js", "engine.js"]) {
          fs.copyFileSync(path.join(path.dirname(server), name), path.join(folder, name));
        }
        const session = await start({ server: path.join(folder, "server.js") });
        session.open(uri, template);
        const found = only(await session.diagnostics(uri), rule);
        assert.deepEqual(await session.codeActions(uri, [found]), []);
        await session.until(() => session.log.some((line) => /^codeAction failed: .*late\.js/.test(line)), "log");
        session.replace(uri, "!Ref Public\n", "!Ref Public \n");
        only(await session.diagnostics(uri), rule);
      } finally {
        fs.rmSync(folder, { recursive: true, force: true });
      }
    });

    it("lives through malformed messages", async () => {
      const session = await start();
      const { connection } = session;
      session.open(uri, template);
      const found = only(await session.diagnostics(uri), rule);
      const garbage = { textDocument: { uri } } as never;
      await connection.sendNotification(DidOpenTextDocumentNotification.type, {} as never);
      await connection.sendNotification(DidOpenTextDocumentNotification.type, {
        textDocument: { uri: 7, text: null },
      } as never);
      await connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: null },
        contentChanges: [{}],
      });
      await connection.sendNotification("textDocument/didChange", {
        textDocument: { uri: "file:///never-opened" },
        contentChanges: [{ text: "" }],
      });
      await connection.sendNotification("textDocument/didClose", null);
      await connection.sendNotification("workspace/didChangeConfiguration", 7);
      await connection.sendNotification("no/such/notification", {});
      await assert.rejects(connection.sendRequest("no/such/request", {}), /Unhandled method/);
      assert.deepEqual(await connection.sendRequest(CodeActionRequest.type, garbage), []);
      for (const data of [null, 7, { version: 1, fixes: [{}] }, { version: 1, fixes: [{ title: "x", edits: [7] }] }]) {
        await session.codeActions(uri, [{ ...found, data }]);
      }
      const raw = (body: string) =>
        session.process.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      raw("{ this is no JSON");
      raw("[]");
      raw('"text"');
      const since = session.published.length;
      session.replace(uri, item, "!Ref Private]");
      none(await session.diagnostics(uri, since), rule);
      assert.equal(session.process.exitCode, null);
    });

    it("ends when its standard input ends, without a word", async () => {
      const session = await startSession();
      processes.push(session.process);
      session.open(uri, template);
      await session.diagnostics(uri);
      const exit = once(session.process, "exit");
      session.process.stdin?.end();
      assert.deepEqual(await exit, [1, null]);
      assert.equal(session.stderr, "");
    });

    it("ends when nobody reads its answers any more", async () => {
      const session = await startSession();
      processes.push(session.process);
      const exit = once(session.process, "exit");
      session.process.stdout?.destroy();
      session.open(uri, template);
      session.open("file:///other.yaml", template);
      assert.deepEqual(await exit, [1, null]);
      assert.equal(session.stderr, "");
    });

    it("ends with the Node IPC channel", async () => {
      const child = fork(server, ["--node-ipc"], { stdio: "pipe" });
      processes.push(child);
      const answer = once(child, "message");
      child.send({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { processId: null, rootUri: null, capabilities: {} },
      });
      const [{ result }] = await answer;
      assert.equal(result.serverInfo.name, "lambda-egress");
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    });

    it("speaks over standard input and output when no transport is named", async () => {
      const child = spawn(process.execPath, [server], { stdio: "pipe" });
      processes.push(child);
      const body = JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { processId: null, rootUri: null, capabilities: {} },
      });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      let answer = "";
      for await (const data of child.stdout) {
        answer += data;
        if (answer.includes('"serverInfo"')) break;
      }
      assert.match(answer, /"serverInfo"/);
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    });
  });

  it("says after any edits what a fresh server says of the text", async () => {
    const session = await start();
    session.open(uri, silent);
    const parts = ["!Ref Public", "!Ref Private", "\n", "  ", "Ü🚀", "]", "# x", "Resources:", "  Worker:\n"];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let round = 0; round < 40; round++) {
      const document = session.document(uri);
      const start = random(document.getText().length);
      const end = Math.min(start + random(12), document.getText().length);
      const range = { start: document.positionAt(start), end: document.positionAt(end) };
      session.edit(uri, { range, newText: parts[random(parts.length)] ?? "" });
      if (round % 8 !== 7) continue;
      const fresh = session.open(`file:///fresh-${round}.yaml`, session.text(uri));
      const barrier = session.open(`file:///barrier-${round}.yaml`, template);
      await session.diagnostics(barrier);
      const told = async (which: string) => {
        const last = session.published.findLast((params) => params.uri === which)?.diagnostics ?? [];
        return unversioned([last, await session.fixes(which, last)], which);
      };
      assert.deepEqual(await told(uri), await told(fresh), session.text(uri));
    }
  });
});

/** Returns the one diagnostic of the rule. */
function only(diagnostics: readonly Diagnostic[], code: string): Diagnostic {
  const found = diagnostics.filter((diagnostic) => diagnostic.code === code);
  assert.equal(found.length, 1, `${code} in ${JSON.stringify(diagnostics.map((each) => [each.code, each.message]))}`);
  return found[0] as Diagnostic;
}

function none(diagnostics: readonly Diagnostic[], code: string): void {
  assert.deepEqual(
    diagnostics.filter((diagnostic) => diagnostic.code === code),
    [],
  );
}

/** Diagnostics of two versions or documents are compared without what names either. */
function unversioned(told: unknown, uri = "file:"): unknown {
  const text = JSON.stringify(told, (key, value) => (key === "version" ? undefined : value));
  return JSON.parse(text.replaceAll(uri, "file:"));
}
