/** What a maker is given, and what it gives back. */
import type { Resource } from "../../../server/src/template/template";
import type { Bench } from "../check";

/** Why a template cannot be built: what the emulator lacks, or what AWS would refuse as well. */
export class NotReplayable extends Error {}

/** What was made of a resource. */
export interface Made {
  readonly id: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Asks the account for an attribute that few templates use. */
  readonly ask?: (attribute: string) => Promise<string | undefined>;
}

/** The properties of a resource, or of a map in it, as a maker reads them. */
export interface Properties {
  /** Returns a property as plain data with the ids of what it names; undefined where it is absent. */
  plain(name: string): Promise<unknown>;
  text(name: string): Promise<string | undefined>;
  flag(name: string): Promise<boolean | undefined>;
  /** Returns the id of the thing that a property names, made for it if need be. */
  id(name: string, kind: Kind): Promise<string | undefined>;
  ids(name: string, kind: Kind): Promise<string[]>;
  /** Returns a list of ids among which maps may stand, as plain data. */
  mixed(name: string, kind: Kind): Promise<unknown[]>;
  /** Returns the maps in a list, or the only map where there is no list. */
  maps(name: string): Promise<Properties[]>;
}

export interface Site {
  readonly on: Bench;
  /** Logical ids and external keys by the ids of the account. */
  readonly names: Map<string, string>;
  /** Returns the VPC for what lies outside the template. */
  outside(): Promise<string>;
  /** Returns a function's logical id by its name in the account. */
  readonly functions: Map<string, string>;
  readonly resource: Resource;
  readonly properties: Properties;
}

export type Kind =
  | "vpc"
  | "subnet"
  | "group"
  | "table"
  | "acl"
  | "gateway"
  | "nat"
  | "egress-only"
  | "transit"
  | "peering"
  | "instance"
  | "card"
  | "list"
  | "address"
  | "role"
  | "policy"
  | "other";

export type Outside = Pick<Site, "on" | "outside">;

export type Maker = (site: Site) => Promise<Made>;
/** By type. */
export type Makers = Readonly<Record<string, Maker>>;
export type Ec2 = Outside["on"]["account"]["ec2"];

/** CloudFormation tells nobody the id of a statement about others. */
export const nameless: Made = { id: "" };

export async function isGiven(properties: Properties, name: string): Promise<boolean> {
  try {
    return (await properties.plain(name)) !== undefined;
  } catch {
    return true;
  }
}

export function given(value: string | undefined, why = "the account gave no id"): string {
  if (value === undefined) throw new NotReplayable(why);
  return value;
}

/** Returns a name that no other template of the run has. */
export function freshName(id: string): string {
  return `${id}-${++names}`;
}

let names = 0;
