/**
 * What the editor shows while somebody reads or writes: lenses, hints, hovers and completions, asked of the
 * shipped server over its standard input and output.
 *
 * The templates in test/reading-aids/ carry what is shown under the lines that it is about; `UPDATE=1`
 * writes it anew.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import {
  type ClientCapabilities,
  type CodeLens,
  CodeLensRequest,
  type CompletionItem,
  CompletionRequest,
  type Hover,
  HoverRequest,
  type InlayHint,
  InlayHintRequest,
  type MarkupContent,
  type Position,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { meaningOf } from "../server/src/lint";
import { ruleOfFault } from "../server/src/report/source";
import { rules } from "../server/src/rules/index";
import { parse } from "../server/src/template/parse";
import { placeAt } from "../server/src/template/place";
import { newProblems, readFixtures } from "./harness";
import { capable, type Session, type SessionOptions, startSession } from "./lsp-session";

const folder = path.join(import.meta.dirname, "reading-aids");
const commands = ["lambdaEgress.showMap", "lambdaEgress.checkDeployed", "lambdaEgress.createTopology"];
const capabilities: ClientCapabilities = {
  workspace: { ...capable.workspace, codeLens: { refreshSupport: true }, inlayHint: { refreshSupport: true } },
  textDocument: { ...capable.textDocument, hover: { contentFormat: ["markdown"] } },
};

/** A line that says what is shown; neither YAML's nor a person's comments begin like this. */
const shown = /^(?:#|\/\/)> .*\n/gm;

const templates = fs.readdirSync(folder).map((name) => {
  const file = path.join(folder, name);
  const annotated = fs.readFileSync(file, "utf8");
  const language = name.endsWith(".json") ? "json" : "yaml";
  return { name, file, annotated, language, text: annotated.replace(shown, ""), uri: `file:///aids/${name}` };
});

describe("reading aids", function () {
  this.timeout(180_000);
  const sessions: Session[] = [];
  const start = async (options: SessionOptions): Promise<Session> => {
    const session = await startSession(options);
    sessions.push(session);
    return session;
  };
  afterEach(async () => {
    for (const session of sessions.splice(0)) {
      assert.equal(await session.stop(), 0);
      assert.deepEqual([session.stderr, session.log.filter((line) => line.includes("failed"))], ["", []]);
    }
  });

  for (const { name, file, annotated, language, text, uri } of templates) {
    it(`of ${name}, under every line`, async () => {
      const session = await start({ capabilities, initializationOptions: { commands } });
      session.open(uri, text, language);
      await session.diagnostics(uri);
      const made = await annotate(session, uri, language === "json" ? "//>" : "#>");
      if (process.env.UPDATE === "1") fs.writeFileSync(file, made);
      else assert.equal(made, annotated);
    });

    it(`complete ${name} back to what it is, however much of a value is typed`, async () => {
      const session = await start({ capabilities });
      session.open(uri, text, language);
      await session.diagnostics(uri);
      const slots = slotsIn(text);
      assert.ok(slots.length > 3, `${slots.length} places`);
      for (const slot of slots) await typeThrough(session, uri, text, slot);
    });
  }

  it("answer at once, at any place of a template of 500 resources", async () => {
    const session = await start({ capabilities });
    const uri = session.open("file:///aids/large.yaml", large());
    await session.diagnostics(uri);
    const document = session.document(uri);
    const times: number[] = [];
    for (let offset = 0; offset < document.getText().length; offset += 97) {
      const before = performance.now();
      await hover(session, uri, document.positionAt(offset));
      times.push(performance.now() - before);
    }
    const cursor = document.positionAt(document.getText().indexOf("!Ref Private0") + 5);
    for (let count = 0; count < 50; count++) {
      const before = performance.now();
      assert.ok((await complete(session, uri, cursor))?.length);
      times.push(performance.now() - before);
    }
    times.sort((a, b) => a - b);
    const median = times[Math.floor(times.length / 2)] ?? 0;
    assert.ok(median < 10, `${median} ms`);
  });

  it("harm no fixture: nothing is offered that breaks it, and no place is too much", async function () {
    const session = await start({ capabilities });
    this.timeout(180_000);
    let offered = 0;
    for (const { name, text, language } of readFixtures()) {
      const uri = session.open(`file:///fixtures/${name}`, text, language);
      const document = session.document(uri);
      const ends = [...text.matchAll(/(?:\bRef"?:? "?|Ids"?:? ?\[?|Id"?: ?|VpcConfig|Type"?: "?)\w*/g)];
      const places = ends
        .filter((_, at) => at % 9 === 0)
        .map(({ 0: { length }, index }) => document.positionAt(index + length));
      const answers = await Promise.all(
        places.map(async (place) => [await hover(session, uri, place), await complete(session, uri, place)] as const),
      );
      for (const [, items] of answers) {
        const [item] = items ?? [];
        if (item === undefined) continue;
        offered++;
        assert.deepEqual(newProblems(text, insert(text, item)), [], `${name}: ${JSON.stringify(item.textEdit)}`);
      }
      session.close(uri);
    }
    assert.ok(offered > 50, `${offered} offers`);
  });

  it("find a place, or none, behind every beginning of every fixture", () => {
    let found = 0;
    for (const { name, text } of readFixtures()) {
      for (let offset = 0; offset <= text.length; offset += 37) {
        const before = performance.now();
        const place = placeAt(text.slice(0, offset), offset);
        assert.ok(performance.now() - before < 1000, `${name} at ${offset}`);
        if (place === undefined) continue;
        found++;
        assert.ok(place.start <= offset && offset <= place.end, `${name} at ${offset}: ${JSON.stringify(place)}`);
      }
    }
    assert.ok(found > 1000, `${found} places`);
  });

  it("explain every fault by a rule that exists, or by none", () => {
    const faults = readFixtures().flatMap(({ text, parameters }) =>
      (meaningOf(parse(text), { parameters })?.functions ?? []).flatMap(({ exploration }) =>
        exploration.leaves.flatMap(({ result: { fn } }) => [
          ...(fn?.deployFaults ?? []),
          ...(fn?.subnets ?? []).flatMap(({ ipv4, ipv6 }) => [...ipv4.faults, ...ipv6.faults]),
        ]),
      ),
    );
    const explained = new Set(faults.map(ruleOfFault));
    assert.ok(explained.size > 20, `${explained.size} rules`);
    for (const id of explained) assert.ok(id === undefined || rules.some((rule) => rule.id === id), id);
  });

  describe("by what the editor can do", () => {
    const [serverless] = templates.filter(({ name }) => name === "serverless.yaml");
    const text = serverless?.text ?? "";

    it("as text without commands, and without Markdown", async () => {
      const session = await start({});
      const uri = session.open("file:///aids/plain.yaml", text);
      const lenses = await session.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
      assert.deepEqual(
        lenses?.map(({ command }) => command),
        [
          "Depends on CreateNat",
          "No internet: PublicA is a public subnet",
          "Unknown: subnets come from parameter Elsewhere",
          "Not in a VPC",
        ].map((title) => ({ title, command: "" })),
      );
      const { contents } = (await hover(session, uri, { line: 13, character: 3 })) ?? {};
      assert.equal((contents as MarkupContent).kind, "plaintext");
      assert.match((contents as MarkupContent).value, /^Worker reaches the internet\nWorker → PrivateA → /);
    });

    it("again when settings change, and without hints where they are turned off", async () => {
      let settings: unknown = null;
      const session = await start({ capabilities, settings: () => settings });
      const uri = session.open("file:///aids/again.yaml", text);
      await session.diagnostics(uri);
      assert.equal((await hints(session, uri)).length > 0, true);
      settings = { inlayHints: false, destination: "10.9.0.0/16:5432" };
      const { length } = session.refreshed;
      session.configure(null);
      await session.until(() => session.refreshed.length >= length + 2, "refresh");
      assert.deepEqual(session.refreshed.slice(length), ["workspace/codeLens/refresh", "workspace/inlayHint/refresh"]);
      assert.deepEqual(await hints(session, uri), []);
      const lenses = await session.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
      assert.match(lenses?.[1]?.command?.title ?? "", /^No way to 10\.9\.0\.0\/16 on port 5432: /);
    });

    it("never repeat a finding that stands at the same place", async () => {
      const session = await start({ capabilities });
      const uri = session.open("file:///aids/told.yaml", text);
      await session.diagnostics(uri);
      const document = session.document(uri);
      const at = document.positionAt(text.indexOf("!Ref PublicA]"));
      const { contents } = (await hover(session, uri, at)) ?? {};
      const said = (contents as MarkupContent).value;
      assert.match(said, /✗/);
      assert.doesNotMatch(said, /rules\/public-subnet\.md/);
    });

    it("nothing in files that are no templates, and nothing at other values", async () => {
      const session = await start({ capabilities });
      const other = session.open("file:///aids/compose.yaml", "services:\n  web:\n    image: \n");
      assert.equal(await hover(session, other, { line: 1, character: 3 }), null);
      assert.equal(await complete(session, other, { line: 2, character: 11 }), null);
      const uri = session.open("file:///aids/other.yaml", text.replace("Handler: index.handler", "Handler: "));
      const cursor = session.document(uri).positionAt(text.indexOf("Handler: ") + "Handler: ".length);
      assert.equal(await complete(session, uri, cursor), null);
    });
  });
});

/** Returns the template with what is shown of it under its lines. */
async function annotate(session: Session, uri: string, sign: string): Promise<string> {
  const document = session.document(uri);
  const text = document.getText();
  const beneath = new Map<number, string[]>();
  const put = (line: number, what: string) => {
    const rows = beneath.get(line) ?? [];
    if (!rows.includes(what)) beneath.set(line, [...rows, what]);
  };
  const lenses: CodeLens[] =
    (await session.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? [];
  for (const { range, command } of lenses) {
    put(range.start.line, `lens: ${command?.title}${command?.command === "" ? "" : ` (${command?.command})`}`);
    if (command?.command !== "")
      assert.deepEqual(command?.arguments, [uri, document.getText(range).replaceAll('"', "")]);
  }
  for (const { position, label, tooltip } of await hints(session, uri)) {
    assert.ok(tooltip !== undefined, String(label));
    put(position.line, `hint at ${position.character}: ${label}`);
  }
  for (let offset = 0; offset <= text.length; offset++) {
    const found = await hover(session, uri, document.positionAt(offset));
    if (!found?.range) continue;
    const words = (found.contents as MarkupContent).value.replace(/\(https:[^)]*\)/g, "").split("\n\n");
    put(found.range.start.line, [`hover ${document.getText(found.range)}: ${words.join(`\n${sign}   `)}`].join(""));
  }
  return text
    .split(/(?<=\n)/)
    .map((line, index) => line + (beneath.get(index) ?? []).map((row) => `${sign} ${row}\n`).join(""))
    .join("");
}

interface Typed {
  readonly start: number;
  readonly end: number;
}

/** The references and policies that this server completes, in the text as they are written. */
function slotsIn(text: string): readonly Typed[] {
  const keys = "(?:SubnetId|NatGatewayId|(?<!Internet)GatewayId|RouteTableId)";
  const pattern = text.startsWith("{")
    ? new RegExp(`(?<=(?:^ +|"${keys}": )\\{ "Ref": )"\\w+"|"arn:[^"]+/AWSLambda\\w+"`, "gm")
    : new RegExp(`(?<=^ +- |Ids: \\[|${keys}: )!Ref \\w+|(?<=^ +- )!Sub arn:\\S+`, "gm");
  return [...text.matchAll(pattern)].map(({ 0: value, index }) => ({ start: index, end: index + value.length }));
}

/** Types a value letter by letter; wherever something is offered, the value itself must be, and give what was there. */
async function typeThrough(session: Session, uri: string, text: string, { start, end }: Typed): Promise<void> {
  const value = text.slice(start, end);
  const name = /(\w+)\W*$/.exec(value)?.[1] ?? "";
  const missed: string[] = [];
  for (let length = 0; length <= value.length; length += length < 6 ? 1 : 4) {
    const typed = text.slice(0, start + length) + text.slice(end);
    const document = session.document(uri);
    const range = { start: document.positionAt(0), end: document.positionAt(document.getText().length) };
    session.edit(uri, { range, newText: typed });
    const items = await complete(session, uri, session.document(uri).positionAt(start + length));
    const item = items?.find(({ label }) => label === name);
    const { newText = "" } = (item?.textEdit ?? {}) as Partial<TextEdit>;
    if (item === undefined) missed.push(value.slice(0, length));
    else assert.deepEqual(toPlain(insert(typed, item)), toPlain(text), `${value.slice(0, length)}: ${newText}`);
  }
  assert.deepEqual(missed, [], `${value} at ${start} is not offered behind all of its beginnings`);
}

function toPlain(text: string): unknown {
  const { root, problems } = parse(text);
  assert.deepEqual(problems, []);
  return JSON.parse(
    JSON.stringify(root, (key, value) => (["block", "from", "to", "quoted"].includes(key) ? undefined : value)),
  );
}

function insert(text: string, item: CompletionItem): string {
  return TextDocument.applyEdits(TextDocument.create("file:///x", "yaml", 1, text), [item.textEdit as TextEdit]);
}

function hover(session: Session, uri: string, position: Position): Promise<Hover | null> {
  return session.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
}

async function complete(session: Session, uri: string, position: Position): Promise<CompletionItem[] | null> {
  const answer = await session.connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position });
  return answer as CompletionItem[] | null;
}

