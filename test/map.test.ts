/** The egress map: laws over every fixture, and the pictures of a few networks in detail. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { internet } from "../server/src/network/egress";
import { drawMap } from "../server/src/report/map/draw";
import { type Graph, graphOf, type MapNode, type Walk } from "../server/src/report/map/graph";
import { layOut } from "../server/src/report/map/layout";
import type { Box, Point } from "../server/src/report/map/lines";
import { measure } from "../server/src/report/map/measure";
import { type Topology, topologyOf } from "../server/src/report/map/topology";
import { parse } from "../server/src/template/parse";
import { strip } from "./annotations";
import { type CommandLine, commandLine } from "./command-line";
import { type Fixture, readFixtures } from "./harness";
import { templateOf } from "./live/network-template";
import { type Plan, plans } from "./live/random-network";
import { startSession } from "./lsp-session";

const root = path.resolve(import.meta.dirname, "..");
const plain = { catalogue: {}, uncut: false };

describe("the egress map", function () {
  this.timeout(30_000);

  for (const [folder, fixtures] of byFolder(readFixtures())) {
    it(`holds its laws for every function in fixtures/${folder}`, function () {
      this.timeout(300_000);
      for (const fixture of fixtures) {
        const { text, parameters } = fixture;
        const all = topologyOf(parse(text), { parameters });
        for (const { id } of all?.functions ?? []) {
          const topology = topologyOf(parse(text), { parameters, chosen: id });
          assert.ok(topology !== undefined && topology.shown.length === 1, `${fixture.name} ${id}`);
          try {
            checkLaws(topology);
          } catch (error) {
            throw new Error(`${fixture.name}, ${id}: ${error instanceof Error ? error.message : error}`, {
              cause: error,
            });
          }
        }
        // The same text gives the same picture, all functions at once.
        if (all !== undefined && all.functions.length > 1) {
          const again = topologyOf(parse(text), { parameters });
          assert.equal(draw(again).svg, draw(all).svg);
          checkLaws(all);
        }
      }
    });
  }

  it("holds its laws for random networks", function () {
    this.timeout(120_000);
    const holds = (plan: Plan): void => checkLaws(topologyOf(parse(templateOf(plan))) ?? assert.fail("no template"));
    fc.assert(fc.property(plans, holds), { numRuns: 60 });
  });

  it("shows the fault of a public subnet where it is", () => {
    const { nodes, edges } = graphOfExample("public-subnet.yaml");
    assert.deepEqual(states(nodes), {
      "function:OrderNotifier": "broken",
      "subnet:PublicSubnet": "lit",
      "subnet:PrivateSubnet": "dim",
      "nat-gateway:Nat": "dim",
      "internet:": "broken",
      "internet-gateway:InternetGateway": "dim",
      "route-table:PublicRoutes": "broken",
      "route-table:PrivateRoutes": "dim",
    });
    assert.deepEqual(
      edges.filter(({ state }) => state !== "dim").map(({ from, to, state }) => `${from} ${to} ${state}`),
      [
        "function:OrderNotifier subnet:PublicSubnet lit",
        "route-table:PublicRoutes internet-gateway:InternetGateway broken",
        "subnet:PublicSubnet route-table:PublicRoutes lit",
      ],
    );
  });

  it("lights a whole way out, through the NAT gateway's own subnet", () => {
    const { nodes, edges, clusters } = graphOfExample("good.yaml");
    assert.deepEqual(new Set(nodes.map(({ state }) => state)), new Set(["lit"]));
    assert.deepEqual(new Set(edges.map(({ state }) => state)), new Set(["lit"]));
    assert.deepEqual(clusters.map(({ id }) => id).sort(), [
      "in:PublicSubnetA",
      "in:PublicSubnetB",
      "vpc:Vpc",
      "zone:vpc:Vpc/zones:[0]",
      "zone:vpc:Vpc/zones:[1]",
    ]);
  });

  it("tells a way out that works now and then from one that works", () => {
    const { nodes } = graphOfExample("forgotten-association.yaml");
    const { "function:Geocoder": fn, "internet:": end, "route-table:main of Vpc": main } = states(nodes);
    assert.deepEqual({ fn, end, main }, { fn: "fair", end: "fair", main: "broken" });
  });

  it("shows hostile names as text", () => {
    const hostile = `</text><script>alert(1)</script>"'&]]>\u0001`;
    const text = JSON.stringify({
      Resources: {
        Worker: {
          Type: "AWS::Lambda::Function",
          Properties: { VpcConfig: { SubnetIds: [hostile, { Ref: "Home" }], SecurityGroupIds: [hostile] } },
        },
        Home: {
          Type: "AWS::EC2::Subnet",
          Properties: { VpcId: hostile, AvailabilityZone: hostile, CidrBlock: hostile },
        },
        "<b>end": { Type: "AWS::EC2::RouteTable", Properties: { VpcId: hostile } },
      },
    });
    const { svg, mermaid } = draw(topologyOf(parse(text)));
    const names = checkXml(svg);
    assert.ok(!names.includes("script"));
    assert.ok(svg.includes("&#60;/text&#62;&#60;script&#62;"));
    checkMermaid(mermaid);
    assert.doesNotMatch(mermaid, /<script|<b>end|"'/);
  });

  it("needs no network, no function and no subnet to draw something", () => {
    for (const text of [
      "Resources: {V: {Type: 'AWS::EC2::VPC'}}",
      "Resources: {F: {Type: 'AWS::Lambda::Function', Properties: {}}}",
    ]) {
      const { svg, mermaid } = draw(topologyOf(parse(text)));
      checkXml(svg);
      checkMermaid(mermaid);
    }
    assert.equal(topologyOf(parse("a: b")), undefined);
    assert.equal(topologyOf(parse("Resources: {V: {Type: 'AWS::EC2::VPC'}}"), { chosen: "Gone" }), undefined);
  });

  it("draws a large network in bounded time, the chosen function's part of it", () => {
    const { network } = topologyOf(parse(large(60)), { chosen: "F1" }) ?? {};
    assert.equal(network?.subnets.size, 4);
  });
});

describe("lambda-egress map", function () {
  this.timeout(30_000);
  let program: CommandLine;
  const example = fs.readFileSync(path.join(root, "examples/public-subnet.yaml"), "utf8");
  before(async () => {
    program = await commandLine();
  });
  after(() => program.remove());

  it("prints SVG, follows one function, and writes what the output's name asks for", async () => {
    const folder = program.folder({ "t.yaml": example });
    const printed = await program.run(folder, ["map", "t.yaml"]);
    assert.equal(printed.status, 0);
    checkXml(printed.stdout);
    const written = await program.run(folder, ["map", "t.yaml", "--function", "OrderNotifier", "-o", "map.mmd"]);
    assert.deepEqual(written, { status: 0, stdout: "", stderr: "" });
    checkMermaid(fs.readFileSync(path.join(folder, "map.mmd"), "utf8"));
    const input = await program.run(folder, ["map", "-", "--format", "mermaid"], example);
    assert.match(input.stdout, /^flowchart LR\n/);
  });

  it("takes parameters", async () => {
    const text = `Parameters: {Out: {Type: String, Default: 'no'}}
Conditions: {Out: !Equals [!Ref Out, 'yes']}
Resources:
  Gateway: {Type: AWS::EC2::InternetGateway, Condition: Out}
`;
    const folder = program.folder({ "t.yaml": text });
    const nodes = async (...args: string[]) => (await program.run(folder, ["map", "t.yaml", ...args])).stdout;
    assert.doesNotMatch(await nodes(), /internet-gateway:Gateway/);
    assert.match(await nodes("--param", "Out=yes"), /internet-gateway:Gateway/);
  });

  it("draws what check looks at: the folder's file, parameter files, other templates", async () => {
    const linked = (name: string) =>
      strip(fs.readFileSync(path.join(root, "test/fixtures-linked/import-pattern", name), "utf8"), "yaml");
    const folder = program.folder({
      "app.yaml": linked("app.yaml"),
      "network.yaml": linked("network.yaml"),
      ".lambda-egress.yaml": "destination: 203.0.113.7/32:5432\nparameterFiles: [values/*.json]\n",
      "values/dev.json": JSON.stringify({ Parameters: { NetworkStack: "network" } }),
      "account.json": "{}",
    });
    const draw = async (...args: string[]) => program.run(folder, ["map", "app.yaml", ...args]);
    const { stdout } = await draw();
    assert.match(stdout, /203\.0\.113\.7/);
    assert.match(stdout, /nat-gateway:network#Nat/);
    const alone = (await draw("--no-siblings", "--destination", "0.0.0.0/0:443")).stdout;
    assert.doesNotMatch(alone, /203\.0\.113\.7|network#Nat/);
    assert.equal((await draw("--param-set", "dev")).status, 0);
    for (const args of [
      ["--param-set", "prod"],
      ["--account-cache", "account.json"],
    ]) {
      const { status, stdout, stderr } = await draw(...args);
      assert.deepEqual([status, stdout], [2, ""], stderr);
    }
  });

  it("says what it cannot draw, with status 2", async () => {
    const folder = program.folder({ "t.yaml": example, "no.yaml": "a: b" });
    for (const [args, problem] of [
      [
        ["t.yaml", "--function", "Nobody"],
        /^lambda-egress: t.yaml: no function is called Nobody; there are OrderNotifier\n$/,
      ],
      [["no.yaml"], /^lambda-egress: no.yaml: not a CloudFormation template\n$/],
      [["gone.yaml"], /^lambda-egress: gone.yaml: no such file or folder\n$/],
      [["t.yaml", "-o", "gone/map.svg"], /^lambda-egress: gone\/map.svg: ENOENT/],
    ] as const) {
      const { status, stdout, stderr } = await program.run(folder, ["map", ...args]);
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, problem);
    }
  });
});

describe("the request lambdaEgress/map", function () {
  this.timeout(20_000);

  it("draws the text as it is now, with the lines that its nodes stand for", async () => {
    const session = await startSession();
    const uri = session.open("file:///t.yaml", fs.readFileSync(path.join(root, "examples/public-subnet.yaml"), "utf8"));
    const ask = (params: object = {}) =>
      session.connection.sendRequest<MapAnswer | null>("lambdaEgress/map", { textDocument: { uri }, ...params });
    const before = await ask({ function: "OrderNotifier" });
    assert.equal(before?.title, "OrderNotifier: no internet");
    assert.deepEqual(
      before?.functions.map(({ id, verdict, says }) => [id, verdict, says]),
      [["OrderNotifier", "no-internet", "no internet"]],
    );
    for (const { id, range } of before?.nodes ?? []) {
      if (id !== "internet:") assert.equal(session.text(uri, range), id.slice(id.indexOf(":") + 1));
    }
    const failed = before?.paths[0]?.steps.find(({ status }) => status === "failed");
    assert.equal(failed?.range && session.text(uri, failed.range), "PublicDefault");
    checkXml(before?.svg ?? "");
    // No waiting for diagnostics in between: the answer is about the last edit.
    session.replace(uri, "- !Ref PublicSubnet", "- !Ref PrivateSubnet");
    assert.equal((await ask())?.title, "OrderNotifier: reaches the internet");
    assert.equal((await ask({ function: "Gone" }))?.function, undefined);
    session.open("file:///other.yaml", "a: b");
    assert.equal(await ask({ textDocument: { uri: "file:///other.yaml" } }), null);
    assert.equal(await ask({ textDocument: { uri: "file:///closed.yaml" } }), null);
    assert.equal(await session.stop(), 0);
    assert.equal(session.stderr, "");
  });
});

type MapAnswer = import("../server/src/lsp/map").MapAnswer;

function draw(topology: Topology | undefined) {
  assert.ok(topology !== undefined);
  return drawMap({ network: topology.network, functions: topology.shown });
}

function checkLaws(topology: Topology): void {
  const graph = graphOf(topology.network, topology.shown, internet);
  checkHops(topology, graph);
  checkBoxes(graph);
  const { svg, mermaid, nodes } = draw(topology);
  checkXml(svg);
  const drawn = new Map(
    [...svg.matchAll(/<g class="node (\S+) (\S+)" data-node="([^"]*)"/g)].map((one) => [one[3], one]),
  );
  assert.equal(drawn.size, graph.nodes.length);
  for (const { id, kind, state } of graph.nodes) {
    const escaped = id.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
    assert.deepEqual(drawn.get(escaped)?.slice(1, 3), [kind, state], id);
  }
  assert.ok(nodes.every(({ id }) => graph.nodes.some((node) => node.id === id)));
  checkMermaid(mermaid);
}

/** Every hop of every path is in the graph, in a node or a row that says what it came to. */
function checkHops({ shown }: Topology, graph: Graph): void {
  const hops = shown.flatMap(({ subnets }) =>
    subnets.flatMap(({ ipv4, ipv6 }) => [ipv4, ...(ipv6.verdict === "off" ? [] : [ipv6])].flatMap((one) => one.hops)),
  );
  const steps = graph.walks.flatMap((walk: Walk) => walk.steps);
  assert.equal(steps.length, hops.length);
  for (const [index, hop] of hops.entries()) {
    const step = steps[index];
    assert.ok(step !== undefined && step.status === hop.status && step.kind === hop.kind);
    const node = graph.nodes.find(({ id }) => id === step.node);
    assert.ok(node !== undefined, `${hop.kind} ${hop.id} is not in the graph`);
    const place = step.row ?? node;
    assert.ok(step.row === undefined || node.rows.includes(step.row), `${hop.kind} ${hop.id} is a row of another node`);
    const admitted = {
      passed: ["lit", "open", "fair", "broken"],
      unknown: ["open", "fair", "broken"],
      failed: ["broken"],
    };
    const allowed =
      node.kind === "function" && step.row === undefined ? ["lit", "fair", "broken", "open"] : admitted[hop.status];
    assert.ok(allowed.includes(place.state), `${hop.kind} ${hop.id} ${hop.status} is ${place.state}`);
    if (hop.status !== "passed") {
      assert.ok(
        place.whys.some(({ text }) => JSON.stringify(text) === JSON.stringify(hop.why)),
        `${hop.id} lacks its reason`,
      );
    }
  }
  for (const { verdict, fn } of shown) {
    const end = graph.nodes.find(({ kind }) => kind === "internet")?.state;
    if (shown.length === 1 && verdict === "internet") assert.equal(end, "lit", fn.key);
    if (shown.length === 1 && verdict === "no-internet") assert.equal(end, "broken", fn.key);
  }
}

