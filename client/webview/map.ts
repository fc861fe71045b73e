/** The inside of the egress map's view: shows the picture, and makes it reachable by mouse and keys. */
import type { Deed, Show } from "../src/map-messages";

declare function acquireVsCodeApi(): { postMessage(deed: Deed): void };

const editor = acquireVsCodeApi();
const [stage, chooser, paths, notice, look] = ["stage", "function", "paths", "notice", "look"].map(
  (id) => document.getElementById(id) ?? document.body,
) as [HTMLElement, HTMLSelectElement, HTMLElement, HTMLElement, HTMLElement];
const [smallest, largest] = [0.2, 4];
/** Undefined as long as the picture fits itself into the view. */
let zoom: number | undefined;

window.addEventListener("message", ({ data }: MessageEvent<Show>) => show(data));
window.addEventListener("resize", () => scale());
// The head above grows with the names in it.
new ResizeObserver(() => scale()).observe(chooser.parentElement ?? chooser);
chooser.addEventListener("change", () => editor.postMessage({ kind: "choose", id: chooser.value }));
for (const [id, run] of [
  ["in", () => zoomBy(1.25)],
  ["out", () => zoomBy(0.8)],
  ["fit", () => fitView()],
  ["save", () => editor.postMessage({ kind: "save" })],
  ["mermaid", () => editor.postMessage({ kind: "mermaid" })],
] as const) {
  document.getElementById(id)?.addEventListener("click", run);
}
stage.addEventListener(
  "wheel",
  (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1.12 : 1 / 1.12);
  },
  { passive: false },
);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target === chooser) return;
  const run = { "+": () => zoomBy(1.25), "=": () => zoomBy(1.25), "-": () => zoomBy(0.8), "0": fitView }[event.key];
  if (run === undefined) return;
  event.preventDefault();
  run();
});
stage.addEventListener("click", ({ target }) => {
  const node = target instanceof Element ? target.closest<SVGElement>("[data-node]") : null;
  if (node !== null) jump(node);
});
stage.addEventListener("keydown", (event) => {
  const nodes = [...stage.querySelectorAll<SVGElement>("[data-node]")];
  const at = nodes.indexOf(event.target as SVGElement);
  if (at < 0) return;
  const to = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: nodes.length - 1,
  }[event.key];
  if (event.key === "Enter" || event.key === " ") jump(nodes[at]);
  else if (to === undefined) return;
  else nodes[to]?.focus();
  event.preventDefault();
});
editor.postMessage({ kind: "ready" });

function jump(node: SVGElement | undefined): void {
  const id = node?.dataset.node;
  if (id !== undefined) editor.postMessage({ kind: "jump", node: id });
}

function show(next: Show): void {
  const focused = document.activeElement instanceof SVGElement ? document.activeElement.dataset.node : undefined;
  notice.textContent = next.notice === "" ? next.title : next.notice;
  chooser.replaceChildren(
    ...(next.functions.length === 1 ? [] : [new Option(chooser.dataset.all, "", false, next.chosen === "")]),
    ...next.functions.map(({ id, says }) => new Option(`${id}: ${says}`, id, false, id === next.chosen)),
  );
  chooser.disabled = next.functions.length === 0;
  document.body.classList.toggle("old", next.notice !== "");
  // While a template cannot be read, the last picture stays, faded.
  if (next.svg === "") return;
  draw(next.svg);
  list(next.paths);
  const again = focused && stage.querySelector<SVGElement>(`[data-node="${CSS.escape(focused)}"]`);
  if (again) again.focus();
}

/** The picture's own style is let in by the page's policy only from the element that carries its nonce. */
function draw(text: string): void {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const style = parsed.querySelector("style");
  look.textContent = style?.textContent ?? "";
  style?.remove();
  // What has parts to go to is a group; an image hides them.
  parsed.setAttribute("role", "group");
  for (const node of parsed.querySelectorAll<SVGElement>("[data-node]")) {
    node.setAttribute("tabindex", "0");
    node.setAttribute("role", "button");
    node.setAttribute("aria-label", node.querySelector("title")?.textContent ?? "");
  }
  stage.replaceChildren(document.importNode(parsed, true));
  scale();
}

function list(all: Show["paths"]): void {
  paths.replaceChildren(
    ...all.flatMap(({ title, steps }, path) => {
      const head = document.createElement("h2");
      head.textContent = title;
      const items = document.createElement("ol");
      items.append(
        ...steps.map(({ status, text, node }, step) => {
          const [item, link] = [document.createElement("li"), document.createElement("button")];
          item.className = status;
          const word = document.createElement("span");
          // The sign before the line is nothing that is read aloud.
          word.className = "hidden";
          word.textContent = `${paths.dataset[status]}: `;
          link.append(word, text);
          link.addEventListener("click", () => editor.postMessage({ kind: "jump", node, path, step }));
          item.append(link);
          return item;
        }),
      );
      return [head, items];
    }),
  );
}

function picture(): SVGSVGElement | null {
  return stage.querySelector("svg");
}

function fitView(): void {
  zoom = undefined;
  scale();
}

function zoomBy(factor: number): void {
  const own = picture();
  if (own === null) return;
  const now = own.getBoundingClientRect().width / own.viewBox.baseVal.width;
  zoom = Math.min(largest, Math.max(smallest, now * factor));
  scale();
}

/** By itself a picture is as large as it was drawn, or as the view has room for, if it can still be read then. */
function scale(): void {
  const own = picture();
  if (own === null) return;
  const { width, height } = own.viewBox.baseVal;
  const [right, below] = [stage.clientWidth - 2, window.innerHeight - stage.offsetTop - 20];
  const factor = zoom ?? Math.min(1, Math.max(0.7, Math.min(right / width, below / height)));
  own.style.width = `${Math.round(width * factor)}px`;
  own.style.height = `${Math.round(height * factor)}px`;
}
