/**
 * One leg of a path through a stateless network ACL.
 *
 * The question is a rectangle, addresses times ports. Entries are laid over it in ascending rule
 * number and the first that matches a point decides it, so the rectangle falls into cells with one
 * outcome each. An entry with unknown facts may decide the points it can reach, or leave them to the
 * entries behind it: such a cell collects every outcome it could have, and is settled all the same
 * when they agree.
 *
 * Sources: Amazon VPC User Guide, "Network ACLs" and "Default network ACL" (built-in rules 100 and
 * 101, ascending order, implicit deny), AWS::EC2::NetworkAclEntry (`Egress` is false by default).
 */
import { type Message, message } from "../message";
import {
  type AddressSet,
  allAddresses,
  intersect,
  isEmpty,
  noAddresses,
  overlaps,
  size,
  subtract,
  union,
} from "./address-space";
import { common, merge, without } from "./intervals";
import {
  allPorts,
  countPorts,
  type Extent,
  extent,
  matchedAddresses,
  matchedPorts,
  type PortSet,
  portSet,
} from "./matching";
import { type AclEntry, type Fact, known, knownOr, type NetworkAcl, type PortRange } from "./model";
import type { Family } from "./verdict";

export interface AclQuestion {
  readonly direction: "ingress" | "egress";
  readonly family: Family;
  /** The far ends: sources of ingress, destinations of egress. */
  readonly peers: AddressSet;
  /** The destination ports of the packets. */
  readonly ports: PortRange;
  readonly protocol: "tcp";
}

export interface AclAnswer {
  readonly allowed: Extent;
  /**
   * The entry that a person must change where not all is allowed: the deny that closes most of what
   * is closed, or the allow that comes closest, where widening it would help. Undefined where the
   * implicit deny stands and no entry comes close.
   */
  readonly deciding: AclEntry | undefined;
  /** The first allow that a `deciding` deny overrides; undefined also where that is a built-in rule. */
  readonly overridden: AclEntry | undefined;
  /** Ports certainly open to at least some of the peers. */
  readonly ports: PortSet;
  /** Peers certainly admitted on at least some of the ports. */
  readonly peers: AddressSet;
  /** Allow entries for these ports that name other peers only (the VPC's own range, say). */
  readonly otherPeers: readonly AclEntry[];
  /** Allow entries for these peers that open other ports only (443 where answers come to 1024-65535). */
  readonly otherPorts: readonly AclEntry[];
  /** Why `allowed` is unknown; empty where it is not. */
  readonly unknowns: readonly Message[];
}

/** Returns how much of the asked traffic the ACL lets through, and which entry decides that. */
export function askAcl(acl: NetworkAcl, question: AclQuestion): AclAnswer {
  const asked: Box = { peers: question.peers, ports: portSet(question.ports) };
  const layers = acl.external && !acl.isDefault ? [hidden(acl, question)] : layersOf(acl, question);
  const cells = evaluate(layers, asked);
  const open = cells.filter(({ allow, deny }) => allow && !deny);
  const closed = cells.filter(({ allow, deny }) => deny && !allow);
  const doubtful = cells.filter(({ allow, deny }) => allow && deny);
  const allowed = extent(open.length > 0, closed.length > 0, doubtful.length > 0);
  const allows = layers.filter(({ allow, deny }) => allow && !deny);
  return {
    allowed,
    ...(allowed === "none" || allowed === "some"
      ? culprit(layers, closed, asked)
      : { deciding: undefined, overridden: undefined }),
    ports: merge(open.flatMap(({ ports }) => ports)),
    peers: union(
      question.family,
      open.map(({ peers }) => peers),
    ),
    otherPeers: entriesOf(allows.filter(({ most }) => meetPorts(most, asked) && !overlaps(most.peers, asked.peers))),
    otherPorts: entriesOf(allows.filter(({ most }) => !meetPorts(most, asked) && overlaps(most.peers, asked.peers))),
    unknowns: allowed === "unknown" ? [...new Set(doubtful.flatMap(({ whys }) => whys))] : [],
  };
}

interface Box {
  readonly peers: AddressSet;
  readonly ports: PortSet;
}

/** An entry as it bears on one question; without `entry` it is a built-in rule of the default ACL. */
interface Layer {
  readonly entry: AclEntry | undefined;
  readonly least: Box;
  readonly most: Box;
  /** The actions it may have; both where that is unknown. */
  readonly allow: boolean;
  readonly deny: boolean;
  readonly whys: readonly Message[];
}

