/** A template's sections as plain data; resources in the order of the text. */
import type { Message } from "../message";
import type { MapNode, Node, ScalarNode } from "./syntax";

export interface Template {
  readonly kind: "cloudformation" | "sam";
  readonly root: MapNode;
  /** Names of the transforms given, in order. */
  readonly transforms: readonly string[];
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly mappings: ReadonlyMap<string, Node>;
  readonly conditions: ReadonlyMap<string, Node>;
  readonly rules: ReadonlyMap<string, Node>;
  readonly globals: Node | undefined;
  readonly metadata: Node | undefined;
  readonly outputs: ReadonlyMap<string, Node>;
  readonly resources: ReadonlyMap<string, Resource>;
  /** Resources with a fault in their text, so that some or all of what they say is not read. */
  readonly broken: readonly BrokenResource[];
  /** Maps with a fault in their text, so that a key that is not there may yet be meant. */
  readonly incomplete: ReadonlySet<Node>;
  /** Where the files are named whose content was put in, by file. */
  readonly includes?: ReadonlyMap<string, ScalarNode> | undefined;
  /** What other templates say; absent where none was taken in. */
  readonly links?: Links;
}

/** Resources to ask for by name. */
export type Resources = Pick<ReadonlyMap<string, Resource>, "get" | "has">;

/** Values that other templates decide. */
export interface Links {
  /** The expression behind a value from outside, by the key of the value: `import:…`, `output:…`, `ssm:…`, `param:…`. */
  readonly values: ReadonlyMap<string, Node>;
  /** The names that an expression behind a name leads on to. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Why a value stays open although other templates were looked at, by its key. */
  readonly open: ReadonlyMap<string, Message>;
  /** What was taken from another template as its name is alike, by the key of the value. */
  readonly taken: ReadonlyMap<string, Taken>;
  /** The templates that were taken in. */
  readonly units: readonly Template[];
}

/** A value that another template exports under a name that deployment may make the same. */
export interface Taken {
  readonly name: string;
  /** The other template, and where it says the name. */
  readonly from: string;
  readonly at: Node;
  /** The texts of the import; a slice that has them all depends on it. */
  readonly texts: readonly string[];
}

export interface BrokenResource {
  readonly id: string;
  /** Absent where not even that can be read. */
  readonly type: string | undefined;
}

export interface Parameter {
  readonly name: string;
  readonly at: ScalarNode;
  readonly type: string;
  readonly default: string | undefined;
  readonly allowed: readonly string[] | undefined;
}

export interface Resource {
  readonly id: string;
  readonly type: string;
  /** The logical id in the text. */
  readonly at: ScalarNode;
  readonly node: MapNode;
  readonly properties: Node | undefined;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
  readonly metadata: Node | undefined;
  /** The resource that a transform made this one from, where it is not in the text itself. */
  readonly generatedBy?: string;
  /** The properties as they are in the text, where a transform has put others in their place. */
  readonly written?: Node | undefined;
}
