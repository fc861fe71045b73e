/** Files as they were when they were last read, until somebody tells that they have changed. */
import { decode, type FileAccess } from "../folder-file";
import type { Message } from "../message";

export class Remembered implements FileAccess {
  readonly #files: FileAccess;
  readonly #texts = new Map<string, string | Message | undefined>();
  readonly #present = new Map<string, boolean>();
  readonly #folders = new Map<string, readonly string[]>();

  constructor(files: FileAccess) {
    this.#files = files;
  }

  read(uri: string): string | Message | undefined {
    const key = decode(uri);
    if (!this.#texts.has(key)) this.#texts.set(key, this.#files.read(uri));
    return this.#texts.get(key);
  }

  exists(uri: string): boolean {
    const known = this.#present.get(decode(uri));
    if (known !== undefined) return known;
    const found = this.#files.exists(uri);
    this.#present.set(decode(uri), found);
    return found;
  }

  list(uri: string): readonly string[] {
    const key = folderKey(uri);
    const known = this.#folders.get(key);
    if (known !== undefined) return known;
    const found = this.#files.list(uri);
    this.#folders.set(key, found);
    return found;
  }

  /**
   * Forgets a file or folder that has changed; `appeared` where it has come or gone, and its folder with it.
   * Returns whether anything of it was known, so that somebody may have used it.
   */
  forget(uri: string, appeared: boolean): boolean {
    const own = decode(uri).replace(/\/$/, "");
    if (!appeared) return this.#texts.delete(own);
    const isBelow = (key: string): boolean => key === own || key.startsWith(`${own}/`);
    let known = false;
    for (const map of [this.#texts, this.#present, this.#folders]) {
      for (const key of [...map.keys()]) if (isBelow(key)) known = map.delete(key) || known;
    }
    return this.#folders.delete(own.slice(0, own.lastIndexOf("/") + 1)) || known;
  }

  /** Forgets everything, for whoever is not told of changes. */
  clear(): void {
    this.#texts.clear();
    this.#present.clear();
    this.#folders.clear();
  }
}

function folderKey(uri: string): string {
  return `${decode(uri).replace(/\/$/, "")}/`;
}
