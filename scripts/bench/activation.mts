/** How long the extension keeps the editor's extension host busy when it starts, in a real VS Code. */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { launchBrowser } from "../vscode/browser.mjs";
import { runHosted } from "../vscode/hosted.mjs";
import { current, installChromium, installVSCode } from "../vscode/install.mjs";
import { serve } from "../vscode/serve.mjs";
import { median } from "./figures.mjs";

const root = path.resolve(import.meta.dirname, "../..");

/** The file in which a window leaves its figures. */
const figures = "LAMBDA_EGRESS_BENCH_FIGURES";

/** In milliseconds, and both from where VS Code begins to load the extension's code. */
export interface Activation {
  /** Until the code is loaded and `activate` is done, which is what other extensions wait for. */
  readonly activated: number;
  /** Until a template that was open already has its first finding. */
  readonly found: number;
}

/**
 * Returns the medians over so many windows, by the marks that VS Code itself leaves in the extension host. The built
 * extension is the one under development there. Throws `Unavailable` where this machine cannot run VS Code.
 */
export async function activationTimes(windows: number): Promise<Activation> {
  const chromium = installChromium();
  const installation = installVSCode(current);
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-bench-"));
  try {
    const folder = path.join(scratch, "folder");
    const [result, module] = [path.join(scratch, "figures.json"), path.join(scratch, "probe.js")];
    fs.mkdirSync(folder);
    fs.copyFileSync(path.join(root, "examples/public-subnet.yaml"), path.join(folder, "template.yaml"));
    fs.writeFileSync(module, probe);
    const server = await serve(installation, { vsix: [], testDriver: true, env: { [figures]: result } });
    const browser = await launchBrowser(chromium);
    try {
      const all: Activation[] = [];
      for (let window = 0; window < windows; window++) {
        const picture = path.join(root, "out/bench-activation.png");
        await runHosted(server, browser, { folder, extension: root, module, limit: 60_000, picture, said: () => {} });
        all.push(JSON.parse(fs.readFileSync(result, "utf8")));
        fs.rmSync(result);
      }
      return {
        activated: median(all.map(({ activated }) => activated)),
        found: median(all.map(({ found }) => found)),
      };
    } finally {
      await browser.close();
      await server.stop();
    }
  } finally {
    fs.rmSync(scratch, { recursive: true });
  }
}

/** Runs in the extension host: opens the template, as a person does, and reads the marks once it has a finding. */
const probe = `const vscode = require("vscode");
const id = "lambda-egress.lambda-egress";
exports.run = async () => {
  const file = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, "template.yaml");
  const first = new Promise((resolve) => {
    vscode.languages.onDidChangeDiagnostics(() => {
      if (vscode.languages.getDiagnostics(file).length > 0) resolve(Date.now());
    });
  });
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
  const end = await first;
  const times = new Map(MonacoPerformanceMarks.getMarks().map(({ name, startTime }) => [name, startTime]));
  const at = (mark) => times.get("code/extHost/" + mark + "/" + id);
  const time = (what) => at("did" + what) - at("will" + what);
  const activated = time("LoadExtensionCode") + time("ActivateExtension");
  const found = end - at("willLoadExtensionCode");
  require("node:fs").writeFileSync(process.env.${figures}, JSON.stringify({ activated, found }));
};
`;
