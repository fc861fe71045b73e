/** Whatever a person reads is there in German too, says the same, and reaches whoever reads German. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { CodeLens, CompletionItem, Hover, InlayHint } from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { MapAnswer } from "../server/src/lsp/map";
import type { TopologyData } from "../server/src/lsp/topology";
import { allRules } from "../server/src/rules/index";
import { catalogueOf } from "../server/src/texts/catalogues";
import { type CommandLine, commandLine } from "./command-line";
import { readFixture } from "./harness";
import { type Session, startSession } from "./lsp-session";
import { readTexts } from "./texts";

const root = path.resolve(import.meta.dirname, "..");
const sources = readTexts();

/** A file of translations, and the English texts that it must have, each with the place where it stands. */
interface Book {
  readonly file: string;
  readonly english: ReadonlyMap<string, string>;
}

const books: readonly Book[] = [
  { file: "server/src/texts/messages.de.json", english: sources.messages },
  { file: "server/src/texts/rules.de.json", english: new Map(allRules.flatMap(textsOfRule)) },
  { file: "l10n/bundle.l10n.de.json", english: sources.l10n },
  { file: "server/src/texts/package.de.json", english: manifestTexts() },
];

describe("translations", () => {
  for (const { file, english } of books) {
    describe(file, () => {
      if (process.env.UPDATE === "1") update(file, english);
      const german = read(file);

      it("has a German text for each English one, and no other", () => {
        assert.ok(english.size > 10, "no texts were found in the sources");
        const missing = [...english].filter(([text]) => (german[text] ?? "") === "" && text !== "");
        const lines = missing.map(([text, place]) => `${place}: ${JSON.stringify(text)}`);
        assert.deepEqual(lines, [], `no German yet; UPDATE=1 adds the keys to ${file}, to be filled in`);
        const left = Object.keys(german).filter((text) => !english.has(text));
        assert.deepEqual(left, [], `German for what nobody says; UPDATE=1 takes it out of ${file}`);
      });

      it("is in the order of its keys, so that branches seldom meet", () => {
        assert.deepEqual(Object.keys(german), Object.keys(german).sort());
      });

      it("keeps placeholders, code and links", () => {
        for (const [text, translation] of Object.entries(german)) {
          for (const part of [/\{\w+\}/g, /`[^`]+`/g, /\]\([^)]+\)/g]) {
            assert.deepEqual(partsOf(translation, part), partsOf(text, part), translation);
          }
        }
      });
    });
  }

  it("find every text where it stands", () => {
    assert.deepEqual(
      sources.hidden,
      [],
      "write the text itself into message(…) or l10n.t(…), or it is never translated",
    );
    assert.deepEqual(sources.plain, [], "make it a message(…), so that it can be translated");
    assert.deepEqual(sources.bare, [], "hand render(…) a catalogue, `english` where no person reads it");
  });

  it("speak to whoever asks for their language, however it is written", async () => {
    for (const language of ["de", "de-AT", "de_DE.UTF-8", "DE"]) {
      assert.equal((await catalogueOf(language))["the internet"], "das Internet", language);
    }
    for (const language of [undefined, "", "C", "en_US.UTF-8", "den", "fr"]) {
      assert.deepEqual(await catalogueOf(language), {}, language);
    }
  });
});

describe("German", function () {
  this.timeout(60_000);
  const { text } = readFixture("public-subnet/default-route.yaml");
  let command: CommandLine;

  before(async () => {
    command = await commandLine();
  });
  after(() => command.remove());

  it("comes from the language server where the editor speaks it, in every answer", async () => {
    const said: Record<string, Readonly<Record<string, readonly string[]>>> = {};
    for (const locale of ["en", "de"]) {
      const session = await startSession({
        locale,
        initializationOptions: { status: true, commands: ["lambdaEgress.showMap", "lambdaEgress.checkDeployed"] },
      });
      try {
        said[locale] = await everythingSaid(session, text);
      } finally {
        await session.stop();
        session.process.kill();
      }
    }
    const sentence = /^Worker kann das Internet aus dem öffentlichen Subnetz Public nicht erreichen: /m;
    assert.match(said.de?.diagnostics?.join("\n") ?? "", sentence);
    for (const [kind, english] of Object.entries(said.en ?? {})) {
      const german = said.de?.[kind] ?? [];
      assert.ok(english.length > 0, `nothing is said in ${kind}`);
      assert.equal(german.length, english.length, kind);
      for (const [index, one] of english.entries()) assert.notEqual(german[index], one, kind);
    }
  });

  it("comes from the command line where it is asked for, or the environment speaks it", async () => {
    const folder = command.folder({ "a.yaml": text });
    const german = { LC_ALL: "", LC_MESSAGES: "de_DE.UTF-8", LANG: "en_US.UTF-8" };
    const run = async (args: readonly string[], env = {}) => (await command.run(folder, args, "", env)).stdout;
    const [english, asked, spoken, refused] = [
      await run(["check", "a.yaml"]),
      await run(["check", "a.yaml", "--lang", "de"]),
      await run(["check", "a.yaml"], german),
      await run(["check", "a.yaml", "--lang", "en"], german),
    ];
    assert.match(asked, /nicht erreichen: Lambda hat dort keine öffentliche Adresse/);
    assert.match(asked, /Worker: kein Internet — Public: öffentliches Subnetz/);
    assert.match(asked, /in 1 Template; 1 Funktion: 1 erreicht es nicht/);
    assert.deepEqual([spoken, refused], [asked, english]);
    assert.match(await run(["explain", "public-subnet", "--lang", "de"]), /^Was passiert$/m);
    const help = await run(["check", "--help"], german);
    assert.match(help, /^Aufruf: lambda-egress check /);
    assert.match(help, /^ {2}--format <format> .*\(möglich: [^)]*Vorgabe: "text"\)$/ms);
    assert.match(help, /^Beispiele:$/m);
    assert.doesNotMatch(help, /Usage|Options|Examples|Exit status|choices|default|print|display/);
    assert.match(
      await run(["explain", "--lang", "de"]),
      /^public-subnet +error +Funktion in einem öffentlichen Subnetz/m,
    );
  });

  it("reaches programs only where they ask for it, and then in sentences alone", async () => {
    const folder = command.folder({ "a.yaml": text });
    const json = async (...args: string[]) => {
      const { stdout } = await command.run(folder, ["check", "a.yaml", ...args], "", { LANG: "de_DE.UTF-8" });
      return JSON.parse(stdout);
    };
    for (const format of ["json", "sarif"]) {
      const english = await json("--format", format, "--lang", "en");
      assert.deepEqual(await json("--format", format), english);
      const german = await json("--format", format, "--lang", "de");
      assert.notDeepEqual(german, english);
      assert.deepEqual(withoutSentences(german), withoutSentences(english));
    }
  });
});

/** Returns what the server says in answer to everything that an editor asks it about a template. */
async function everythingSaid(session: Session, text: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const uri = session.open("file:///a/template.yaml", text);
  const textDocument = { uri };
  const document = TextDocument.create(uri, "yaml", 0, text);
  const ask = <T>(method: string, params: object = {}) =>
    session.connection.sendRequest<T>(`textDocument/${method}`, { textDocument, ...params });
  const at = (name: string, beyond = 0) => ({ position: document.positionAt(text.indexOf(name) + beyond) });
  const diagnostics = await session.diagnostics(uri);
  const range = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };
  const lenses = await ask<CodeLens[]>("codeLens");
  const hints = await ask<InlayHint[]>("inlayHint", { range });
  const hover = await ask<Hover | null>("hover", at("Worker"));
  const offered = await ask<CompletionItem[] | null>("completion", at("!Ref Public", "!Ref ".length));
  const map = await session.connection.sendRequest<MapAnswer>("lambdaEgress/map", { textDocument });
  const topologies = await session.connection.sendRequest<TopologyData[]>("lambdaEgress/topology", {
    uri,
    function: "Worker",
  });
  const actions = await session.codeActions(uri, diagnostics);
  return {
    diagnostics: diagnostics.flatMap(({ message, relatedInformation = [] }) => [
      String(message),
      ...relatedInformation.map((note) => note.message),
    ]),
    actions: actions.map(({ title }) => title),
    lenses: lenses.map(({ command }) => command?.title ?? ""),
    hints: hints.map(({ label }) => String(label)),
    hover: [JSON.stringify(hover?.contents ?? "")],
    completions: (offered ?? []).map((item) => JSON.stringify([item.detail, item.labelDetails])),
    map: [map.title, map.svg, map.mermaid, ...map.paths.map(({ steps }) => steps.map((step) => step.text).join("\n"))],
    topologies: topologies.flatMap(({ title, charges }) => [title, ...charges]),
  };
}

/** The paragraphs of a rule's page and its summary; code stands between fences and is everybody's. */
function textsOfRule({ id, summary, docs }: (typeof allRules)[number]): [string, string][] {
  const prose = docs.trim().replace(/^```[^\n]*\n[\s\S]*?^```$/gm, "");
  const paragraphs = prose.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== "");
  return [summary, ...paragraphs].map((text) => [text, `server/src/rules/${id}.ts`]);
}

/** What package.json says to people, but for the rules: what is said of them is put together of what is German already. */
function manifestTexts(): ReadonlyMap<string, string> {
  const texts = Object.entries(read("package.nls.json"));
  const isOfRule = (key: string) => allRules.some(({ id }) => key.endsWith(`.rules.${id}.description`));
  return new Map(texts.flatMap(([key, text]) => (isOfRule(key) ? [] : [[text, `package.nls.json, ${key}`]])));
}

function read(file: string): Record<string, string> {
  return JSON.parse(fs.readFileSync(path.join(root, file), "utf8"));
}

/** Writes the keys that are missing, without a text, and takes out those that nobody says. */
function update(file: string, english: ReadonlyMap<string, string>): void {
  const german = read(file);
  const entries = [...english.keys()].sort().map((text) => [text, german[text] ?? ""]);
  fs.writeFileSync(path.join(root, file), `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
}

function partsOf(text: string, part: RegExp): string[] {
  return [...new Set(text.replace(/\s+/g, " ").match(part) ?? [])].sort();
}

/** What is left of a report without what people read in it. */
function withoutSentences(value: unknown): unknown {
  const sentences = new Set(["message", "why", "text", "markdown", "fixes"]);
  return JSON.parse(JSON.stringify(value, (key, one) => (sentences.has(key) ? undefined : one)));
}
