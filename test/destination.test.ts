/** Asking about another destination than the internet: how it is written, and what the answer is. */
import assert from "node:assert/strict";
import { type LintResult, lint } from "../server/src/lint";
import { render } from "../server/src/message";
import { describeAddresses } from "../server/src/network/address-space";
import { describeDestination, parseDestination } from "../server/src/network/destination";
import { internet } from "../server/src/network/egress";
import { readSettings } from "../server/src/settings";
import { parse } from "../server/src/template/parse";
import { type CommandLine, commandLine } from "./command-line";

/** Worker stands in Private, behind a NAT gateway; both subnets have IPv6, the private one by an egress-only gateway. */
const template = `Resources:
  Vpc: { Type: AWS::EC2::VPC, Properties: { CidrBlock: 10.20.0.0/16 } }
  VpcIpv6: { Type: AWS::EC2::VPCCidrBlock, Properties: { VpcId: !Ref Vpc, AmazonProvidedIpv6CidrBlock: true } }
  Gateway: { Type: AWS::EC2::InternetGateway }
  Attachment: { Type: AWS::EC2::VPCGatewayAttachment, Properties: { VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway } }
  Way6: { Type: AWS::EC2::EgressOnlyInternetGateway, Properties: { VpcId: !Ref Vpc } }
  Public: { Type: AWS::EC2::Subnet, Properties: { VpcId: !Ref Vpc, CidrBlock: 10.20.0.0/24 } }
  PublicTable: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  PublicLink: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Public, RouteTableId: !Ref PublicTable } }
  PublicRoute:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: { RouteTableId: !Ref PublicTable, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway }
  Address: { Type: AWS::EC2::EIP, DependsOn: Attachment, Properties: { Domain: vpc } }
  Nat:
    Type: AWS::EC2::NatGateway
    DependsOn: Attachment
    Properties: { SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId }
  Private:
    Type: AWS::EC2::Subnet
    DependsOn: VpcIpv6
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: 10.20.1.0/24
      Ipv6CidrBlock: !Select [0, !Cidr [!Select [0, !GetAtt Vpc.Ipv6CidrBlocks], 1, 64]]
  Table: { Type: AWS::EC2::RouteTable, Properties: { VpcId: !Ref Vpc } }
  Link: { Type: AWS::EC2::SubnetRouteTableAssociation, Properties: { SubnetId: !Ref Private, RouteTableId: !Ref Table } }
  Route: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat } }
  Route6: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref Table, DestinationIpv6CidrBlock: "::/0", EgressOnlyInternetGatewayId: !Ref Way6 } }
  Group: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: Worker, VpcId: !Ref Vpc, SecurityGroupEgress: [{ IpProtocol: "-1", CidrIp: 0.0.0.0/0 }, { IpProtocol: "-1", CidrIpv6: "::/0" }] } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
      VpcConfig: { Ipv6AllowedForDualStack: true, SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group] }
`;

const toGateway = "NatGatewayId: !Ref Nat";
const onlyHttps = template.replace(
  '{ IpProtocol: "-1", CidrIp: 0.0.0.0/0 }',
  "{ IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0 }",
);
const withoutRoute = template.replace(/^ {2}Route: .*\n/m, "");
const inPublic = template.replace(toGateway, "GatewayId: !Ref Gateway");

