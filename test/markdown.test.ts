/** The Markdown report, as it stands in a comment on a pull request. */
import assert from "node:assert/strict";
import { lint } from "../server/src/lint";
import { english, message, render } from "../server/src/message";
import { parseDestination } from "../server/src/network/destination";
import type { CheckedFile } from "../server/src/report/file";
import { toMarkdown } from "../server/src/report/markdown";
import { parse } from "../server/src/template/parse";
import { commandLine } from "./command-line";
import { lintAs, readFixture, readFixtures } from "./harness";

const inPublicSubnet = readFixture("public-subnet/default-route.yaml").text;

describe("Markdown", function () {
  this.timeout(60_000);

  it("sums up, lists functions, and links each finding to its line", () => {
    const text = toMarkdown([checked("stacks/a.yaml", inPublicSubnet)], english);
    const [title, , sum] = text.split("\n");
    assert.equal(title, "## Lambda Egress");
    assert.match(sum ?? "", /^\*\*1 \w+(, \d \w+)*\*\* in 1 template; 1 function: 1 does not reach it$/);
    const lines = inPublicSubnet.split("\n");
    const line = (part: string) => lines.findIndex((one) => one.includes(part)) + 1;
    const worker = line("  Worker:");
    assert.ok(
      text.includes(
        `| | function | template | verdict | why |\n| --- | --- | --- | --- | --- |\n| ❌ | [Worker](stacks/a.yaml#L${worker}) | stacks/a.yaml | no internet | Public: public subnet |\n`,
      ),
      text,
    );
    const [finding] = lint(parse(inPublicSubnet)).findings.filter(({ rule }) => rule === "public-subnet");
    assert.ok(finding);
    assert.ok(text.includes("\n### [stacks/a.yaml](stacks/a.yaml)\n\n- "), text);
    const item = text.split("\n").find((one) => one.includes("[public-subnet](https://")) ?? "";
    assert.match(item, new RegExp(`^- \\S+ \\*\\*${finding.severity}\\*\\* .*, \\[line ${line("!Ref Public]")}\\]`));
    assert.ok(item.includes(`(stacks/a.yaml#L${line("!Ref Public]")}): ${render(finding.message)}`), item);
    for (const note of finding.notes) {
      const number = inPublicSubnet.slice(0, note.span.start).split("\n").length;
      assert.ok(text.includes(`  - [line ${number}](stacks/a.yaml#L${number}): ${render(note.message)}\n`), text);
    }
    for (const { title: fix } of finding.fixes) assert.ok(text.includes(`  - Fix: ${render(fix)}\n`), text);
  });

  it("says when nothing was found, and what was not read", () => {
    const clean = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
    assert.equal(
      toMarkdown([checked("a.yaml", clean)], english),
      "## Lambda Egress\n\n**Nothing found** in 1 template; no functions\n",
    );
    assert.equal(
      toMarkdown([{ path: "a|b.yaml", unreadable: message("no such file or folder") }], english),
      "## Lambda Egress\n\nNo templates found\n\n### Not read\n\n- a\\|b.yaml: no such file or folder\n",
    );
  });

  it("lets nothing of a template act as mark-up", () => {
    const path = "a (1)|`b`.yaml";
    const words = "a|b `c` <script>alert(1)</script> [x](http://evil.example) *d* _e_ #1 @octocat ~~f~~\n\n# g & $h$";
    const span = { start: 0, end: 1 };
    const text = toMarkdown(
      [
        {
          path,
          text: "x\n",
          result: {
            kind: "cloudformation",
            functions: [
              { id: "A|B", span, verdict: "unknown", subnets: [], dependsOn: [], reasons: [message("{0}", words)] },
            ],
            findings: [
              {
                rule: "public-subnet",
                severity: "error",
                message: message("{0}", words),
                span,
                notes: [{ message: message("{0}", words), span }],
                fixes: [{ title: message("{0}", words), safe: false, edits: [] }],
              },
            ],
          },
        },
      ],
      english,
    );
    const shown =
      "a\\|b \\`c\\` \\<script\\>alert(1)\\</script\\> \\[x\\](http&#58;//evil.example) \\*d\\* \\_e\\_ \\#1 &#64;octocat \\~\\~f\\~\\~ \\# g &amp; \\$h\\$";
    const row = text.split("\n").find((line) => line.includes("A\\|B")) ?? "";
    assert.equal(row, `| ❔ | [A\\|B](a%20%281%29%7C%60b%60.yaml#L1) | a (1)\\|\\\`b\\\`.yaml | unknown | ${shown} |`);
    assert.equal(row.split(/(?<!\\)\|/).length, 7);
    assert.equal(text.split(shown).length - 1, 4);
    assert.ok(!text.includes(words.split("\n")[0] ?? "?"));
  });

  it("keeps every table row and item on a line of its own, for every fixture", () => {
    for (const fixture of readFixtures()) {
      const file = { path: fixture.name, text: fixture.text, result: lintAs(fixture, fixture.text) };
      const lines = toMarkdown([file], english).split("\n");
      for (const line of lines) {
        assert.match(line, /^(?:$|## |### |\*\*|No templates|\||- | {2}- )/, fixture.name);
        if (line.startsWith("|")) assert.equal(line.split(/(?<!\\)\|/).length, 7, `${fixture.name}: ${line}`);
      }
      const { findings, functions } = file.result;
      assert.equal(lines.filter((line) => line.startsWith("- ")).length, findings.length, fixture.name);
      const rows = lines.filter((line) => line.startsWith("| ") && !/^\| (?:\||---)/.test(line));
      assert.equal(rows.length, functions.length, fixture.name);
    }
  });

  it("names the destination that was asked about", () => {
    const destination = parseDestination("203.0.113.0/24:5432");
    assert.ok(destination);
    const result = lint(parse(inPublicSubnet), { destination });
    const text = toMarkdown([{ path: "a.yaml", text: inPublicSubnet, result, destination }], english);
    assert.ok(text.includes("| does not reach 203.0.113.0/24 on port 5432 |"), text);
  });

  it("comes from the command line, without what could not be read", async () => {
    const command = await commandLine();
    try {
      const folder = command.folder({ "a.yaml": inPublicSubnet });
      const { status, stdout } = await command.run(folder, ["check", "--format", "markdown", "a.yaml", "b.yaml"]);
      assert.equal(status, 2);
      const missing = { path: "b.yaml", unreadable: message("no such file or folder") };
      assert.equal(stdout, toMarkdown([checked("a.yaml", inPublicSubnet), missing], english));
    } finally {
      command.remove();
    }
  });

  it("fits a comment, and says what it leaves out", () => {
    const one = checked("stack.yaml", inPublicSubnet);
    const files = Array.from({ length: 400 }, (_, index) => ({ ...one, path: `stack-${index}.yaml` }));
    const text = toMarkdown(files, english);
    assert.ok(text.length > 50_000 && text.length < 65_536, `${text.length}`);
    const all = files.reduce((sum, { result }) => sum + result.findings.length, 0);
    const shown = text.split("\n").filter((line) => line.startsWith("- ")).length;
    const functions = text.split("\n").filter((line) => line.includes("| [Worker]")).length;
    const left = /\nLeft out for length: (?:(\d+) more functions, )?(\d+) more findings\.\n$/.exec(text);
    assert.equal(Number(left?.[2]), all - shown);
    assert.equal(Number(left?.[1] ?? 0), 400 - functions);
  });
});

function checked(path: string, text: string): CheckedFile {
  return { path, text, result: lint(parse(text)) };
}
