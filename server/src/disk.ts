/** Files of this machine, as the entries hand them to the core. */
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import type { FileAccess } from "./folder-file";
import { type Message, message } from "./message";

export const disk: FileAccess = {
  read(uri) {
    const file = toPath(uri);
    if (file === undefined) return undefined;
    let bytes: Buffer;
    try {
      const stats = fs.statSync(file);
      // A template may name a pipe or a device, which would be read without end.
      if (!stats.isFile() && !stats.isDirectory()) return message("it is no plain file");
      if (stats.size > mostBytes) return message("it is too long to be read");
      bytes = fs.readFileSync(file);
    } catch (error) {
      const { code, message: why } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") return undefined;
      return reasons[code ?? ""] ?? message("{0}", why);
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return message("it is not valid UTF-8");
    }
  },
  exists(uri) {
    const file = toPath(uri);
    return file !== undefined && fs.existsSync(file);
  },
  list(uri) {
    const file = toPath(uri);
    if (file === undefined) return [];
    try {
      const entries = fs.readdirSync(file, { withFileTypes: true });
      return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
    } catch {
      return [];
    }
  },
};

/** Far more than any template, settings or values have. */
const mostBytes = 16 * 1024 * 1024;

const reasons: Readonly<Record<string, Message>> = {
  EACCES: message("permission denied"),
  EPERM: message("permission denied"),
  EISDIR: message("it is a folder"),
};

/** Returns undefined for what is no file of this machine: other schemes, and the top of a Windows file system. */
function toPath(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
