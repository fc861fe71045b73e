/** CloudFormation's tags for the YAML extension, held to the language server that it runs. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ConfigurationRequest,
  createProtocolConnection,
  DidChangeConfigurationNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { cloudFormationTags, missingTags, withTags } from "../client/src/yaml-tags";

const root = join(import.meta.dirname, "..");

describe("yaml.customTags", () => {
  it("lacks all tags where it is not set, or is no list", () => {
    for (const value of [undefined, null, [], "!Ref", {}]) {
      assert.deepEqual(missingTags(value), cloudFormationTags);
      assert.deepEqual(withTags(value), cloudFormationTags);
    }
  });

  it("keeps what is there, in its order, and gets each tag once", () => {
    const present = ["!vault scalar", "!Ref", "!GetAtt  Sequence", "!Sub scalar:string", 7, "!Ref mapping"];
    const merged = withTags(present);
    assert.deepEqual(merged.slice(0, present.length), present);
    for (const tag of ["!Ref scalar", "!GetAtt sequence", "!Sub scalar"]) assert.ok(!merged.includes(tag), tag);
    for (const tag of ["!GetAtt scalar", "!Sub sequence"]) assert.ok(merged.includes(tag), tag);
    assert.deepEqual(missingTags(merged), []);
    assert.deepEqual(withTags(merged), merged);
  });

  describe("as the YAML language server understands it", function () {
    this.timeout(30_000);
    this.slow(5_000);
    let server: ChildProcessWithoutNullStreams;
    let connection: ProtocolConnection;
    const heard = new Map<string, (messages: readonly string[]) => void>();
    let tags: readonly unknown[] = [];
    let count = 0;

    before(async () => {
      const program = join(root, "node_modules/yaml-language-server/bin/yaml-language-server");
      server = spawn(process.execPath, [program, "--stdio"]);
      connection = createProtocolConnection(
        new StreamMessageReader(server.stdout),
        new StreamMessageWriter(server.stdin),
      );
      connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
        heard.get(uri)?.(diagnostics.map(({ message }) => String(message)));
      });
      connection.onRequest(ConfigurationRequest.type, ({ items }) =>
        items.map(({ section }) => (section === "yaml" ? { customTags: tags, schemaStore: { enable: false } } : null)),
      );
      connection.listen();
      const capabilities = { workspace: { configuration: true } };
      const start = { processId: process.pid, rootUri: null, capabilities, workspaceFolders: null };
      await connection.sendRequest(InitializeRequest.type, start);
      await connection.sendNotification(InitializedNotification.type, {});
    });

    after(async () => {
      await connection.sendRequest(ShutdownRequest.type);
      await connection.sendNotification(ExitNotification.type);
      connection.dispose();
      server.kill();
    });

    /** Returns what the server has to say of texts, with this list of tags. */
    async function check(customTags: readonly unknown[], ...texts: readonly string[]): Promise<readonly string[]> {
      tags = customTags;
      await connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
      const answers = texts.map(async (text) => {
        const uri = `file:///template-${count++}.yaml`;
        const answer = new Promise<readonly string[]>((resolve) => heard.set(uri, resolve));
        const textDocument = { uri, languageId: "yaml", version: 1, text };
        await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
        return answer;
      });
      return (await Promise.all(answers)).flat();
    }

    it("complains of every form without the list, and of none with it", async () => {
      const values = { scalar: "X", sequence: "[X]", mapping: "{ X: Y }" };
      const text = cloudFormationTags
        .map((entry, index) => {
          const [tag, form] = entry.split(" ");
          return `Key${index}: ${tag} ${values[form as keyof typeof values]}\n`;
        })
        .join("");
      const complaints = await check([], text);
      assert.equal(complaints.length, cloudFormationTags.length);
      assert.ok(complaints.every((message) => message.startsWith("Unresolved tag: !")));
      assert.deepEqual(await check(cloudFormationTags, text), []);
    });

    it("has no complaint about our examples and snippets with the list", async () => {
      const texts = ["examples", "snippets"].flatMap((folder) =>
        readdirSync(join(root, folder)).flatMap((name) =>
          name.endsWith(".yaml") ? [readFileSync(join(root, folder, name), "utf8")] : [],
        ),
      );
      assert.ok((await check([], ...texts)).length >= texts.length);
      assert.deepEqual(await check(cloudFormationTags, ...texts), []);
    });

    it("reads an entry without a form as a scalar's, as we do", async () => {
      assert.deepEqual(await check(["!Ref"], "A: !Ref B\n"), []);
      assert.notDeepEqual(await check(["!Ref"], "A: !Ref [B]\n"), []);
    });
  });
});
