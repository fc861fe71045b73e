/**
 * The look of the picture. Every colour is the editor's variable where there is one, else one of two sets of
 * its own, by the system's theme. State never shows by colour alone: what is lit is thick with a tick, what is
 * broken is dashed with a cross.
 */
export const style = `
.egress-map { --ink: var(--vscode-editor-foreground, #1b2733); --paper: var(--vscode-editor-background, #ffffff); --good: var(--vscode-charts-green, #1a7f4b); --bad: var(--vscode-charts-red, #c62828); --fair: var(--vscode-charts-yellow, #9a6700); --tint: var(--vscode-charts-blue, #1f6feb); --focus: var(--vscode-focusBorder, #1f6feb); font-family: var(--vscode-font-family, system-ui, -apple-system, "Segoe UI", sans-serif); }
@media (prefers-color-scheme: dark) { .egress-map { --ink: var(--vscode-editor-foreground, #e6edf3); --paper: var(--vscode-editor-background, #161b22); --good: var(--vscode-charts-green, #56d18b); --bad: var(--vscode-charts-red, #ff7b72); --fair: var(--vscode-charts-yellow, #e3b341); --tint: var(--vscode-charts-blue, #6cb0ff); --focus: var(--vscode-focusBorder, #6cb0ff); } }
.egress-map .paper { fill: var(--paper); }
.egress-map text { fill: var(--ink); font-size: 11px; }
.egress-map .cluster rect { fill: var(--ink); fill-opacity: .03; stroke: var(--ink); stroke-opacity: .35; }
.egress-map .cluster.vpc rect { fill: var(--tint); fill-opacity: .04; stroke: var(--tint); stroke-opacity: .6; }
.egress-map .cluster.zone rect { stroke-dasharray: 5 4; }
.egress-map .cluster.subnet rect { fill: var(--tint); fill-opacity: .07; stroke: var(--tint); stroke-opacity: .4; }
.egress-map text.cluster-name { font-size: 12px; font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
.egress-map .card { fill: var(--paper); stroke: var(--ink); stroke-opacity: .55; }
.egress-map .rule { stroke: var(--ink); stroke-opacity: .18; }
.egress-map .name { font-size: 13px; font-weight: 600; }
.egress-map .detail, .egress-map .row { fill-opacity: .82; }
.egress-map .icon rect { fill: var(--tint); fill-opacity: .14; }
.egress-map .icon path { fill: none; stroke: var(--tint); stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
.egress-map .line { fill: none; stroke: var(--ink); stroke-opacity: .4; stroke-width: 1.2; }
.egress-map .head { fill: var(--ink); fill-opacity: .4; }
.egress-map .edge.lit .line { stroke: var(--good); stroke-opacity: 1; stroke-width: 3; }
.egress-map .edge.lit .head { fill: var(--good); fill-opacity: 1; }
.egress-map .edge.broken .line { stroke: var(--bad); stroke-opacity: 1; stroke-width: 2.2; stroke-dasharray: 6 5; }
.egress-map .edge.broken .head { fill: var(--bad); fill-opacity: 1; }
.egress-map .edge:is(.open, .fair) .line { stroke: var(--fair); stroke-opacity: 1; stroke-width: 2.2; stroke-dasharray: 1.5 5; stroke-linecap: round; }
.egress-map .edge:is(.open, .fair) .head { fill: var(--fair); fill-opacity: 1; }
.egress-map .node.lit .card { stroke: var(--good); stroke-opacity: 1; stroke-width: 2.5; }
.egress-map .node.broken .card { stroke: var(--bad); stroke-opacity: 1; stroke-width: 2.5; stroke-dasharray: 7 4; }
.egress-map .node:is(.open, .fair) .card { stroke: var(--fair); stroke-opacity: 1; stroke-width: 2; stroke-dasharray: 2 4; stroke-linecap: round; }
.egress-map .node.dim > :not(.card) { opacity: .62; }
.egress-map .node.dim .card { stroke-opacity: .3; }
.egress-map text.dim { fill-opacity: .62; }
.egress-map .sign circle { fill: var(--ink); }
.egress-map .sign.lit circle { fill: var(--good); }
.egress-map .sign.broken circle { fill: var(--bad); }
.egress-map .sign:is(.open, .fair) circle { fill: var(--fair); }
.egress-map .sign path { fill: none; stroke: var(--paper); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.egress-map .node:focus { outline: none; }
.egress-map .node:focus .card { stroke: var(--focus); stroke-opacity: 1; stroke-width: 3.5; stroke-dasharray: none; }
.egress-map .node[role=button] { cursor: pointer; }
@media (forced-colors: active) { .egress-map { --ink: CanvasText; --paper: Canvas; --good: CanvasText; --bad: CanvasText; --fair: CanvasText; --tint: CanvasText; --focus: Highlight; } }
`;
