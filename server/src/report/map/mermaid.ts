/** The picture as a Mermaid flowchart, for READMEs and pull requests. */
import { type Catalogue, type Message, render } from "../../message";
import type { Graph, MapEdge, MapNode, State } from "./graph";

/** Returns the flowchart's text. Ids are made up, so that no name can be taken for syntax. */
export function toMermaid({ nodes, clusters, edges }: Graph, catalogue: Catalogue): string {
  const say = (text: string | Message): string => quoted(typeof text === "string" ? text : render(text, catalogue));
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const drawn = edges.filter(({ from, to }) => from !== to && ids.has(from) && ids.has(to));
  const inside = (parent: string | undefined, indent: string): string[] => [
    ...nodes.filter((node) => node.parent === parent).map((node) => `${indent}${ids.get(node.id)}${shape(node, say)}`),
    ...clusters
      .filter((cluster) => cluster.parent === parent)
      .flatMap((cluster) => {
        const content = inside(cluster.id, `${indent}  `);
        const name = `c${clusters.indexOf(cluster)}["${cluster.kind === "subnet" ? " " : say(cluster.name)}"]`;
        return content.length === 0 ? [] : [`${indent}subgraph ${name}`, ...content, `${indent}end`];
      }),
  ];
  const styled = drawn.flatMap(({ state }, index) => linkStyles[state].map((look) => `  linkStyle ${index} ${look}`));
  return `${[
    "flowchart LR",
    ...inside(undefined, "  "),
    ...drawn.map((edge) => `  ${ids.get(edge.from)} ${arrow(edge)} ${ids.get(edge.to)}`),
    ...classes.map(([name, look]) => `  classDef ${name} ${look}`),
    ...classes.flatMap(([name]) => {
      const members = nodes.filter(({ state }) => state === name).map(({ id }) => ids.get(id));
      return members.length === 0 ? [] : [`  class ${members.join(",")} ${name}`];
    }),
    ...styled,
  ].join("\n")}\n`;
}

function shape(node: MapNode, say: (text: string | Message) => string): string {
  const sign = signs[node.state];
  const rows = node.rows.filter(({ state }) => state === "broken" || state === "open");
  const whys = [
    ...rows.flatMap(({ text, whys }) => [text, ...whys.map((why) => why.text)]),
    ...node.whys.map(({ text }) => text),
  ];
  const text = [`<b>${sign}${say(node.name)}</b>`, say(node.detail), ...whys.map(say)].join("<br/>");
  return node.kind === "internet" ? `(["${text}"])` : `["${text}"]`;
}

function arrow({ state }: MapEdge): string {
  switch (state) {
    case "lit":
      return "==>";
    case "broken":
      return '-. "✗" .->';
    case "open":
    case "fair":
      return '-. "?" .->';
    case "dim":
    case "plain":
      return "-->";
  }
}

/** Everything but letters, digits and harmless marks becomes a number, which Mermaid turns back into the character. */
function quoted(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:/_→·✓✗…()-]/gu, (character) => `#${character.codePointAt(0)};`);
}

const signs: Readonly<Record<State, string>> = { lit: "✓ ", broken: "✗ ", open: "? ", fair: "! ", dim: "", plain: "" };

/** Colours that can be read on a light page and on a dark one. */
const classes: readonly (readonly [State, string])[] = [
  ["lit", "stroke:#2da160,stroke-width:3px"],
  ["broken", "stroke:#d83b3b,stroke-width:3px,stroke-dasharray:6 4"],
  ["open", "stroke:#b8860b,stroke-width:2px,stroke-dasharray:2 4"],
  ["fair", "stroke:#b8860b,stroke-width:2px"],
  ["dim", "opacity:0.55"],
];

const linkStyles: Readonly<Record<State, readonly string[]>> = {
  lit: ["stroke:#2da160,stroke-width:3px"],
  broken: ["stroke:#d83b3b,stroke-width:2px"],
  open: ["stroke:#b8860b,stroke-width:2px"],
  fair: ["stroke:#b8860b,stroke-width:2px"],
  dim: ["opacity:0.5"],
  plain: [],
};