/** Nothing overlaps, nothing leaves the picture, and no text its card. */
function checkBoxes(graph: Graph): void {
  const { left, width, height, cards, clusters, edges } = layOut(graph, plain);
  const overlaps = (a: Box, b: Box): boolean =>
    a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
  for (const [index, { card, box }] of cards.entries()) {
    const name = card.node.id;
    for (const other of cards.slice(index + 1)) {
      assert.ok(!overlaps(box, other.box), `${name} overlaps ${other.card.node.id}`);
    }
    const isShown = box.left >= left && box.left + box.width <= left + width && box.top >= 0;
    assert.ok(isShown && box.top + box.height <= height, `${name} leaves the picture`);
    for (const { kind, text, x, y } of card.lines) {
      const font = kind === "name" ? { size: 13, bold: true } : { size: 11 };
      assert.ok(x + measure(text, font) <= card.width && y < card.height, `${name}: “${text}” leaves its card`);
    }
    for (const { edge, points } of edges) {
      if (edge.from === name) assert.ok(touches(points[0], box), `the line to ${edge.to} does not begin at ${name}`);
      if (edge.to === name)
        assert.ok(touches(points.at(-1), box), `the line from ${edge.from} does not end at ${name}`);
    }
    const homes = ancestors(card.node, graph);
    for (const { cluster, box: around } of clusters) {
      const isInside =
        box.left >= around.left &&
        box.top >= around.top &&
        box.left + box.width <= around.left + around.width &&
        box.top + box.height <= around.top + around.height;
      if (homes.includes(cluster.id)) assert.ok(isInside, `${name} sticks out of ${cluster.id}`);
      else assert.ok(!overlaps(box, around), `${name} stands in ${cluster.id}`);
    }
  }
}

