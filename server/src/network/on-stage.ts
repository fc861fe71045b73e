/** Networks and maps that are no more than ways to look things up, in whatever world is on stage or in one of their own. */
import type { Message } from "../message";
import type { BlockPublicAccess, EdgeAssociation, Glimpse, Key, Network, Origin } from "./model";

/** The things of a network that are found by their keys. */
export type Kind = {
  [K in keyof Network]: Network[K] extends ReadonlyMap<Key, unknown> | undefined ? K : never;
}[keyof Network] &
  Exclude<keyof Network, "missing" | "unseen">;

/** What a network says beside its things. */
export interface Beside {
  readonly missing: ReadonlyMap<Key, Origin>;
  readonly glimpse: Glimpse;
  readonly edges: () => readonly EdgeAssociation[];
  readonly blockPublicAccess: () => BlockPublicAccess | undefined;
  readonly gaps: () => readonly Message[];
}

/** All of them are of one class, so that the engine reads them as fast as it reads plain data. */
export class NetworkByNeed implements Network {
  readonly source = "template";
  readonly vpcs: Network["vpcs"];
  readonly subnets: Network["subnets"];
  readonly routeTables: Network["routeTables"];
  readonly acls: Network["acls"];
  readonly groups: Network["groups"];
  readonly instances: Network["instances"];
  readonly interfaces: Network["interfaces"];
  readonly roles: Network["roles"];
  readonly internetGateways: Network["internetGateways"];
  readonly egressOnlyGateways: Network["egressOnlyGateways"];
  readonly natGateways: Network["natGateways"];
  readonly prefixLists: Network["prefixLists"];
  readonly endpoints: Network["endpoints"];
  readonly firewalls: Network["firewalls"];
  readonly functions: Network["functions"];
  readonly missing: Network["missing"];
  readonly glimpse: Glimpse;
  readonly #beside: Beside;

  constructor(thingsOf: <K extends Kind>(kind: K) => Network[K], beside: Beside) {
    this.vpcs = thingsOf("vpcs");
    this.subnets = thingsOf("subnets");
    this.routeTables = thingsOf("routeTables");
    this.acls = thingsOf("acls");
    this.groups = thingsOf("groups");
    this.instances = thingsOf("instances");
    this.interfaces = thingsOf("interfaces");
    this.roles = thingsOf("roles");
    this.internetGateways = thingsOf("internetGateways");
    this.egressOnlyGateways = thingsOf("egressOnlyGateways");
    this.natGateways = thingsOf("natGateways");
    this.prefixLists = thingsOf("prefixLists");
    this.endpoints = thingsOf("endpoints");
    this.firewalls = thingsOf("firewalls");
    this.functions = thingsOf("functions");
    this.missing = beside.missing;
    this.glimpse = beside.glimpse;
    this.#beside = beside;
  }

  get edges(): readonly EdgeAssociation[] {
    return this.#beside.edges();
  }

  get blockPublicAccess(): BlockPublicAccess | undefined {
    return this.#beside.blockPublicAccess();
  }

  get gaps(): readonly Message[] {
    return this.#beside.gaps();
  }
}

/** How the things of a map are found. */
export interface Ways<T> {
  readonly find: (key: Key) => T | undefined;
  readonly all: () => ReadonlyMap<Key, T>;
}

/** A map that holds nothing itself. */
export class MapByNeed<T> implements ReadonlyMap<Key, T> {
  readonly #ways: Ways<T>;

  constructor(ways: Ways<T>) {
    this.#ways = ways;
  }

  get(key: Key): T | undefined {
    return this.#ways.find(key);
  }

  has(key: Key): boolean {
    return this.#ways.find(key) !== undefined;
  }

  get size(): number {
    return this.#ways.all().size;
  }

  keys() {
    return this.#ways.all().keys();
  }

  values() {
    return this.#ways.all().values();
  }

  entries() {
    return this.#ways.all().entries();
  }

  forEach(work: (thing: T, key: Key, map: ReadonlyMap<Key, T>) => void): void {
    this.#ways.all().forEach(work);
  }

  [Symbol.iterator]() {
    return this.#ways.all()[Symbol.iterator]();
  }
}