async function hints(session: Session, uri: string): Promise<InlayHint[]> {
  const range = { start: { line: 0, character: 0 }, end: { line: 100_000, character: 0 } };
  return (await session.connection.sendRequest(InlayHintRequest.type, { textDocument: { uri }, range })) ?? [];
}

/** 500 resources: 80 functions in 80 subnets of their own, each with its table, behind one NAT gateway. */
function large(): string {
  const [network = ""] = templates.flatMap(({ name, text }) => (name === "serverless.yaml" ? [text] : []));
  const units = Array.from({ length: 80 }, (_, index) => {
    const resource = (id: string, type: string, properties: readonly string[]) =>
      [
        `  ${id}${index}:`,
        `    Type: AWS::${type}`,
        "    Properties:",
        ...properties.map((line) => `      ${line}`),
        "",
      ].join("\n");
    return [
      resource("Private", "EC2::Subnet", ["VpcId: !Ref Vpc", `CidrBlock: 10.0.${index + 10}.0/24`]),
      resource("Table", "EC2::RouteTable", ["VpcId: !Ref Vpc"]),
      resource("Route", "EC2::Route", [
        `RouteTableId: !Ref Table${index}`,
        "DestinationCidrBlock: 0.0.0.0/0",
        "NatGatewayId: !Ref Nat",
      ]),
      resource("Use", "EC2::SubnetRouteTableAssociation", [
        `SubnetId: !Ref Private${index}`,
        `RouteTableId: !Ref Table${index}`,
      ]),
      resource("Topic", "SNS::Topic", ["DisplayName: none"]),
      resource("Fn", "Serverless::Function", [
        "Runtime: nodejs22.x",
        "Handler: index.handler",
        "CodeUri: src/",
        "VpcConfig:",
        "  SecurityGroupIds: [!Ref OpenGroup]",
        `  SubnetIds: [!Ref Private${index}]`,
      ]),
    ].join("");
  });
  return network + units.join("");
}