function touches(point: Point | undefined, { left, top, width, height }: Box): boolean {
  if (point === undefined) return false;
  const { x, y } = point;
  return x >= left - 1 && x <= left + width + 1 && y >= top - 1 && y <= top + height + 1;
}

function ancestors(node: MapNode, { clusters }: Graph): string[] {
  const found: string[] = [];
  for (let id = node.parent; id !== undefined; id = clusters.find((one) => one.id === id)?.parent) found.push(id);
  return found;
}

/** Demands well-formed XML of the plain kind that is written here; returns the names of its elements. */
function checkXml(text: string): string[] {
  const token = /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>|(?:[^<&]|&#\d+;)+/y;
  const [open, names]: [string[], string[]] = [[], []];
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    assert.ok(found !== null, `no XML: ${text.slice(at, at + 80)}`);
    const [, closing, name, attributes = "", single] = found;
    if (name === undefined) continue;
    const given = [...attributes.matchAll(/ ([a-zA-Z:-]+)=/g)].map((one) => one[1]);
    assert.equal(new Set(given).size, given.length, `an attribute twice: ${found[0]}`);
    if (closing === "/") assert.equal(open.pop(), name);
    else {
      names.push(name);
      if (single !== "/") open.push(name);
    }
  }
  assert.deepEqual(open, []);
  // biome-ignore lint: these are what XML does not admit.
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
  return names;
}

