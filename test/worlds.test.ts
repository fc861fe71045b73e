/** How many worlds a template stands for, which of them are looked at, and what is said of them. */
import assert from "node:assert/strict";
import { analyse } from "../server/src/analysis";
import { type LintResult, lint } from "../server/src/lint";
import { render } from "../server/src/message";
import { internet } from "../server/src/network/egress";
import { subjectOf } from "../server/src/subject";
import { parse } from "../server/src/template/parse";
import { readTemplate } from "../server/src/template/read";
import { type Assignment, explore, type Oracle, smallestAssignment, worldCap } from "../server/src/template/worlds";
import { conditionalTemplate } from "./conditional-template";
import { readFixture } from "./harness";

describe("worlds of a template", function () {
  this.timeout(20_000);

  it("fifty unrelated conditions cost nothing", () => {
    const { text } = readFixture("conditions/fifty-unrelated.yaml");
    assert.match(text, /C49: !Equals/);
    assert.deepEqual(worldsOf(text), ["Mode=open", "Mode!=open"]);
  });

  it("conditions of other functions cost nothing", () => {
    const other = "  Stranger:\n    Type: AWS::SQS::Queue\n    Condition: IsHome\n";
    const { text } = readFixture("conditions/two-parameters.yaml");
    assert.equal(worldsOf(text).length, 2);
    assert.deepEqual(worldsOf(text), worldsOf(text.replace("Resources:\n", `Resources:\n${other}`)));
  });

  it("twelve conditions of which one is enough open thirteen worlds", () => {
    const { text } = readFixture("conditions/twelve-in-the-slice.yaml");
    assert.equal(worldsOf(text).length, 13);
    assert.deepEqual(said(lint(parse(text))), []);
  });

  it("more worlds than are looked at reach the cap, the nearest first, and findings say so; verdicts are complete", () => {
    const conditions = Array.from({ length: 12 }, (_, at) => ({ kind: "is" as const, parameter: at, other: at }));
    const deciding = [
      "route",
      "otherRoute",
      "nat",
      "association",
      "aclAction",
      "webRule",
      "role",
      "publicRoute",
    ] as const;
    const more = ["attachment", "statement", "dns", "privateRoute"] as const;
    const uses = [...deciding, ...more].map((slot, condition) => ({ slot, condition }));
    const text = conditionalTemplate({ conditions, uses });
    const leaves = leavesOf(text);
    assert.equal(leaves.length, worldCap);
    const distance = ({ assignment }: (typeof leaves)[number]) =>
      [...assignment.values()].filter((choice) => "is" in choice && choice.is !== "yes").length;
    const distances = leaves.map(distance);
    assert.equal(distances[0], 0);
    assert.deepEqual(
      distances,
      [...distances].sort((left, right) => left - right),
    );
    const result = lint(parse(text));
    assert.ok(said(result).some((one) => one.includes("256")));
    assert.deepEqual(
      result.functions.flatMap(({ reasons }) => reasons),
      [],
    );
    for (const turned of [[], [0], [1, 5], [2], [3, 4], [0, 1, 6, 8], [7, 11]]) {
      const values = Object.fromEntries(conditions.map((_, at) => [`P${at}`, turned.includes(at) ? "no" : "yes"]));
      const single = lint(parse(text), { parameters: values }).functions[0]?.verdict;
      const rows = result.functions[0]?.dependsOn.filter(({ when }) =>
        Object.entries(when).every(([name, choice]) => choice === values[name]),
      );
      assert.deepEqual([...new Set(rows?.map(({ verdict }) => verdict))], [single], String(turned));
    }
  });

  it("a template below the cap says nothing of it", () => {
    const { functions } = lint(parse(readFixture("conditions/two-parameters.yaml").text));
    assert.deepEqual(
      functions.flatMap(({ reasons }) => reasons),
      [],
    );
  });

  it("a refused combination is no world", () => {
    assert.deepEqual(worldsOf(readFixture("conditions/rules-implication.yaml").text), [
      "CreateNat=true UseVpc=true",
      "UseVpc=false",
    ]);
    assert.deepEqual(worldsOf(readFixture("conditions/rules-contains.yaml").text), ["Stage=dev", "Stage=prod"]);
    assert.deepEqual(worldsOf(readFixture("conditions/contradictory.yaml").text), ["Stage=dev", "Stage=prod"]);
  });

  it("a given value leaves one world", () => {
    const { text } = readFixture("conditions/empty-list.yaml");
    assert.deepEqual(verdicts(lint(parse(text), { parameters: { Subnets: "subnet-1" } })), ["no-internet"]);
    assert.deepEqual(verdicts(lint(parse(text), { parameters: { Subnets: "" } })), ["not-in-vpc"]);
    const selected = readFixture("conditions/selected.yaml").text;
    assert.deepEqual(verdicts(lint(parse(selected), { parameters: { Zones: "closed,open" } })), ["no-internet"]);
    assert.deepEqual(verdicts(lint(parse(selected), { parameters: { Zones: "open,closed" } })), ["internet"]);
  });

  it("names the parameters that decide, by their own names", () => {
    const decides = (fixture: string) =>
      lint(parse(readFixture(fixture).text)).functions.flatMap(({ dependsOn }) => dependsOn.map(({ when }) => when));
    assert.deepEqual(decides("conditions/empty-list.yaml"), [{ Subnets: "" }, { Subnets: { not: [""] } }]);
    assert.deepEqual(decides("conditions/several-empty.yaml"), [
      { First: "", Second: "" },
      { First: { not: [""] } },
      { Second: { not: [""] } },
    ]);
    assert.deepEqual(decides("conditions/prefix.yaml"), [{ Stage: { not: ["prod"] } }, { Stage: "prod" }]);
    assert.deepEqual(decides("conditions/selected.yaml"), [{ "Zones[0]": "open" }, { "Zones[0]": { not: ["open"] } }]);
    assert.deepEqual(decides("conditions/two-parameters.yaml"), [
      { "Account = Owner": "false" },
      { "Account = Owner": "true" },
    ]);
  });
});