describe("destination", function () {
  this.timeout(30_000);

  describe("is written", () => {
    for (const [text, family, addresses, port] of [
      ["203.0.113.0/24:443", "ipv4", "203.0.113.0/24", 443],
      ["8.8.8.8:53", "ipv4", "8.8.8.8/32", 53],
      [" 10.20.0.0/16:5432 ", "ipv4", "10.20.0.0/16", 5432],
      ["10.20.3.4/16:1", "ipv4", "10.20.0.0/16", 1],
      ["[2001:db8::1]:443", "ipv6", "2001:db8::1/128", 443],
      ["2600:1f00::/24:65535", "ipv6", "2600:1f00::/24", 65535],
      ["[2600:1f00::/24]:8443", "ipv6", "2600:1f00::/24", 8443],
      ["[fd00::/8]:22", "ipv6", "fd00::/8", 22],
    ] as const) {
      it(text, () => {
        const destination = parseDestination(text);
        assert.ok(destination);
        assert.equal(describeAddresses(destination[family]), addresses);
        assert.deepEqual(destination[family === "ipv4" ? "ipv6" : "ipv4"].ranges, []);
        assert.equal(destination.port, port);
        assert.equal(render(describeDestination(destination)), `${addresses} on port ${port}`);
      });
    }

    it("of everything, as the internet", () => {
      const ipv4 = parseDestination("0.0.0.0/0:80");
      const ipv6 = parseDestination("::/0:443");
      assert.ok(ipv4 && ipv6);
      assert.deepEqual(ipv4.ipv4, internet.ipv4);
      assert.deepEqual(ipv6.ipv6, internet.ipv6);
      assert.equal(render(describeDestination(ipv4)), "the internet on port 80");
      assert.equal(render(describeDestination(ipv6)), "the internet on port 443 over IPv6");
      assert.equal(render(describeDestination(internet)), "the internet");
    });

    for (const text of [
      "",
      "443",
      "8.8.8.8",
      "8.8.8.8:",
      "8.8.8.8:0",
      "8.8.8.8:65536",
      "8.8.8.8:443x",
      "8.8.8.8/33:443",
      "8.8.8:443",
      "256.1.1.1:443",
      "[8.8.8.8]:443",
      "2001:db8::1:443",
      "[2001:db8::1]",
      "[2001:db8::1]443",
      "2001:db8::/129:443",
      "example.com:443",
    ]) {
      it(`not as ${JSON.stringify(text)}`, () => assert.equal(parseDestination(text), undefined));
    }
  });

  describe("over IPv4", () => {
    it("is answered by IPv4 alone", () => {
      assert.deepEqual(answer(template, "203.0.113.0/24:443"), "internet: nat/unknown");
      assert.deepEqual(answer(withoutRoute, "203.0.113.0/24:443"), "no-internet: isolated/unknown");
      assert.deepEqual(answer(inPublic, "52.0.0.0/8:443"), "no-internet: public-subnet/unknown");
    });

    it("asks about its port and its addresses", () => {
      assert.equal(answer(onlyHttps, "203.0.113.0/24:443"), "internet: nat/unknown");
      assert.equal(answer(onlyHttps, "203.0.113.0/24:5432"), "no-internet: blocked-security-group/unknown");
      const half = template.replace("DestinationCidrBlock: 0.0.0.0/0, NatG", "DestinationCidrBlock: 0.0.0.0/1, NatG");
      assert.notEqual(half, template);
      assert.equal(answer(half, "8.8.8.8:443"), "internet: nat/unknown");
      assert.equal(answer(half, "203.0.113.5:443"), "no-internet: isolated/unknown");
      assert.equal(answer(half, "0.0.0.0/0:443"), "partial: partial/unknown");
    });
  });

  describe("over IPv6", () => {
    it("is answered by IPv6 alone", () => {
      assert.equal(answer(template, "[2600:1f00::1]:443"), "internet: unknown/egress-only");
      assert.equal(answer(withoutRoute, "[2600:1f00::1]:443"), "internet: unknown/egress-only");
      const without6 = template.replace(/^ {2}Route6: .*\n/m, "");
      assert.equal(answer(without6, "[2600:1f00::1]:443"), "no-internet: unknown/isolated");
      const off = template.replace("Ipv6AllowedForDualStack: true, ", "");
      assert.equal(answer(off, "[2600:1f00::1]:443"), "no-internet: unknown/off");
    });

    it("leaves the faults of IPv4 alone", () => {
      const ipv4 = template
        .replace("Ipv6AllowedForDualStack: true, ", "")
        .replace(toGateway, "GatewayId: !Ref Gateway");
      assert.ok(ruleIds(lint(parse(ipv4))).includes("public-subnet"));
      assert.ok(!ruleIds(asked(ipv4, "[2600:1f00::1]:443")).includes("public-subnet"));
    });
  });

  describe("inside the VPC", () => {
    it("is reached by the local route, whatever leads out", () => {
      for (const text of [template, withoutRoute, inPublic]) {
        assert.equal(answer(text, "10.20.0.0/16:5432"), "internet: local/unknown");
        assert.equal(answer(text, "10.20.9.9:22"), "internet: local/unknown");
        assert.deepEqual(reach(asked(text, "10.20.9.9:22")), []);
      }
    });

    it("is reached only through the security group", () => {
      assert.equal(answer(onlyHttps, "10.20.9.9:443"), "internet: local/unknown");
      const result = asked(onlyHttps, "10.20.9.9:5432");
      assert.equal(inWords(result), "no-internet: blocked-security-group/unknown");
      assert.deepEqual(reach(result), []);
      const hops = result.functions[0]?.subnets[0]?.hops ?? [];
      assert.ok(hops.some(({ why }) => render(why) === "no egress rule lets port 5432 out to 10.20.9.9/32"));
    });

    it("or in part of it", () => {
      assert.equal(answer(withoutRoute, "10.0.0.0/8:5432"), "partial: partial/unknown");
      assert.equal(answer(template, "10.0.0.0/8:5432"), "unknown: unknown/unknown");
    });

    it("is unknown where the VPC's addresses are", () => {
      const given = template.replace("CidrBlock: 10.20.0.0/16", "CidrBlock: !Ref Range");
      const text = `Parameters:\n  Range: { Type: String }\n${given}`;
      assert.equal(answer(text, "10.20.0.0/16:5432"), "unknown: unknown/unknown");
      assert.equal(answer(text, "203.0.113.1:443"), "internet: nat/unknown");
    });
  });

  describe("in private space elsewhere", () => {
    const peered = `${template}  Peer: { Type: AWS::EC2::Route, Properties: { RouteTableId: !Ref Table, DestinationCidrBlock: 192.168.0.0/16, VpcPeeringConnectionId: pcx-0123456789abcdef0 } }\n`;
    it("claims no fault of the way to the internet", () => {
      for (const text of [template, withoutRoute, inPublic, peered]) {
        assert.deepEqual(reach(asked(text, "192.168.1.0/24:5432")), []);
      }
    });

    it("is unknown behind a peering connection or NAT gateway, and isolated without a route", () => {
      assert.equal(answer(peered, "192.168.1.0/24:5432"), "unknown: unknown/unknown");
      assert.equal(answer(template, "192.168.1.0/24:5432"), "unknown: unknown/unknown");
      assert.equal(answer(withoutRoute, "192.168.1.0/24:5432"), "no-internet: isolated/unknown");
      assert.equal(answer(inPublic, "192.168.1.0/24:5432"), "no-internet: isolated/unknown");
    });

    it("keeps what makes the deployment fail", () => {
      const noAddress = template.replace(", AllocationId: !GetAtt Address.AllocationId", "");
      assert.equal(inWords(lint(parse(noAddress))).split(":")[0], "deploy-fails");
      for (const to of ["192.168.1.0/24:5432", "10.20.0.1:443", "[2600:1f00::1]:443"]) {
        assert.equal(answer(noAddress, to).split(":")[0], "deploy-fails", to);
      }
    });
  });

  it("has no bearing on custom resources, whose answer goes to Amazon S3", () => {
    const answering = `${template}  Answer: { Type: Custom::Answer, Properties: { ServiceToken: !GetAtt Worker.Arn } }\n`;
    const rule = "custom-resource-cannot-respond";
    const severities = (text: string, to: string) =>
      asked(text, to)
        .findings.filter((finding) => finding.rule === rule)
        .map(({ severity }) => severity);
    const mute = answering.replace(/^ {2}Route: .*\n/m, "");
    assert.ok(severities(mute, "10.20.0.1:443").includes("error"));
    assert.ok(!severities(answering, "192.168.0.0/16:5432").includes("error"));
    assert.ok(!severities(answering, "[fd00::1]:443").includes("error"));
  });

  it("changes nothing where it is the internet on port 443", () => {
    for (const text of [template, inPublic, withoutRoute, onlyHttps]) {
      assert.deepEqual(strip(lint(parse(text), { destination: internet })), strip(lint(parse(text))));
    }
  });

  describe("as a setting", () => {
    it("is read, empty for the internet, and named when it is wrong", () => {
      assert.deepEqual(readSettings({ destination: "8.8.8.8:53" }).given.destination, parseDestination("8.8.8.8:53"));
      assert.equal(readSettings({ destination: "" }).given.destination, internet);
      for (const wrong of ["8.8.8.8", 443]) {
        const { given, complaints } = readSettings({ destination: wrong });
        assert.equal(given.destination, undefined);
        assert.equal(complaints.length, 1);
        assert.match(
          complaints.map(({ text }) => render(text)).join(),
          /^The setting "destination" is ignored: CIDR:PORT, .* is expected, not /,
        );
      }
    });
  });

  describe("on the command line", () => {
    let command: CommandLine;
    before(async () => {
      command = await commandLine();
    });
    after(() => command.remove());

    it("is asked about, and named in the report", async () => {
      const folder = command.folder({ "a.yaml": template });
      const { stdout, status } = await command.run(folder, ["check", "a.yaml", "--destination", "10.20.0.0/16:5432"]);
      assert.equal(status, 0);
      assert.match(stdout, /^ {2}Worker: reaches 10\.20\.0\.0\/16 on port 5432 — Private: inside the VPC$/m);
      const ipv6 = await command.run(folder, ["check", "a.yaml", "--destination", "[2600:1f00::1]:443"]);
      assert.match(
        ipv6.stdout,
        /^ {2}Worker: reaches 2600:1f00::1\/128 on port 443 — Private: IPv6 through an egress-/m,
      );
    });

    it("ends with 2 and a hint where it is wrong", async () => {
      const folder = command.folder({ "a.yaml": template });
      const { status, stdout, stderr } = await command.run(folder, ["check", "a.yaml", "--destination", "8.8.8.8"]);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /'8\.8\.8\.8' is invalid\. Write it as CIDR:PORT, such as /);
    });
  });
});

function asked(text: string, to: string): LintResult {
  const destination = parseDestination(to);
  assert.ok(destination, to);
  return lint(parse(text), { destination });
}

function answer(text: string, to: string): string {
  return inWords(asked(text, to));
}

/** `function verdict: IPv4/IPv6` of the one function with its one subnet. */
function inWords({ functions }: LintResult): string {
  const [fn, ...others] = functions;
  const [subnet] = fn?.subnets ?? [];
  assert.ok(fn && subnet && others.length === 0);
  return `${fn.verdict}: ${subnet.verdict}/${subnet.ipv6}`;
}

function ruleIds({ findings }: LintResult): string[] {
  return findings.map(({ rule }) => rule);
}

/** Rules that speak of a way out which does not work. */
function reach(result: LintResult): string[] {
  return result.findings.filter(({ message }) => /internet/.test(render(message))).map(({ rule }) => rule);
}

/** Findings and verdicts as data, without the functions that make up fixes. */
function strip(result: LintResult): unknown {
  return JSON.parse(JSON.stringify(result));
}
