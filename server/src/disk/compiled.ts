/**
 * Keeps what V8 makes of the bundles, so that the next start need not compile them: half of a small check's own time.
 *
 * Node's own cache (`module.enableCompileCache`, from 22.1 on) keeps a file as it is before anything in it has run. By
 * then V8 has compiled few of its functions, so it saves a third of what this does, and Node 20 has none.
 */
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

/** After so many milliseconds all is compiled that a start and the first answers need; later V8 drops what ran once. */
const settled = 5000;

/** What ran when a file was kept may have been little, so it is kept anew after so many milliseconds, a day. */
const old = 24 * 60 * 60 * 1000;

/** How Node makes a function of a module. */
const [head, foot] = ["(function (exports, require, module, __filename, __dirname) { ", "\n});"];

/**
 * From here on, the bundles of this folder are run from what its folder `compiled` has of them, and kept there. Whoever
 * can write there could as well change the bundles. Where it cannot be written, all runs as it would without.
 */
export function keepCompiled(folder: string): void {
  if (process.env.NODE_DISABLE_COMPILE_CACHE || process.env.NODE_V8_COVERAGE) return;
  const { extensions } = require;
  const usual = extensions[".js"];
  extensions[".js"] = (module, file) => {
    if (path.dirname(file) === folder) run(module, file);
    else usual?.(module, file);
  };
}

function run(module: NodeModule, file: string): void {
  const bytes = fs.readFileSync(file);
  const kept = path.join(path.dirname(file), "compiled", `${path.basename(file)}-${process.version}-${process.arch}`);
  const { data, isOld } = quietly(() => read(kept, file, bytes)) ?? { isOld: true };
  const script = new Script(head + bytes.toString() + foot, {
    filename: file,
    columnOffset: -head.length,
    cachedData: data,
  });
  if (isOld || script.cachedDataRejected === true) soon(() => quietly(() => write(kept, bytes, script)));
  script.runInThisContext().call(module.exports, module.exports, createRequire(file), module, file, path.dirname(file));
}

/**
 * Returns what was kept of a file. V8 itself looks whether it is of the same V8 and made for the same flags, but
 * neither at the text that was compiled nor at what has become of the data, so both have their sums in front.
 */
function read(kept: string, file: string, bytes: Buffer): { readonly data?: Buffer; readonly isOld: boolean } {
  const { mtimeMs, uid } = fs.statSync(kept);
  const isTrusted = uid === process.getuid?.() || uid === fs.statSync(file).uid;
  const all = fs.readFileSync(kept);
  const data = all.subarray(8);
  const isWhole = all.readUInt32LE(0) === crc32(bytes) && all.readUInt32LE(4) === crc32(data);
  return isTrusted && isWhole ? { data, isOld: Date.now() - mtimeMs > old } : { isOld: true };
}

/** Other processes may read and write the same at any time, so it appears as a whole. */
function write(kept: string, bytes: Buffer, script: Script): void {
  const half = `${kept}-${process.pid}`;
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  const open = fs.openSync(half, "w", 0o644);
  try {
    const data = script.createCachedData();
    const sums = Buffer.alloc(8);
    sums.writeUInt32LE(crc32(bytes), 0);
    sums.writeUInt32LE(crc32(data), 4);
    fs.writevSync(open, [sums, data]);
    fs.renameSync(half, kept);
  } finally {
    fs.closeSync(open);
    fs.rmSync(half, { force: true });
  }
}

/** Runs it when the start is over, or at the end of a process that ends before. */
function soon(task: () => void): void {
  const done = (): void => {
    clearTimeout(timer);
    process.off("exit", done);
    task();
  };
  const timer = setTimeout(done, settled).unref();
  process.on("exit", done);
}

function quietly<Result>(task: () => Result): Result | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}
