/** The installed package in a real editor: what a person sees, asked of the editor and not of the server. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as vscode from "vscode";
import { eventually, extensionId, finding, open, replace, rules, until } from "./editor";

const rule = "public-subnet";

const pasted = `Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: exports.handler = async () => 1
      VpcConfig:
        SubnetIds: []
        SecurityGroupIds: []
`;

describe("the extension in VS Code", () => {
  before(() => console.log(`    VS Code ${vscode.version}, Node.js ${process.versions.node}`));

  afterEach(async () => {
    await vscode.workspace
      .getConfiguration("lambdaEgress")
      .update("rules", undefined, vscode.ConfigurationTarget.Workspace);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
  });

  it("is the installed package, not a folder under development", () => {
    const extension = vscode.extensions.getExtension(extensionId);
    assert.ok(extension !== undefined, `${extensionId} is not installed`);
    assert.match(extension.extensionPath, /extensions[\\/]lambda-egress\.lambda-egress-[\d.]+/);
  });

  for (const [name, reference] of [
    ["template.yaml", "!Ref Public"],
    ["template.json", '{\n              "Ref": "Public"\n            }'],
    ["stack.template", "!Ref Public"],
  ] as const) {
    it(`marks the public subnet in ${name}`, async () => {
      const document = await open(name);
      const found = await finding(document, rule);
      assert.equal(document.getText(found.range), reference);
      assert.match(found.message, /Worker/);
      if (name === "stack.template") assert.equal(document.languageId, "cloudformation");
    });
  }

  it("offers a quick fix that removes the finding and adds none", async () => {
    const document = await open("template.yaml");
    const found = await finding(document, rule);
    const others = rules(document).filter((other) => other !== rule);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      found.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ title, edit }) => /\bPrivate\b/.test(title) && edit !== undefined);
    assert.ok(fix?.edit !== undefined, `no fix among: ${actions.map(({ title }) => title).join(" | ")}`);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), /SubnetIds: \[!Ref Private\]/);
    await until(document, (now) => !now.includes(rule), `${rule} to go`);
    assert.deepEqual(rules(document), others);
  });

  it("shows a finding while its text is typed, and takes it back on undo", async () => {
    const document = await open("template.yaml");
    await finding(document, rule);
    await replace(document, "!Ref Public]", "!Ref Private]");
    await until(document, (now) => !now.includes(rule), `${rule} to go`);
    await vscode.commands.executeCommand("undo");
    await finding(document, rule);
  });

  it("inserts a whole network that has nothing to complain about", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "yaml", content: "" });
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("lambdaEgress.insertNatVpc");
    const inserted = () => /AWS::EC2::NatGateway/.test(document.getText());
    await eventually(inserted, () => `the document holds: ${document.getText()}`);
    // That nothing is found means something only where a fault would be.
    const text = document.getText();
    await replace(document, "- !Ref PrivateSubnet1", "- !Ref PublicSubnet");
    await finding(document, "inconsistent-subnets");
    await replace(document, "- !Ref PublicSubnet", "- !Ref PrivateSubnet1");
    await until(document, (now) => now.length === 0, "no finding");
    assert.equal(document.getText(), text);
  });

  it("gives a pasted function its network: asks which, and writes it", async () => {
    const document = await vscode.workspace.openTextDocument({ language: "yaml", content: pasted });
    await vscode.window.showTextDocument(document);
    const at = document.positionAt(pasted.indexOf("SubnetIds"));
    const actions = () =>
      vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        document.uri,
        new vscode.Range(at, at),
        vscode.CodeActionKind.QuickFix.value,
      );
    let offered: vscode.CodeAction[] = [];
    const find = () => offered.find(({ title }) => title === "Create the NAT topology for Worker…");
    for (const end = Date.now() + 15_000; find() === undefined && Date.now() < end; ) {
      offered = await actions();
      // Nobody asks without a pause, and whoever does keeps the editor from all else.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const action = find();
    assert.ok(action?.command !== undefined, `offered are: ${offered.map(({ title }) => title).join(" | ")}`);
    const done = vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
    const deadline = Date.now() + 15_000;
    // The list opens when the server has answered; until then there is nothing to accept.
    while (!/AWS::EC2::NatGateway/.test(document.getText()) && Date.now() < deadline) {
      await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await done;
    assert.match(document.getText(), /NatGatewayId: !Ref NatGateway/);
    assert.match(document.getText(), /SubnetIds: \[!Ref PrivateSubnet1, !Ref PrivateSubnet2\]/);
    await until(document, (now) => now.length === 0, "no finding");
    assert.ok((await actions()).every(({ title }) => !title.startsWith("Create the NAT topology")));
  });

  it("makes the safe fixes when a template is saved, where the settings say so", async () => {
    const document = await open("template.yaml");
    await finding(document, rule);
    const before = document.getText();
    const settings = () => vscode.workspace.getConfiguration("editor");
    const onSave = { "source.fixAll.lambdaEgress": "always" };
    await settings().update("codeActionsOnSave", onSave, vscode.ConfigurationTarget.Workspace);
    try {
      // A name in place of a reference has one right answer.
      await replace(document, "SubnetId: !Ref Private", "SubnetId: Private");
      assert.ok(await document.save());
      assert.equal(document.getText(), before);
    } finally {
      await settings().update("codeActionsOnSave", undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it("leaves it to the editor's JSON support to say that the text is broken", async () => {
    const document = await open("template.json");
    await finding(document, rule);
    await replace(document, '"Ref": "Public"', '"Ref" "Public"');
    const sources = () => vscode.languages.getDiagnostics(document.uri).map(({ source }) => source);
    await eventually(
      () => sources().includes("json"),
      () => `the sources are ${sources()}`,
    );
    // Whichever of the two comes first, in the end only one of them is there.
    await until(document, (now) => !now.includes(rule), `${rule} to go`);
    await until(document, (now) => !now.includes("template-syntax"), "template-syntax to go");
  });

  it("leaves a file alone that is no template", async () => {
    const compose = await open("docker-compose.yaml");
    const template = await open("template.yaml");
    await finding(template, rule);
    assert.deepEqual(rules(compose), []);
  });

  it("follows a changed setting without a reload", async () => {
    const document = await open("template.yaml");
    await finding(document, rule);
    const settings = () => vscode.workspace.getConfiguration("lambdaEgress");
    await settings().update("rules", { [rule]: "off" }, vscode.ConfigurationTarget.Workspace);
    await until(document, (now) => !now.includes(rule), `${rule} to go`);
    await settings().update("rules", { [rule]: "hint" }, vscode.ConfigurationTarget.Workspace);
    assert.equal((await finding(document, rule)).severity, vscode.DiagnosticSeverity.Hint);
    await settings().update("rules", undefined, vscode.ConfigurationTarget.Workspace);
    await eventually(
      () => vscode.languages.getDiagnostics(document.uri).some(({ severity }) => severity <= 1),
      () => `severity never came back: ${rules(document)}`,
    );
  });

  it("starts a new server on command, which goes on where the old one was", async () => {
    const document = await open("template.yaml");
    await finding(document, rule);
    const before = servers();
    await vscode.commands.executeCommand("lambdaEgress.restartServer");
    await finding(document, rule);
    if (process.platform !== "win32") {
      assert.equal(before.length, 1);
      await eventually(
        () => servers().length === 1 && servers()[0] !== before[0],
        () => `servers before: ${before}, now: ${servers()}`,
      );
    }
    await replace(document, "!Ref Public]", "!Ref Private]");
    await until(document, (now) => !now.includes(rule), `${rule} to go`);
  });
});

/** Returns the process ids of the language servers that this extension host started. */
function servers(): string[] {
  if (process.platform === "win32") return [];
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => parent === String(process.pid) && args.some((arg) => arg.endsWith("server.js")))
    .map(([pid = ""]) => pid);
}
