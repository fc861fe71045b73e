/** CDK's cloud assembly, the folder `cdk.out`: which stacks it has, as its `manifest.json` says. */

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

function artifactsOf(manifest: string): Readonly<Record<string, Artifact>> | undefined {
  try {
    const { artifacts, version } = JSON.parse(manifest);
    return typeof version === "string" && typeof artifacts === "object" && artifacts !== null ? artifacts : undefined;
  } catch {
    return undefined;
  }
}
