/** Short names for files, by which people tell them apart. */

/**
 * Returns a name for each path: the file's without its extension, with as many folders before it as make it the only
 * one. Names have no dots and no colons, which part other names.
 */
export function namesFor(paths: readonly string[]): ReadonlyMap<string, string> {
  const stems = groupBy(paths, stemOf);
  // Files that differ by their extension alone keep it.
  const wholes = paths.map((path) => ({
    path,
    whole: (stems.get(stemOf(path))?.length ?? 0) > 1 ? path : stemOf(path),
  }));
  const names = new Map<string, string>();
  let open = wholes.map(({ path, whole }) => ({ path, parts: whole.split("/").filter((part) => part !== "") }));
  for (let depth = 1; open.length > 0; depth++) {
    const nameAt = ({ parts }: (typeof open)[number]): string => parts.slice(-depth).join("/").replace(/[.:#]/g, "-");
    const groups = groupBy(open, nameAt);
    open = [];
    for (const [name, group] of groups) {
      const isLast = group.every(({ parts }) => parts.length <= depth);
      if (group.length > 1 && !isLast) open.push(...group);
      else
        for (const [index, { path }] of group.entries()) names.set(path, index === 0 ? name : `${name}~${index + 1}`);
    }
  }
  return names;
}

/** CDK writes `Net.template.json`, and so do people. */
function stemOf(path: string): string {
  return path.replace(/(?:\.nested)?(?:\.template)?\.[^./]*$/, "");
}

/** Returns things by a key that they share, in the order in which they come. */
export function groupBy<Of>(all: readonly Of[], keyOf: (one: Of) => string): Map<string, Of[]> {
  const groups = new Map<string, Of[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}