describe("explore", () => {
  const parameter = (name: string, byDefault: string | undefined, allowed?: string[]) =>
    [name, { name, at: scalar, type: "String", default: byDefault, allowed }] as const;
  const { root } = parse("a: b");
  assert.ok(root?.kind === "map" && root.entries[0] !== undefined);
  const scalar = root.entries[0].key;

  it("looks at the default world first, also where the default is none of what is asked", () => {
    const { leaves } = explore(new Map([parameter("Stage", "test")]), {}, ({ ask }) => ask("Stage", ["dev", "prod"]));
    assert.deepEqual(
      leaves.map(({ result, isDefault }) => [result, isDefault]),
      [
        [undefined, true],
        ["dev", false],
        ["prod", false],
      ],
    );
  });

  it("opens no world for a value that is not allowed", () => {
    const stage = new Map([parameter("Stage", "dev", ["dev", "prod"])]);
    assert.deepEqual(
      results(stage, {}, ({ ask }) => ask("Stage", ["dev", "test"]) ?? "other"),
      ["dev", "other"],
    );
    assert.deepEqual(
      results(stage, {}, ({ ask }) => ask("Stage", ["test"]) ?? "other"),
      ["other"],
    );
    assert.deepEqual(
      results(stage, {}, ({ ask }) => ask("Stage", ["dev", "prod"])),
      ["dev", "prod"],
    );
  });

  it("never answers two questions about one parameter in contradiction", () => {
    const both = results(new Map([parameter("Stage", undefined)]), {}, ({ ask }) => [
      ask("Stage", ["dev"]),
      ask("Stage", ["prod"]),
    ]);
    assert.deepEqual(both, [
      ["dev", undefined],
      [undefined, "prod"],
      [undefined, undefined],
    ]);
  });

  it("takes a given value for certain, and a default for likely", () => {
    const stage = new Map([parameter("Stage", "dev")]);
    assert.deepEqual(
      results(stage, { Stage: "prod" }, ({ fixed }) => fixed("Stage")),
      ["prod"],
    );
    assert.deepEqual(
      results(stage, {}, ({ fixed, text }) => [fixed("Stage"), text("Stage")]),
      [[undefined, "dev"]],
    );
    const few = new Map([parameter("Stage", "dev", ["dev", "prod"])]);
    assert.deepEqual(
      results(few, {}, ({ fixed }) => fixed("Stage")),
      ["dev", "prod"],
    );
  });

  it("puts the worlds next to the default in its place where that is refused", () => {
    const modes = new Map([parameter("Mode", ""), parameter("Size", "small")]);
    const evaluate = ({ ask }: Oracle) => `${ask("Mode", [""]) ?? "given"} ${ask("Size", ["small"]) ?? "other"}`;
    const { leaves } = explore(modes, {}, evaluate, (oracle) => oracle.ask("Mode", [""]) === undefined);
    assert.deepEqual(
      leaves.map(({ result, isDefault }) => [result, isDefault]),
      [
        ["given small", true],
        ["given other", false],
      ],
    );
    const none = explore(modes, {}, evaluate, () => false);
    assert.equal(none.leaves.length, 4, "where all is refused, the refusal says nothing");
  });

  it("stops at the cap", () => {
    const many = new Map(Array.from({ length: 20 }, (_, index) => parameter(`P${index}`, "a")));
    const all = ({ ask }: Oracle) => [...many.keys()].map((name) => ask(name, ["a"]));
    const { leaves, complete } = explore(many, {}, all);
    assert.deepEqual([leaves.length, complete], [worldCap, false]);
    const exact = new Map(Array.from({ length: 8 }, (_, index) => parameter(`P${index}`, "a")));
    const eight = explore(exact, {}, ({ ask }) => [...exact.keys()].map((name) => ask(name, ["a"])));
    assert.deepEqual([eight.leaves.length, eight.complete], [256, true]);
  });

  it("keeps of an assignment what must be known", () => {
    const two = new Map([parameter("A", "x"), parameter("B", "x")]);
    const exploration = explore(two, {}, ({ ask }) => [ask("A", ["x"]), ask("B", ["x"])][0] === "x");
    const [first] = exploration.leaves;
    assert.ok(first !== undefined);
    const smallest = smallestAssignment(exploration, first, ({ result }) => result);
    assert.deepEqual([...smallest], [["A", { is: "x" }]]);
  });

  function results<T>(
    parameters: Parameters<typeof explore>[0],
    given: Record<string, string>,
    evaluate: (oracle: Oracle) => T,
  ): T[] {
    return explore(parameters, given, evaluate).leaves.map(({ result }) => result);
  }
});

/** What findings and functions say of worlds that were not looked at. */
function said({ functions, findings }: LintResult): string[] {
  const all = [
    ...functions.flatMap(({ reasons }) => reasons),
    ...findings.flatMap(({ notes }) => notes.map((note) => note.message)),
  ];
  return all.filter(({ template }) => template.includes("more combinations")).map((one) => render(one));
}

function leavesOf(text: string) {
  const template = readTemplate(parse(text));
  assert.ok(template !== undefined);
  const [first] = analyse(subjectOf(template, {}, internet)).functions;
  assert.ok(first !== undefined);
  return first.exploration.leaves;
}

function worldsOf(text: string): string[] {
  return leavesOf(text).map(({ assignment }) => inWords(assignment));
}

function inWords(assignment: Assignment): string {
  const terms = [...assignment].map(([name, choice]) =>
    "is" in choice ? `${name}=${choice.is}` : `${name}!=${choice.not.join("|")}`,
  );
  return terms.sort().join(" ");
}

function verdicts({ functions }: LintResult): string[] {
  return functions.flatMap(({ verdict, dependsOn }) => [verdict, ...dependsOn.map((one) => one.verdict)]);
}