/** Demands the few forms of a Mermaid flowchart that are written here, each id declared before its use. */
function checkMermaid(text: string): void {
  const [head, ...lines] = text.trimEnd().split("\n");
  assert.equal(head, "flowchart LR");
  const [nodes, links] = [new Set<string>(), [] as string[]];
  let depth = 0;
  for (const line of lines) {
    const node = /^ +(n\d+)\(?\["(?:[^"<]|<\/?b>|<br\/>)*"\]\)?$/.exec(line);
    const link = /^ {2}(n\d+) (?:-->|==>|-\. "[✗?]" \.->) (n\d+)$/.exec(line);
    if (node !== null) nodes.add(node[1] ?? "");
    else if (link !== null) links.push(link[1] ?? "", link[2] ?? "");
    else if (/^ +subgraph c\d+\["[^"<]*"\]$/.test(line)) depth++;
    else if (/^ +end$/.test(line)) depth--;
    else
      assert.match(
        line,
        /^ {2}(?:classDef \w+ [\w:#.,-]+(?: \d+)?|class n\d+(?:,n\d+)* \w+|linkStyle \d+ [\w:#.,-]+)$/,
      );
    assert.ok(depth >= 0, "an end too many");
  }
  assert.equal(depth, 0);
  for (const id of links) assert.ok(nodes.has(id), `${id} is linked and not declared`);
}

function graphOfExample(name: string): Graph {
  const topology = topologyOf(parse(fs.readFileSync(path.join(root, "examples", name), "utf8")));
  assert.ok(topology !== undefined);
  return graphOf(topology.network, topology.shown, internet);
}

function states(nodes: readonly MapNode[]): Record<string, string> {
  return Object.fromEntries(nodes.map(({ id, state }) => [id, state]));
}

function byFolder(fixtures: readonly Fixture[]): Map<string, Fixture[]> {
  const folders = new Map<string, Fixture[]>();
  for (const fixture of fixtures) {
    const folder = fixture.name.split("/")[0] ?? "";
    folders.set(folder, [...(folders.get(folder) ?? []), fixture]);
  }
  return folders;
}

/** A VPC with as many functions, each with two subnets and a NAT gateway of its own. */
function large(count: number): string {
  const resources: Record<string, unknown> = {
    Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: "10.0.0.0/8" } },
  };
  const subnet = (CidrBlock: string) => ({
    Type: "AWS::EC2::Subnet",
    Properties: { VpcId: { Ref: "Vpc" }, CidrBlock },
  });
  for (let n = 0; n < count; n++) {
    resources[`P${n}`] = subnet(`10.${n}.0.0/24`);
    resources[`Q${n}`] = subnet(`10.${n}.1.0/24`);
    resources[`T${n}`] = { Type: "AWS::EC2::RouteTable", Properties: { VpcId: { Ref: "Vpc" } } };
    const both = [{ Ref: `P${n}` }, { Ref: `Q${n}` }, { Ref: `P${(n + 1) % count}` }, { Ref: `Q${(n + 1) % count}` }];
    resources[`F${n}`] = {
      Type: "AWS::Lambda::Function",
      Properties: { VpcConfig: { SubnetIds: both, SecurityGroupIds: ["sg-1"] } },
    };
  }
  return JSON.stringify({ Resources: resources });
}
