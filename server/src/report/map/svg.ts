/** The picture as one SVG that stands alone: no script, no font, no file beside it. */
import { type Catalogue, type Message, message, render } from "../../message";
import type { Card, Line } from "./card";
import type { State } from "./graph";
import { iconOf } from "./icons";
import type { Layout } from "./layout";
import { type Box, curve, type Point, round } from "./lines";
import { style } from "./style";

export interface SvgOptions {
  readonly title: string;
  /** What the picture says, in words. */
  readonly description: string;
  readonly catalogue: Catalogue;
  /** Ids of nodes in the order in which they are read; the others follow from top to bottom. */
  readonly order: readonly string[];
  /** Of a page whose policy admits no other style. */
  readonly nonce?: string;
}

/** Returns the SVG. Its colours are the editor's where it is shown in one, and follow the system's theme elsewhere. */
export function toSvg(layout: Layout, { title, description, catalogue, order, nonce }: SvgOptions): string {
  const { left, width, height, clusters, edges, cards } = layout;
  const own = nonce === undefined ? "" : ` nonce="${escaped(nonce)}"`;
  // What is lit lies above what is not.
  const ordered = [...edges].sort((left, right) => layerOf(left.edge.state) - layerOf(right.edge.state));
  const placeOf = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  const read = [...cards].sort(
    (left, right) =>
      placeOf(left.card.node.id) - placeOf(right.card.node.id) ||
      left.box.top - right.box.top ||
      left.box.left - right.box.left,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" class="egress-map" role="img" aria-label="${escaped(title)}" width="${width}" height="${height}" viewBox="${left} 0 ${width} ${height}">
<title>${escaped(title)}</title>
<desc>${escaped(description)}</desc>
<style${own}>${style}</style>
<rect class="paper" x="${left}" width="${width}" height="${height}"/>
${clusters.map(({ cluster, box, full }) => clusterSvg(cluster.kind, box, full)).join("\n")}
${ordered.map(({ edge, points }) => edgeSvg(edge.state, points)).join("\n")}
${clusters.map(({ cluster, box, name: shown }) => nameSvg(cluster.kind, box, shown)).join("\n")}
${read.map(({ card, box }) => cardSvg(card, box, catalogue)).join("\n")}
</svg>
`;
}

function layerOf(state: State): number {
  return ["dim", "plain", "open", "fair", "lit", "broken"].indexOf(state);
}

function clusterSvg(kind: string, { left, top, width, height }: Box, full: string): string {
  const at = `x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="9"`;
  return `<g class="cluster ${kind}"><title>${escaped(full)}</title><rect ${at}/></g>`;
}

/** A cluster's name, above the lines that pass behind it. */
function nameSvg(kind: string, { left, top }: Box, name: string): string {
  if (kind === "subnet") return "";
  return `<text class="cluster-name ${kind}" x="${round(left + 11)}" y="${round(top + 17)}">${escaped(name)}</text>`;
}

/** A line with its head at the end: its dashes as well as its colour tell its state. */
function edgeSvg(state: State, points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return "";
  // Lines arrive upright, from above or from below.
  const back = end.y >= before.y ? -1 : 1;
  const neck = { x: end.x, y: end.y + 7 * back };
  const head = `M${round(end.x)} ${round(end.y)}l-5 ${9 * back}h10Z`;
  return `<g class="edge ${state}" aria-hidden="true"><path class="line" d="${curve([...points.slice(0, -1), neck])}"/><path class="head" d="${head}"/></g>`;
}

function cardSvg({ node, width, height, lines, rule, label }: Card, { left, top }: Box, catalogue: Catalogue): string {
  const state = stateWords[node.state];
  const says = state === undefined ? label : `${render(state, catalogue)}: ${label}`;
  const line = rule === undefined ? "" : `<path class="rule" d="M0 ${rule}H${width}"/>`;
  return `<g class="node ${node.kind} ${node.state}" data-node="${escaped(node.id)}" transform="translate(${round(left)} ${round(top)})"><title>${escaped(says)}</title>
<rect class="card" width="${width}" height="${round(height)}" rx="7"/>${line}
<g class="icon" transform="translate(10 10)"><rect width="24" height="24" rx="5"/><path d="${iconOf(node.kind)}"/></g>
${lines.map(lineSvg).join("")}${signSvg(node.state, width - 15, 15, 8)}</g>`;
}

function lineSvg({ kind, text, full, x, y, state }: Line): string {
  const title = text === full ? "" : `<title>${escaped(full)}</title>`;
  const sign = state === undefined ? "" : signSvg(state, x - 10, y - 4, 6);
  const tone = state === undefined ? "" : ` ${state}`;
  return `${sign}<text class="${kind}${tone}" x="${x}" y="${round(y)}">${escaped(text)}${title}</text>`;
}

/** The sign of a state in a circle: a tick, a cross, a question mark. */
function signSvg(state: State, x: number, y: number, radius: number): string {
  const unit = radius / 8;
  const at = (dx: number, dy: number): string => `${round(x + dx * unit)} ${round(y + dy * unit)}`;
  const shapes: Readonly<Record<State, string>> = {
    lit: `M${at(-3.5, 0.3)}L${at(-1, 3)}L${at(3.5, -2.7)}`,
    broken: `M${at(-3, -3)}L${at(3, 3)}M${at(3, -3)}L${at(-3, 3)}`,
    open: `M${at(-2.4, -2)}Q${at(-2.2, -4.6)} ${at(0.2, -4.6)}Q${at(2.8, -4.4)} ${at(2.4, -1.8)}Q${at(2, -0.4)} ${at(0.2, 0.4)}L${at(0.2, 1.8)}M${at(0.2, 4.2)}L${at(0.2, 4.5)}`,
    fair: `M${at(0, -4.4)}L${at(0, 0.8)}M${at(0, 3.9)}L${at(0, 4.2)}`,
    dim: "",
    plain: "",
  };
  if (shapes[state] === "") return "";
  return `<g class="sign ${state}"><circle cx="${round(x)}" cy="${round(y)}" r="${radius}"/><path d="${shapes[state]}"/></g>`;
}

const stateWords: Readonly<Record<State, Message | undefined>> = {
  lit: message("passed"),
  broken: message("failed"),
  open: message("unknown"),
  fair: message("in part"),
  dim: message("not on the path"),
  plain: undefined,
};

/** Returns text for XML, where control characters may not stand at all. */
export function escaped(raw: string): string {
  return (
    raw
      // biome-ignore lint: XML admits none of these.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[\ud800-\udfff]/gu, "\ufffd")
      .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