interface Cell extends Box {
  /** The outcomes it may have. */
  readonly allow: boolean;
  readonly deny: boolean;
  /** The layer that decides it at the latest; undefined for the implicit deny. */
  readonly by: Layer | undefined;
  readonly whys: readonly Message[];
}

function evaluate(layers: readonly Layer[], asked: Box): readonly Cell[] {
  const decided: Cell[] = [];
  let open: Cell[] = [{ ...asked, allow: false, deny: false, by: undefined, whys: [] }].filter(isBox);
  for (const layer of layers) {
    const passedOn: Cell[] = [];
    for (const cell of open) {
      const reach = cut(cell, layer.most);
      passedOn.push(...reach.outside);
      if (!reach.inside) continue;
      const { inside, outside } = cut(reach.inside, layer.least);
      if (inside) decided.push(touched(inside, layer));
      passedOn.push(...outside.map((part) => touched(part, layer)));
    }
    open = passedOn;
  }
  return [...decided, ...open.map((cell) => ({ ...cell, deny: true, by: undefined }))];
}

function touched(cell: Cell, by: Layer): Cell {
  const { allow, deny, whys } = by;
  return { ...cell, allow: cell.allow || allow, deny: cell.deny || deny, by, whys: [...cell.whys, ...whys] };
}

/** Splits a cell into its part inside `box` and the parts, each a rectangle again, outside it. */
function cut(cell: Cell, box: Box): { readonly inside: Cell | undefined; readonly outside: readonly Cell[] } {
  const inside = { ...cell, peers: intersect(cell.peers, box.peers), ports: common(cell.ports, box.ports) };
  if (!isBox(inside)) return { inside: undefined, outside: [cell] };
  const beside = { ...cell, peers: subtract(cell.peers, box.peers) };
  const above = { ...inside, ports: without(cell.ports, box.ports) };
  return { inside, outside: [beside, above].filter(isBox) };
}

/**
 * Returns the entries that bear on the question in the order of evaluation. An entry whose number is
 * unknown may stand first, so it stands there as a possibility; and it certainly comes before the
 * implicit deny, so it stands at the end with full force.
 */
function layersOf(acl: NetworkAcl, question: AclQuestion): readonly Layer[] {
  const numbered: { readonly number: number; readonly layer: Layer }[] = [];
  const possible: Layer[] = [];
  const floating: Layer[] = [];
  for (const entry of acl.entries) {
    const layer = toLayer(entry, question);
    if (!layer) continue;
    const { ruleNumber } = entry;
    const rival = rivalOf(entry, acl);
    if (ruleNumber.is === "known" && rival !== undefined) {
      const why = aboutEntry(entry, message("{0} has the same rule number", rival.key));
      const perhaps = { ...layer, least: nowhere(entry.family), whys: [...layer.whys, why] };
      numbered.push({ number: ruleNumber.value, layer: perhaps });
    } else if (ruleNumber.is !== "known") {
      const why = aboutEntry(entry, whyOf(ruleNumber, message("it has no rule number")));
      possible.push({ ...layer, least: nowhere(entry.family), whys: [...layer.whys, why] });
      floating.push(layer);
    }
    // The account lists the implicit deny as rule 32767; templates cannot use that number.
    else if (ruleNumber.value < 32767) numbered.push({ number: ruleNumber.value, layer });
  }
  numbered.push(...builtIn(acl, question));
  numbered.sort((a, b) => a.number - b.number);
  return [...possible, ...numbered.map(({ layer }) => layer), ...floating];
}

/**
 * Returns another entry with the number of this one: an ACL takes a number once in each direction, so AWS refuses
 * one of the two, and nobody knows which (API reference, CreateNetworkAclEntry).
 */
function rivalOf({ key, ruleNumber, egress }: AclEntry, acl: NetworkAcl): AclEntry | undefined {
  const isRival = (other: AclEntry): boolean =>
    other.key !== key &&
    known(other.ruleNumber) === known(ruleNumber) &&
    knownOr(other.egress, false) === knownOr(egress, false);
  return known(ruleNumber) === undefined ? undefined : acl.entries.find(isRival);
}

/**
 * The default ACL is created with an allow-all rule for each family. An entry with its number takes
 * its place. An account lists all rules that exist, so nothing is added there.
 */
function builtIn(
  acl: NetworkAcl,
  question: AclQuestion,
): readonly { readonly number: number; readonly layer: Layer }[] {
  const number = question.family === "ipv4" ? 100 : 101;
  const egress = question.direction === "egress";
  const replaced = acl.entries.some((e) => known(e.ruleNumber) === number && knownOr(e.egress, false) === egress);
  if (!acl.isDefault || acl.at.kind === "aws" || replaced) return [];
  const everywhere = { peers: allAddresses(question.family), ports: allPorts };
  return [
    { number, layer: { entry: undefined, least: everywhere, most: everywhere, allow: true, deny: false, whys: [] } },
  ];
}

