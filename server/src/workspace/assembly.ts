/**
 * CDK's cloud assembly, the folder `cdk.out`: which stacks it has, as its `manifest.json` says, and under which names
 * its files are uploaded, as an `.assets.json` beside each stack's template says (@aws-cdk/cloud-assembly-schema,
 * `AssetManifest`).
 */

/** What the manifest of an assembly lists, each stack behind those that it depends on; empty for other JSON. */
export interface Assembly {
  /** The stacks' templates, by their names in the folder. */
  readonly templates: readonly string[];
  /** Folders of the assemblies within, one for each stage. */
  readonly folders: readonly string[];
}

/** Source: the schema of @aws-cdk/cloud-assembly-schema, `AssemblyManifest`. */
interface Artifact {
  readonly type?: unknown;
  readonly dependencies?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Returns what a manifest lists; undefined for a text that is no such manifest. */
export function assemblyOf(manifest: string): Assembly | undefined {
  const artifacts = artifactsOf(manifest);
  if (artifacts === undefined) return undefined;
  const [templates, folders]: [string[], string[]] = [[], []];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact === undefined || seen.has(id)) return;
    seen.add(id);
    if (Array.isArray(artifact.dependencies)) for (const one of artifact.dependencies) visit(String(one));
    const { templateFile, directoryName } = artifact.properties ?? {};
    if (artifact.type === "aws:cloudformation:stack" && typeof templateFile === "string") templates.push(templateFile);
    if (artifact.type === "cdk:cloud-assembly" && typeof directoryName === "string") folders.push(directoryName);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return { templates, folders };
}

/** Returns which files of the assembly are uploaded, each with the name that it has then; nothing for another text. */
export function assetsOf(manifest: string): readonly { readonly name: string; readonly file: string }[] {
  const { files } = parsed(manifest);
  return Object.values(isRecord(files) ? files : {}).flatMap((asset) => {
    const { source, destinations } = isRecord(asset) ? asset : {};
    const file = isRecord(source) ? source.path : undefined;
    if (typeof file !== "string" || !isRecord(destinations)) return [];
    const names = Object.values(destinations).map((to) => (isRecord(to) ? to.objectKey : undefined));
    return [...new Set(names)].flatMap((name) => (typeof name === "string" ? [{ name, file }] : []));
  });
}

function artifactsOf(manifest: string): Readonly<Record<string, Artifact>> | undefined {
  const { artifacts, version } = parsed(manifest);
  return typeof version === "string" && isRecord(artifacts) ? (artifacts as Record<string, Artifact>) : undefined;
}

/** Whatever lies in the folder under the name of a manifest may be anything. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
