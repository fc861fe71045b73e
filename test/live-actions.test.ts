/** The list of actions, the policy made from it, and what really goes over the wire are one and the same. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { CreateManagedPrefixListCommand } from "@aws-sdk/client-ec2";
import { PutRolePermissionsBoundaryCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { build } from "esbuild";
import { apart, commandLine } from "../scripts/apart.mjs";
import { actions, minimalPolicy, resolveActions } from "../server/src/live/actions";
import { lookAt } from "../server/src/live/live";
import { listStacks } from "../server/src/live/stack";
import { region, vpcAccess } from "./live/account";
import { bench, lookOrRefusal } from "./live/check";
import { ec2Reply, publicAccess } from "./live/proxy";

const root = path.resolve(import.meta.dirname, "..");

describe("live actions", function () {
  const on = bench(this);

  it("are all sent, and nothing else is", async () => {
    const world = await on.account.natWorld();
    const { ec2, iam } = on.account;
    const { PrefixList } = await ec2.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: "one",
        AddressFamily: "IPv4",
        MaxEntries: 1,
        Entries: [{ Cidr: "203.0.113.0/24" }],
      }),
    );
    await on.account.route(world.privateTable, {
      DestinationPrefixListId: PrefixList?.PrefixListId,
      NatGatewayId: world.nat,
    });
    const RoleName = world.role.slice(world.role.lastIndexOf("/") + 1);
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "logs:*", Resource: "*" },
    });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: vpcAccess }));
    const provider = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool";
    on.proxy.add(({ action }) => {
      switch (action) {
        case "lambda:GetFunctionConfiguration":
          return (body) =>
            JSON.stringify({
              ...JSON.parse(body),
              CapacityProviderConfig: {
                LambdaManagedInstancesCapacityProviderConfig: { CapacityProviderArn: provider },
              },
            });
        case "lambda:GetCapacityProvider": {
          const VpcConfig = { SubnetIds: [world.closed], SecurityGroupIds: [world.group] };
          const body = JSON.stringify({ CapacityProvider: { CapacityProviderArn: provider, VpcConfig } });
          return { type: "application/json", body };
        }
        case "ec2:DescribeVpcs":
          return (body) => body.replace(/<dhcpOptionsId>default/g, "<dhcpOptionsId>dopt-0123456789abcdef0");
        case "ec2:DescribeVpcBlockPublicAccessOptions":
          return publicAccess("block-ingress");
        case "ec2:DescribeVpcBlockPublicAccessExclusions":
          return ec2Reply("DescribeVpcBlockPublicAccessExclusions", "<vpcBlockPublicAccessExclusionSet/>");
        case "ec2:DescribeRouteTables":
          return (body) =>
            body.replace(
              `<natGatewayId>${world.nat}`,
              `<instanceId>i-0123456789abcdef0</instanceId><networkInterfaceId>eni-0123456789abcdef0</networkInterfaceId><natGatewayId>`,
            );
        default:
          return undefined;
      }
    });
    await on.account.stack("demo", JSON.stringify({ Resources: { Topic: { Type: "AWS::SNS::Topic" } } }));
    const wish = { region, endpoint: on.proxy.url, env: process.env };
    const stacks: string[] = [];
    assert.equal(await listStacks(wish, {}, (page) => stacks.push(...page.map(({ name }) => name))), undefined);
    assert.deepEqual(stacks, ["demo"]);
    for (const name of [world.name, undefined]) {
      const look = await lookOrRefusal(on.proxy, name);
      assert.ok("network" in look, JSON.stringify(look));
      assert.deepEqual(look.failures, []);
    }
    const inStack = await lookAt("Topic", wish, {}, { name: "demo", stage: "Original" });
    assert.ok("failure" in inStack && inStack.failure.kind === "not-found", JSON.stringify(inStack));
    assert.deepEqual([...new Set(on.proxy.actions)].sort(), Object.keys(actions).sort());
  });

  it("have a command each in the source", () => {
    const folder = path.join(root, "server/src/live");
    const text = fs
      .readdirSync(folder)
      .map((file) => fs.readFileSync(path.join(folder, file), "utf8"))
      .join("\n");
    const commands = new Set([...text.matchAll(/\bnew (\w+)Command\(/g)].map(([, name]) => name));
    assert.deepEqual(
      [...commands].sort(),
      Object.keys({ ...actions, ...resolveActions })
        .map((action) => action.split(":")[1])
        .sort(),
    );
  });

  it("only read", () => {
    for (const action of Object.keys({ ...actions, ...resolveActions })) {
      assert.match(action, /^[a-z0-9]+:(?:Get|List|Describe)[A-Za-z]+$/);
    }
  });

  it("make a policy that grants each once, in the partition asked for", () => {
    const policy = minimalPolicy("aws-cn") as {
      Statement: { Effect: string; Action: string[]; Resource: string | string[] }[];
    };
    assert.deepEqual(policy.Statement.flatMap(({ Action }) => Action).sort(), Object.keys(actions).sort());
    assert.ok(policy.Statement.every(({ Effect }) => Effect === "Allow"));
    const of = (action: string) => policy.Statement.find(({ Action }) => Action.includes(action))?.Resource;
    assert.equal(of("ec2:DescribeSubnets"), "*");
    assert.equal(of("lambda:GetFunctionConfiguration"), "arn:aws-cn:lambda:*:*:function:*");
    assert.deepEqual(of("iam:GetPolicy"), ["arn:aws-cn:iam::*:policy/*", "arn:aws-cn:iam::aws:policy/*"]);
    // Whoever only checks what is deployed needs no more than before, and who resolves asks for no function.
    assert.equal(of("ssm:GetParameters"), undefined);
    const resolving = minimalPolicy("aws-cn", resolveActions) as typeof policy;
    const granted = resolving.Statement.flatMap(({ Action }) => Action);
    assert.deepEqual(granted.sort(), Object.keys(resolveActions).sort());
    assert.ok(granted.includes("ssm:GetParameters") && !granted.some((action) => action.startsWith("lambda:")));
  });

  it("grow with VPCs and distinct roles, not with functions", async () => {
    const world = await on.account.natWorld();
    const count = async () => {
      on.proxy.clear();
      await lookOrRefusal(on.proxy, undefined);
      return on.proxy.actions.length;
    };
    const add = async (name: string, Role?: string) =>
      on.account.fn(`${world.name}-${name}`, [world.closed], [world.group], Role === undefined ? {} : { Role });
    const before = await count();
    for (let index = 0; index < 5; index++) await add(`same-${index}`, world.role);
    assert.equal(await count(), before);
    // A role of its own: what it is, and the lists of its policies. The policy itself is known already.
    await add("other");
    assert.equal(await count(), before + 3);
    assert.equal(on.proxy.actions.filter((action) => action === "iam:GetPolicyVersion").length, 1);
  });

  it("are counted for whoever waits", async () => {
    const world = await on.account.natWorld();
    on.proxy.clear();
    const seen = { calls: 0, functions: 0 };
    const watch = {
      answered: () => {
        seen.calls += 1;
      },
      listed: (functions: number) => {
        seen.functions += functions;
      },
    };
    const look = await lookOrRefusal(on.proxy, undefined, { watch });
    assert.ok("functions" in look && look.functions.some(({ key }) => key === world.name));
    assert.equal(seen.calls, on.proxy.actions.length);
    assert.ok(seen.functions >= look.functions.length);
  });
});

describe("bundles", function () {
  this.timeout(60_000);

  it("keep AWS's SDK out of what does not ask AWS", async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: { ...commandLine, server: "server/src/server.ts" },
      outdir: path.join(root, "nowhere"),
      write: false,
      bundle: true,
      platform: "node",
      format: "cjs",
      mainFields: ["module", "main"],
      metafile: true,
      plugins: [apart()],
      logLevel: "error",
    });
    const has = (bundle: string, part: RegExp) => {
      const output = Object.entries(metafile.outputs).find(([file]) => file.endsWith(bundle))?.[1];
      assert.ok(output, bundle);
      return Object.keys(output.inputs).some((input) => part.test(input));
    };
    const bundles = ["/program.js", "/seldom.js", "/worker.js", "/server.js", "/account.js"];
    const sdk = /node_modules\/@(?:aws-sdk|smithy)\//;
    assert.deepEqual(
      bundles.map((bundle) => has(bundle, sdk)),
      [false, false, false, false, true],
    );
    // A check compiles what it needs: no language server, no fixes.
    assert.deepEqual(
      bundles.map((bundle) => has(bundle, /node_modules\/(?:vscode-languageserver|diff)\//)),
      [false, true, false, true, false],
    );
    // The report on a function has a picture in it.
    const layout = /node_modules\/@dagrejs\//;
    assert.deepEqual(
      bundles.map((bundle) => has(bundle, layout)),
      [false, false, false, false, true],
    );
  });
});