/** Returns undefined where the entry certainly says nothing about the question. */
function toLayer(entry: AclEntry, question: AclQuestion): Layer | undefined {
  const egress = knownOr(entry.egress, false);
  const otherDirection = egress !== undefined && egress !== (question.direction === "egress");
  if (entry.family !== question.family || otherDirection) return undefined;
  const ports = matchedPorts(entry.protocol, entry.ports);
  const peers = matchedAddresses(entry.cidr, entry.family);
  if (ports.most.length === 0) return undefined;
  const action = known(entry.action)?.toLowerCase();
  const whys = [...ports.whys, ...peers.whys];
  if (entry.egress.is === "unknown") whys.push(entry.egress.why);
  if (action !== "allow" && action !== "deny") whys.push(whyOf(entry.action, message("it neither allows nor denies")));
  return {
    entry,
    least: egress === undefined ? nowhere(entry.family) : { peers: peers.least, ports: ports.least },
    most: { peers: peers.most, ports: ports.most },
    allow: action !== "deny",
    deny: action !== "allow",
    whys: whys.map((why) => aboutEntry(entry, why)),
  };
}

/** An ACL out of sight may hold any entry before and behind those that are seen. */
function hidden(acl: NetworkAcl, question: AclQuestion): Layer {
  const most = { peers: allAddresses(question.family), ports: allPorts };
  const why = message("network ACL {0} is not in sight", acl.key);
  return { entry: undefined, least: nowhere(question.family), most, allow: true, deny: true, whys: [why] };
}

/**
 * Returns the entry to change, going by what denies the largest part of the asked traffic: a deny is
 * to blame where it overrides an allow behind it, or where no allow in front of it could be widened.
 */
function culprit(
  layers: readonly Layer[],
  closed: readonly Cell[],
  asked: Box,
): Pick<AclAnswer, "deciding" | "overridden"> {
  const shares = new Map<Layer | undefined, bigint>();
  for (const cell of closed) shares.set(cell.by, (shares.get(cell.by) ?? 0n) + area(cell));
  const [worst] = [...shares].sort(([, a], [, b]) => (a > b ? -1 : a < b ? 1 : 0));
  const deny = worst?.[0];
  if (!deny) return { deciding: closestAllow(layers, asked), overridden: undefined };
  const at = layers.indexOf(deny);
  const denied = closed.filter(({ by }) => by === deny);
  const allow = layers.slice(at + 1).find(({ allow, most }) => allow && denied.some((cell) => cut(cell, most).inside));
  if (allow) return { deciding: deny.entry, overridden: allow.entry };
  return { deciding: closestAllow(layers.slice(0, at), asked) ?? deny.entry, overridden: undefined };
}

/** Returns the allow entry that has the largest shares of the asked peers and ports, if it has any. */
function closestAllow(layers: readonly Layer[], asked: Box): AclEntry | undefined {
  let best: { readonly share: number; readonly entry: AclEntry | undefined } = { share: 0, entry: undefined };
  for (const { entry, most, allow, deny } of layers) {
    if (!allow || deny) continue;
    const peers = Number(size(intersect(most.peers, asked.peers))) / Number(size(asked.peers));
    const share = peers + countPorts(common(most.ports, asked.ports)) / countPorts(asked.ports);
    if (share > best.share) best = { share, entry };
  }
  return best.entry;
}

/** Returns why a fact that must be there is not known, `otherwise` where it is missing or makes no sense. */
function whyOf(fact: Fact<unknown>, otherwise: Message): Message {
  return fact.is === "unknown" ? fact.why : otherwise;
}

function aboutEntry(entry: AclEntry, why: Message): Message {
  return message("entry {0}: {1}", entry.key, why);
}

function entriesOf(layers: readonly Layer[]): readonly AclEntry[] {
  return [...new Set(layers.flatMap(({ entry }) => entry ?? []))];
}

function isBox(box: Box): boolean {
  return !isEmpty(box.peers) && box.ports.length > 0;
}

function meetPorts(a: Box, b: Box): boolean {
  return common(a.ports, b.ports).length > 0;
}

function area(box: Box): bigint {
  return size(box.peers) * BigInt(countPorts(box.ports));
}

function nowhere(family: Family): Box {
  return { peers: noAddresses(family), ports: [] };
}
