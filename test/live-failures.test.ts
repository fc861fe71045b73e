/**
 * What the live check says when AWS does not tell, or tells of a state that an emulator never has. Each test is
 * named after its kind of failure: denied, throttled, SSO expired, no VpcConfig, not found, update in progress,
 * cancel, shared VPC, deleted NAT, absent fields; and paging, hanging, malformed. What each missing permission does, under
 * IAM as moto enforces it, is in live-permissions.test.ts.
 */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { mock } from "node:test";
import type { Action } from "../server/src/live/actions";
import { render } from "../server/src/message";
import { bench, type Checked, check, lookOrRefusal } from "./live/check";
import { ec2Error, ec2Reply, iamError, lambdaError, publicAccess, withIpv6 } from "./live/proxy";

describe("live failures", function () {
  const on = bench(this);

  const fault = (action: Action, reply: Parameters<typeof on.proxy.add>[0]) =>
    on.proxy.add((call) => (call.action === action ? reply(call) : undefined));

  async function refusal(name: string, limits = {}, wish = {}): Promise<{ why: string; kind?: string; sso?: boolean }> {
    const look = await lookOrRefusal(on.proxy, name, limits, wish);
    assert.ok("why" in look, "it was answered");
    return look.why === "failed" ? { why: look.why, kind: look.failure.kind, sso: look.failure.sso } : look;
  }

  /** Every unknown path has a hop that says why, and no path passes. */
  function assertUnknown(checked: Checked, why: RegExp): void {
    assert.equal(checked.verdict, "unknown", checked.stops.join("\n"));
    assert.ok(
      checked.stops.some((stop) => stop.startsWith("unknown ") && why.test(stop)),
      checked.stops.join("\n"),
    );
  }

  /** What a path hangs on: without the answer nothing passes. */
  const decisive: readonly Action[] = [
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNatGateways",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:DescribeVpcEncryptionControls",
  ];

  describe("denied or failed single call", () => {
    const harmless: readonly Action[] = [
      "ec2:DescribeVpcs",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeDhcpOptions",
      "ec2:DescribeEgressOnlyInternetGateways",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeNetworkInterfaces",
      "sts:GetCallerIdentity",
    ];
    const ofRoles: readonly Action[] = ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"];

    for (const action of decisive) {
      it(`${action} leaves the hop open and is named there`, async () => {
        const { name } = await on.account.natWorld();
        fault(action, () =>
          ec2Error("UnauthorizedOperation", 403, "You are not authorized. Encoded authorization failure message: abc"),
        );
        const checked = await check(on, name);
        assertUnknown(checked, new RegExp(`lacks ${action}$`));
        assert.deepEqual(
          checked.look.failures.map((one) => [one.action, one.kind]),
          [[action, "denied"]],
        );
        assert.ok(!checked.stops.join().includes("abc"), "an encoded message is for AWS alone");
      });
    }

    for (const action of harmless) {
      it(`${action} does not hide that the path works`, async () => {
        const { name } = await on.account.natWorld();
        fault(action, () =>
          action.startsWith("sts") ? iamError("AccessDenied", 403) : ec2Error("UnauthorizedOperation", 403),
        );
        const { verdict, stops, look } = await check(on, name);
        assert.equal(verdict, "internet", stops.join("\n"));
        assert.ok(action === "ec2:DescribeDhcpOptions" || look.failures.some((failure) => failure.action === action));
      });
    }

    for (const action of ofRoles) {
      it(`${action} leaves the role open`, async () => {
        const { name } = await on.account.natWorld();
        fault(action, () => iamError("AccessDenied", 403));
        const { role, verdict } = await check(on, name);
        assert.equal(verdict, "internet");
        // Behind each there may be a policy or a boundary that takes away what another one grants.
        assert.equal(role?.verdict, "unknown");
      });
    }

    it("iam:GetPolicy falls back on what the policies of AWS are known to say", async () => {
      const { name } = await on.account.natWorld();
      fault("iam:GetPolicy", () => iamError("AccessDenied", 403));
      assert.equal((await check(on, name)).role?.verdict, "granted");
    });

    it("a decisive fault beats what is not known", async () => {
      const world = await on.account.natWorld();
      await on.account.fn(`${world.name}-open`, [world.open], [world.group]);
      fault("ec2:DescribeNetworkAcls", () => ec2Error("UnauthorizedOperation", 403));
      assert.equal((await check(on, `${world.name}-open`)).verdict, "no-internet");
    });
  });

  it("denied or failed single call: AWS fails, and is asked no more than five times", async () => {
    const { name } = await on.account.natWorld();
    fault("ec2:DescribeNetworkAcls", () => ec2Error("InternalError", 500, "An internal error has occurred"));
    const checked = await check(on, name);
    assertUnknown(checked, /ec2:DescribeNetworkAcls failed: An internal error has occurred$/);
    assert.equal(on.proxy.actions.filter((action) => action === "ec2:DescribeNetworkAcls").length, 5);
  }).timeout(60_000);

  it("function not found: says which account and region were asked", async () => {
    const look = await lookOrRefusal(on.proxy, "nobody");
    assert.ok("why" in look && look.why === "failed");
    assert.equal(look.failure.kind, "not-found");
    assert.deepEqual([look.account, look.region], ["123456789012", "eu-west-1"]);
  });

  it("needs a region", async () => {
    assert.equal((await refusal("any", {}, { region: undefined, env: {} })).why, "no-region");
  });

  it("SSO expired or other credentials: stops where AWS refuses them", async () => {
    fault("lambda:GetFunctionConfiguration", () => lambdaError("ExpiredTokenException", 403));
    assert.deepEqual(await refusal("any"), { why: "failed", kind: "credentials", sso: false });
    fault("lambda:GetFunctionConfiguration", () => lambdaError("AccessDeniedException", 403));
    assert.equal((await refusal("any")).kind, "denied");
  });

  it("SSO expired: stops before any call, and offers to sign in", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) delete process.env[name];
    const home = fs.mkdtempSync(path.join(os.tmpdir(), "lambda-egress-sso-"));
    try {
      const config = path.join(home, "config");
      fs.writeFileSync(
        config,
        "[profile corp]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n" +
          "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.invalid/start\n",
      );
      Object.assign(process.env, { AWS_CONFIG_FILE: config, HOME: home });
      assert.deepEqual(await refusal("any", {}, { profile: "corp" }), {
        why: "failed",
        kind: "credentials",
        sso: true,
      });
      assert.deepEqual(on.proxy.actions, []);
    } finally {
      fs.rmSync(home, { recursive: true });
    }
  });

  it("no VpcConfig: in Lambda's own network, and nothing of the account is asked about", async () => {
    await on.account.fn("outside", [], []);
    assert.equal((await check(on, "outside")).verdict, "not-in-vpc");
    assert.ok(!on.proxy.actions.some((action) => action.startsWith("ec2:") || action.startsWith("iam:")));
  });

  it("absent fields: what AWS leaves out has its default, and lists may be missing", async () => {
    const { name } = await on.account.natWorld();
    const without = (action: Action, ...tags: readonly string[]) =>
      fault(action, () => (body) => {
        const bare = tags.reduce(
          (text, tag) => text.replace(new RegExp(`<${tag}>[\\s\\S]*?</${tag}>|<${tag}/>`, "g"), ""),
          body,
        );
        assert.notEqual(bare, body, `${action} has none of ${tags.join()}`);
        return bare;
      });
    without("ec2:DescribeNatGateways", "connectivityType", "tagSet");
    without("ec2:DescribeSubnets", "ipv6CidrBlockAssociationSet", "mapPublicIpOnLaunch");
    without("ec2:DescribeVpcs", "cidrBlockAssociationSet", "ipv6CidrBlockAssociationSet", "instanceTenancy");
    without("ec2:DescribeRouteTables", "state", "origin", "propagatingVgwSet");
    without("ec2:DescribeSecurityGroups", "ipPermissions", "ipv6Ranges", "prefixListIds");
    without("ec2:DescribeNetworkAcls", "tagSet");
    const { verdict, stops, look } = await check(on, name);
    assert.equal(verdict, "internet", stops.join("\n"));
    assert.deepEqual(look.failures, []);
  });

  it("SSO expired or other credentials: stops where nobody is signed in", async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    assert.equal((await refusal("any")).kind, "credentials");
    assert.deepEqual(on.proxy.actions, []);
  });

  it("throttled: five attempts, then the hop is open", async () => {
    const { name } = await on.account.natWorld();
    fault("ec2:DescribeSubnets", ({ earlier }) => (earlier < 2 ? ec2Error("RequestLimitExceeded", 503) : undefined));
    assert.equal((await check(on, name)).verdict, "internet");
    on.proxy.clear();
    fault("ec2:DescribeNatGateways", () => ec2Error("RequestLimitExceeded", 503));
    // The SDK slows all of its calls down, and the more so the slower the machine.
    const checked = await check(on, name, { limits: { timeout: 150_000 } });
    assertUnknown(checked, /AWS throttled ec2:DescribeNatGateways$/);
    assert.equal(on.proxy.actions.filter((action) => action === "ec2:DescribeNatGateways").length, 5);
  }).timeout(180_000);

  it("throttled: never more than four questions at once", async () => {
    const { name } = await on.account.natWorld();
    await check(on, name);
    assert.ok(on.proxy.mostAtOnce() <= 4 && on.proxy.mostAtOnce() > 1, String(on.proxy.mostAtOnce()));
  });

  it("hanging: waits for an answer no longer than it is told", async () => {
    const { name } = await on.account.natWorld();
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      on.proxy.hang("ec2:DescribeSubnets", 2).then(() => mock.timers.tick(30_000));
      assertUnknown(await check(on, name), /ec2:DescribeSubnets was not answered in time$/);
    } finally {
      mock.timers.reset();
    }
  });

  it("cancel: what is known stays, the rest is unknown", async () => {
    const { name, group } = await on.account.natWorld();
    const stop = new AbortController();
    // The NAT gateway's subnet is asked about when all is known that was asked about before.
    on.proxy.hang("ec2:DescribeSubnets", 2).then(() => stop.abort());
    const checked = await check(on, name, { limits: { signal: stop.signal } });
    assertUnknown(checked, /stopped before ec2:DescribeSubnets/);
    assert.ok(checked.subnets[0]?.ipv4.hops.some(({ id, status }) => id === group && status === "passed"));
    assert.deepEqual(await refusal(name, { signal: stop.signal }), { why: "failed", kind: "cancelled", sso: false });
  });

  it("malformed: an answer that is none counts for no answer", async () => {
    const { name } = await on.account.natWorld();
    fault("ec2:DescribeRouteTables", () => ({ body: "<html><body>proxy login</body>" }));
    assertUnknown(await check(on, name), /ec2:DescribeRouteTables/);
    fault("lambda:GetFunctionConfiguration", () => ({ body: "{}", type: "application/json" }));
    assert.equal((await refusal(name)).kind, "malformed");
    fault("lambda:GetFunctionConfiguration", () => ({ status: 403, body: "<h1>no</h1>", type: "text/html" }));
    assert.equal((await refusal(name)).kind, "denied");
  });

  it("cannot reach what is not there", async () => {
    const { kind } = await refusal("any", { timeout: 20_000 }, { endpoint: "http://127.0.0.1:9" });
    assert.equal(kind, "unreachable");
  });

  it("absent fields: a feature that the region does not know is unused", async () => {
    const { name } = await on.account.natWorld();
    for (const action of ["ec2:DescribeVpcBlockPublicAccessOptions", "ec2:DescribeVpcEncryptionControls"] as const) {
      fault(action, () => ec2Error("InvalidAction", 400));
    }
    assert.equal((await check(on, name)).verdict, "internet");
  });

  it("paging: reads every page, and refuses pages without end", async () => {
    const world = await on.account.natWorld();
    const item = (body: string) => /<routeTableSet>([\s\S]*)<\/routeTableSet>/.exec(body)?.[1] ?? "";
    let real = "";
    fault("ec2:DescribeRouteTables", () => (body) => {
      real = item(body);
      return body;
    });
    await check(on, world.name);
    fault("ec2:DescribeRouteTables", ({ form }) =>
      form.get("NextToken") === null
        ? ec2Reply("DescribeRouteTables", "<routeTableSet/><nextToken>two</nextToken>")
        : ec2Reply("DescribeRouteTables", `<routeTableSet>${real}</routeTableSet>`),
    );
    assert.equal((await check(on, world.name)).verdict, "internet");
    fault("ec2:DescribeRouteTables", () =>
      ec2Reply("DescribeRouteTables", `<routeTableSet>${real}</routeTableSet><nextToken>two</nextToken>`),
    );
    assertUnknown(await check(on, world.name), /the answer to ec2:DescribeRouteTables cannot be read$/);
  });

  it("deleted NAT: the route's state decides first, a black hole", async () => {
    const world = await on.account.natWorld();
    fault("ec2:DescribeRouteTables", () => (body) => {
      const at = body.indexOf(`<natGatewayId>${world.nat}`);
      return body.slice(0, at) + body.slice(at).replace("<state>active</state>", "<state>blackhole</state>");
    });
    fault("ec2:DescribeNatGateways", () => (body) => body.replaceAll("<state>available<", "<state>deleted<"));
    const { verdict, subnets, stops, rows } = await check(on, world.name);
    assert.deepEqual([verdict, subnets[0]?.ipv4.verdict, stops.length], ["no-internet", "broken", 1]);
    assert.match(stops[0] ?? "", /^failed route rtb-\w+\|0\.0\.0\.0\/0: .* is a black hole: its target is gone$/);
    assert.ok(
      rows.some((row) => row === `bad route: the route to 0.0.0.0/0 is a black hole: ${world.nat} is gone`),
      rows.join("\n"),
    );
  });

  for (const state of ["pending", "failed", "deleting", "deleted"]) {
    it(`deleted NAT: its own state second, ${state}`, async () => {
      const world = await on.account.natWorld();
      fault(
        "ec2:DescribeNatGateways",
        () => (body) =>
          body.replaceAll(
            "<state>available</state>",
            `<state>${state}</state><failureMessage>no capacity</failureMessage>`,
          ),
      );
      const { verdict, stops, rows, look } = await check(on, world.name);
      assert.equal(verdict, "no-internet");
      assert.deepEqual(stops, [`failed nat-gateway ${world.nat}: ${world.nat} is ${state}, not available`]);
      assert.ok(rows.includes(`bad NAT gateway: ${world.nat} is ${state} (no capacity)`), rows.join("\n"));
      assert.equal(look.functions[0]?.facts[0]?.rule, "nat-gateway-state");
    });
  }

  it("shared VPC: a NAT gateway that another account owns is not called deleted", async () => {
    const world = await on.account.natWorld();
    fault("ec2:DescribeSubnets", () => (body) => body.replaceAll("<ownerId>123456789012", "<ownerId>999999999999"));
    fault("ec2:DescribeNatGateways", () => ec2Reply("DescribeNatGateways", "<natGatewaySet/>"));
    assertUnknown(
      await check(on, world.name),
      new RegExp(`^unknown nat-gateway ${world.nat}: .*owned by account 999999999999`),
    );
  });

  it("shared VPC: what the own account blocks says nothing of it", async () => {
    const vpc = await on.account.ipv6World("shared-six");
    fault("lambda:GetFunctionConfiguration", () => withIpv6);
    fault("ec2:DescribeVpcBlockPublicAccessOptions", () => publicAccess("block-bidirectional"));
    fault("ec2:DescribeVpcBlockPublicAccessExclusions", () =>
      ec2Reply("DescribeVpcBlockPublicAccessExclusions", "<vpcBlockPublicAccessExclusionSet/>"),
    );
    assert.equal((await check(on, "shared-six")).subnets[0]?.ipv6.verdict, "blocked-account");
    fault("ec2:DescribeSubnets", () => (body) => body.replaceAll("<ownerId>123456789012", "<ownerId>999999999999"));
    const { subnets, stops } = await check(on, "shared-six");
    assert.equal(subnets[0]?.ipv6.verdict, "unknown");
    const why = `${vpc} is owned by account 999999999999, whose own setting counts`;
    assert.ok(stops.includes(`unknown other VpcBlockPublicAccess: ${why}`), stops.join("\n"));
  });

  it("tells of a subnet without a free address", async () => {
    const { name, closed } = await on.account.natWorld();
    fault("ec2:DescribeSubnets", () => (body) => body.replace(/(<availableIpAddressCount>)\d+/g, "$10"));
    const { rows } = await check(on, name);
    assert.ok(rows.some((row) => row.startsWith(`note network interfaces: ${closed} has no free address left`)));
  });

  it("deleted NAT: one that is just not listed is not called so", async () => {
    const world = await on.account.natWorld();
    fault("ec2:DescribeNatGateways", () => ec2Reply("DescribeNatGateways", "<natGatewaySet/>"));
    assertUnknown(await check(on, world.name), new RegExp(`${world.nat} was not found in eu-west-1$`));
  });

  it("reads policy documents as AWS encodes them", async () => {
    const world = await on.account.natWorld();
    const encode = (body: string): string =>
      body.replace(/<(Document|PolicyDocument)>([\s\S]*?)<\/\1>/g, (_, tag: string, text: string) => {
        const plain = text.replaceAll("&quot;", '"').replaceAll("&#34;", '"').replaceAll("&amp;", "&");
        return `<${tag}>${encodeURIComponent(plain)}</${tag}>`;
      });
    let seen = "";
    fault("iam:GetPolicyVersion", () => (body) => {
      seen = encode(body);
      return seen;
    });
    assert.equal((await check(on, world.name)).role?.verdict, "granted");
    assert.match(seen, /<Document>%7B/);
    fault(
      "iam:GetPolicyVersion",
      () => (body) => body.replace(/<Document>[\s\S]*<\/Document>/, "<Document>%7Bnot</Document>"),
    );
    assert.equal((await check(on, world.name)).role?.verdict, "unknown");
  });

  it("update in progress, and the function's other states", async () => {
    const { name } = await on.account.natWorld();
    let state: object = { State: "Failed", StateReasonCode: "SubnetOutOfIPAddresses" };
    fault("lambda:GetFunctionConfiguration", () => (body) => JSON.stringify({ ...JSON.parse(body), ...state }));
    const rows = async () =>
      (await check(on, name)).look.functions[0]?.facts.filter(({ rule }) => rule === "function-state");
    const said = async () => (await rows())?.map(({ status, text }) => `${status} ${render(text)}`);
    assert.deepEqual(await said(), ["bad the function is in state Failed (SubnetOutOfIPAddresses)"]);
    state = { State: "Active", LastUpdateStatus: "InProgress" };
    assert.match((await said())?.[0] ?? "", /^note the function is being updated/);
    state = { State: "Inactive", StateReasonCode: "Idle" };
    assert.match((await said())?.[0] ?? "", /^note the function is inactive \(Idle\)/);
  });

  it("finds Lambda's interfaces, and the public address that somebody gave one", async () => {
    const world = await on.account.natWorld();
    const card = (address: string) =>
      ec2Reply(
        "DescribeNetworkInterfaces",
        `<networkInterfaceSet><item><networkInterfaceId>eni-0123456789abcdef0</networkInterfaceId><subnetId>${world.closed}</subnetId><interfaceType>lambda</interfaceType><privateIpAddress>10.0.1.5</privateIpAddress><ipv6AddressesSet><item><ipv6Address>2001:db8::5</ipv6Address></item></ipv6AddressesSet><groupSet><item><groupId>${world.group}</groupId></item></groupSet>${address}</item></networkInterfaceSet>`,
      );
    let address = "";
    fault("ec2:DescribeNetworkInterfaces", () => card(address));
    assert.ok(
      (await check(on, world.name)).rows.some((row) =>
        /interface in subnet-\w+, with 10\.0\.1\.5, 2001:db8::5 and without a public address$/.test(row),
      ),
    );
    address = "<association><publicIp>198.51.100.7</publicIp></association>";
    assert.ok(
      (await check(on, world.name)).rows.some((row) => row.includes("gave it the public address 198.51.100.7")),
    );
  });
});
