/** What an editor feels: the built language server over standard input and output, with nothing in between. */
import * as fs from "node:fs";
import { CodeActionRequest, HoverRequest, type TextEdit } from "vscode-languageserver-protocol/node";
import { serverFlags } from "../../client/src/server-flags";
import { type Session, startSession } from "../../test/lsp-session";
import { median } from "./figures.mjs";

/** Returns the milliseconds from sending an edit to its diagnostics: each of `count` edits that are spread over the text. */
export async function editTimes(text: string, count: number, languageId = "yaml"): Promise<number[]> {
  const session = await startSession({ flags: serverFlags });
  try {
    const uri = session.open(uriOf(languageId), text, languageId);
    await session.diagnostics(uri);
    const times: number[] = [];
    for (const edit of edits(session, uri, count, languageId)) times.push(await editTime(session, uri, edit));
    return times;
  } finally {
    await session.stop();
  }
}

/** Returns the milliseconds from sending an edit to its diagnostics. */
async function editTime(session: Session, uri: string, edit: TextEdit): Promise<number> {
  // Who measures has garbage too, of which nothing should be collected within the measurement.
  globalThis.gc?.({ type: "minor" });
  const start = performance.now();
  session.edit(uri, edit);
  await session.diagnostics(uri);
  return performance.now() - start;
}

/** Returns the median milliseconds from opening a text to its diagnostics, in servers that have seen no text before. */
export async function openTime(text: string, runs: number, languageId = "yaml"): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const session = await startSession({ flags: serverFlags });
    // What the server does after the handshake is not the opening's.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const uri = session.open(uriOf(languageId), text, languageId);
    await session.diagnostics(uri);
    times.push(performance.now() - start);
    await session.stop();
  }
  return median(times);
}

/** Returns the milliseconds of hovers over names all over the text, and of questions for code actions. */
export async function askTimes(text: string, count: number): Promise<{ hover: number[]; actions: number[] }> {
  const session = await startSession({ flags: serverFlags });
  try {
    const uri = session.open(uriOf("yaml"), text);
    await session.diagnostics(uri);
    const names = [...text.matchAll(/!Ref (\w+)/g)].map(({ index }) => session.document(uri).positionAt(index + 6));
    const spread = Array.from({ length: count }, (_, at) => names[Math.floor((at * names.length) / count)]);
    const hover: number[] = [];
    const actions: number[] = [];
    for (const position of spread) {
      if (position === undefined) continue;
      const textDocument = { uri };
      hover.push(await timed(() => session.connection.sendRequest(HoverRequest.type, { textDocument, position })));
      const range = { start: position, end: position };
      const diagnostics = (session.published.at(-1)?.diagnostics ?? []).filter(
        (one) => Math.abs(one.range.start.line - position.line) < 20,
      );
      const question = { textDocument, range, context: { diagnostics } };
      actions.push(await timed(() => session.connection.sendRequest(CodeActionRequest.type, question)));
    }
    return { hover, actions };
  } finally {
    await session.stop();
  }
}

/** Returns the median milliseconds from starting the server to its answer to `initialize`. */
export async function startTime(runs: number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const session = await startSession({ flags: serverFlags });
    times.push(performance.now() - start);
    await session.stop();
  }
  return median(times);
}

/** Returns the server's resident memory in megabytes: after the handshake, and after so many edits of a text. */
export async function memory(text: string, count: number): Promise<{ idle: number; edited: number }> {
  const session = await startSession({ flags: serverFlags });
  try {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const idle = residentMegabytes(session);
    const uri = session.open(uriOf("yaml"), text);
    await session.diagnostics(uri);
    for (const edit of edits(session, uri, count, "yaml")) await editTime(session, uri, edit);
    return { idle, edited: residentMegabytes(session) };
  } finally {
    await session.stop();
  }
}

function residentMegabytes(session: Session): number {
  const status = fs.readFileSync(`/proc/${session.process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function uriOf(languageId: string): string {
  return `file:///bench/template.${languageId}`;
}

/**
 * Yields edits as people make them, one after the other, in places all over the text: a letter inside a value, a
 * new line, a whole new resource, and each of them taken back.
 */
function* edits(session: Session, uri: string, count: number, languageId: string): Generator<TextEdit> {
  let random = 42;
  const next = (below: number): number => {
    random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((random / 0x80000000) * below);
  };
  // New resources belong behind the word that begins them.
  const first =
    session
      .text(uri)
      .split("\n")
      .findIndex((line) => /^\s*"?Resources"?:/.test(line)) + 1;
  for (let done = 0; done < count; ) {
    const document = session.document(uri);
    const text = document.getText();
    const lines = text.split("\n");
    const line = first + next(lines.length - 1 - first);
    const content = lines[line] ?? "";
    const inserted = insertion(content, line, done, languageId);
    if (inserted === undefined) continue;
    const { character, newText } = inserted;
    const start = { line, character };
    yield { range: { start, end: start }, newText };
    done++;
    if (done === count) return;
    // Undo: the same place, with what was put there.
    const end = session.document(uri).positionAt(session.document(uri).offsetAt(start) + newText.length);
    yield { range: { start, end }, newText: "" };
    done++;
  }
}

/** Returns what is put into a line, undefined where nothing fits. */
function insertion(content: string, line: number, turn: number, languageId: string) {
  const isJson = languageId === "json";
  switch (turn % 3) {
    case 0: {
      // A letter inside a text.
      const at = content.search(isJson ? /: "[^"]{4,}"/ : /: [\w"./]{4,}/);
      return at < 0 ? undefined : { character: at + 5, newText: "x" };
    }
    case 1:
      return { character: content.length, newText: "\n" };
    default: {
      if (isJson) {
        const head = /^ {2}"\w+": \{$/.test(content);
        return head ? { character: 0, newText: `  "New${line}": { "Type": "AWS::SNS::Topic" },\n` } : undefined;
      }
      const head = /^ {2}\w+:$/.test(content);
      return head
        ? {
            character: 0,
            newText: `  New${line}:\n    Type: AWS::EC2::RouteTable\n    Properties:\n      VpcId: !Ref Vpc\n`,
          }
        : undefined;
    }
  }
}
