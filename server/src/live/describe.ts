/** The EC2 calls of the live check, page by page and chunk by chunk, each filing what it finds in the snapshot. */
import {
  DescribeDhcpOptionsCommand,
  DescribeEgressOnlyInternetGatewaysCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcBlockPublicAccessExclusionsCommand,
  DescribeVpcBlockPublicAccessOptionsCommand,
  DescribeVpcEncryptionControlsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcsCommand,
  type Filter,
  GetManagedPrefixListEntriesCommand,
} from "@aws-sdk/client-ec2";
import type { Action } from "./actions";
import { actionFor, named } from "./references";
import type { Options, Page, Session } from "./session";
import { note, type Snapshot, unique } from "./snapshot";

/** One page of at most so many; every EC2 call here takes this number. */
const MaxResults = 100;
/** EC2 takes this many values in one filter. */
const filterCap = 200;

/** The EC2 calls, each putting what it finds into the snapshot. */
export function asker(session: Session, snapshot: Snapshot) {
  type Token = { readonly MaxResults: number; readonly NextToken: string | undefined };
  type Send<T> = (
    filters: Filter[],
    page: Token,
    clients: Parameters<Parameters<Session["call"]>[1]>[0]["ec2"],
    options: Options,
  ) => Promise<Page<T>>;

  /** Asks for all that a filter with these values selects, and files it by its id. */
  const find = async <T>(
    action: Action,
    filter: string,
    values: readonly string[],
    send: Send<T>,
    into: Map<string, T>,
    idOf: (item: T) => string | undefined,
    more: Filter[] = [],
  ): Promise<void> => {
    const chunks = Array.from({ length: Math.ceil(values.length / filterCap) }, (_, index) =>
      values.slice(index * filterCap, (index + 1) * filterCap),
    );
    await Promise.all(
      chunks.map(async (chunk) => {
        const filters = filter === "" ? more : [{ Name: filter, Values: chunk }, ...more];
        const answer = await session.list(action, ({ ec2 }, options, NextToken) =>
          send(filters, { MaxResults, NextToken }, ec2, options),
        );
        note(snapshot, answer);
        for (const item of answer.ok ? answer.value : []) {
          const id = idOf(item);
          if (id !== undefined) into.set(id, item);
        }
      }),
    );
  };

  const findSubnets = (ids: readonly string[]) =>
    find(
      "ec2:DescribeSubnets",
      "subnet-id",
      unique(ids),
      async (Filters, page, ec2, options) => {
        const { Subnets, NextToken } = await ec2.send(new DescribeSubnetsCommand({ Filters, ...page }), options);
        return { items: Subnets, next: NextToken };
      },
      snapshot.subnets,
      ({ SubnetId }) => SubnetId,
    );

  const findGroups = (ids: readonly string[]) =>
    find(
      "ec2:DescribeSecurityGroups",
      "group-id",
      unique(ids),
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters, ...page }), options);
        return { items: answer.SecurityGroups, next: answer.NextToken };
      },
      snapshot.groups,
      ({ GroupId }) => GroupId,
    );

  const findInterfaces = (filter: string, ids: readonly string[], more: Filter[] = []) =>
    find(
      "ec2:DescribeNetworkInterfaces",
      filter,
      unique(ids),
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters, ...page }), options);
        return { items: answer.NetworkInterfaces, next: answer.NextToken };
      },
      snapshot.interfaces,
      ({ NetworkInterfaceId }) => NetworkInterfaceId,
      more,
    );

  const findNatGateways = (filter: string, ids: readonly string[]) =>
    find(
      "ec2:DescribeNatGateways",
      filter,
      ids,
      async (Filter, page, ec2, options) => {
        const answer = await ec2.send(new DescribeNatGatewaysCommand({ Filter, ...page }), options);
        return { items: answer.NatGateways, next: answer.NextToken };
      },
      snapshot.natGateways,
      ({ NatGatewayId }) => NatGatewayId,
    );

  const findInternetGateways = (filter: string, ids: readonly string[]) =>
    find(
      "ec2:DescribeInternetGateways",
      filter,
      ids,
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeInternetGatewaysCommand({ Filters, ...page }), options);
        return { items: answer.InternetGateways, next: answer.NextToken };
      },
      snapshot.internetGateways,
      ({ InternetGatewayId }) => InternetGatewayId,
    );

  const findInstances = (ids: readonly string[]) =>
    find(
      "ec2:DescribeInstances",
      "instance-id",
      ids,
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeInstancesCommand({ Filters, ...page }), options);
        const items = answer.Reservations?.flatMap(({ Instances }) => Instances ?? []);
        return { items, next: answer.NextToken };
      },
      snapshot.instances,
      ({ InstanceId }) => InstanceId,
    );

  const findPrefixLists = async (ids: readonly string[]): Promise<void> => {
    await find(
      "ec2:DescribeManagedPrefixLists",
      "prefix-list-id",
      ids,
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeManagedPrefixListsCommand({ Filters, ...page }), options);
        return { items: answer.PrefixLists, next: answer.NextToken };
      },
      snapshot.prefixLists,
      ({ PrefixListId }) => PrefixListId,
    );
    // Lists of AWS name AWS's own services, which are not what is asked about.
    const own = ids.filter((id) => (snapshot.prefixLists.get(id)?.OwnerId ?? "AWS") !== "AWS");
    await Promise.all(
      own.map(async (PrefixListId) => {
        const answer = await session.list("ec2:GetManagedPrefixListEntries", async ({ ec2 }, options, NextToken) => {
          const input = { PrefixListId, MaxResults, NextToken };
          const { Entries, NextToken: next } = await ec2.send(new GetManagedPrefixListEntriesCommand(input), options);
          return { items: Entries?.flatMap(({ Cidr }) => Cidr ?? []), next };
        });
        note(snapshot, answer);
        snapshot.prefixListEntries.set(PrefixListId, answer);
      }),
    );
  };

  return {
    subnets: findSubnets,
    groups: findGroups,
    tables: (ids: readonly string[]) => findTables("route-table-id", ids),
    acls: (ids: readonly string[]) => findAcls("network-acl-id", ids),

    lambdaInterfaces: (subnets: readonly string[]) =>
      findInterfaces("subnet-id", subnets, [{ Name: "interface-type", Values: ["lambda"] }]),

    async publicAccess(): Promise<void> {
      const answer = await session.call("ec2:DescribeVpcBlockPublicAccessOptions", ({ ec2 }, options) =>
        ec2.send(new DescribeVpcBlockPublicAccessOptionsCommand({}), options),
      );
      note(snapshot, answer);
      snapshot.publicAccess = answer.ok ? { ok: true, value: answer.value.VpcBlockPublicAccessOptions } : answer;
      if (!answer.ok || answer.value.VpcBlockPublicAccessOptions?.InternetGatewayBlockMode === "off") return;
      await find(
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "",
        [""],
        async (Filters, page, ec2, options) => {
          const input = { ...(Filters.length === 0 ? {} : { Filters }), ...page };
          const found = await ec2.send(new DescribeVpcBlockPublicAccessExclusionsCommand(input), options);
          return { items: found.VpcBlockPublicAccessExclusions, next: found.NextToken };
        },
        snapshot.exclusions,
        ({ ExclusionId }) => ExclusionId,
      );
    },

    async ofVpcs(vpcs: readonly string[]): Promise<void> {
      await Promise.all([
        find(
          "ec2:DescribeVpcs",
          "vpc-id",
          vpcs,
          async (Filters, page, ec2, options) => {
            const { Vpcs, NextToken } = await ec2.send(new DescribeVpcsCommand({ Filters, ...page }), options);
            return { items: Vpcs, next: NextToken };
          },
          snapshot.vpcs,
          ({ VpcId }) => VpcId,
        ),
        findTables("vpc-id", vpcs),
        findNatGateways("vpc-id", vpcs),
        findInternetGateways("attachment.vpc-id", vpcs),
        find(
          "ec2:DescribeEgressOnlyInternetGateways",
          "",
          [""],
          async (_, page, ec2, options) => {
            const answer = await ec2.send(new DescribeEgressOnlyInternetGatewaysCommand(page), options);
            return { items: answer.EgressOnlyInternetGateways, next: answer.NextToken };
          },
          snapshot.egressOnlyGateways,
          ({ EgressOnlyInternetGatewayId }) => EgressOnlyInternetGatewayId,
        ),
        findAcls("vpc-id", vpcs),
        find(
          "ec2:DescribeVpcEndpoints",
          "vpc-id",
          vpcs,
          async (Filters, page, ec2, options) => {
            const answer = await ec2.send(new DescribeVpcEndpointsCommand({ Filters, ...page }), options);
            return { items: answer.VpcEndpoints, next: answer.NextToken };
          },
          snapshot.endpoints,
          ({ VpcEndpointId }) => VpcEndpointId,
        ),
        find(
          "ec2:DescribeVpcEncryptionControls",
          "vpc-id",
          vpcs,
          async (Filters, page, ec2, options) => {
            const answer = await ec2.send(new DescribeVpcEncryptionControlsCommand({ Filters, ...page }), options);
            return { items: answer.VpcEncryptionControls, next: answer.NextToken };
          },
          snapshot.encryption,
          ({ VpcId }) => VpcId,
        ),
      ]);
    },

    /** Asks for what is named and not there yet, each thing once, until nothing new is named. */
    async rest(groups: readonly string[]): Promise<void> {
      const asked = new Set<string>();
      for (;;) {
        // A call that gave no answer will hardly give one now, and AWS is asked enough.
        const isHopeless = (id: string) => [...snapshot.failures.keys()].some((action) => action === actionFor(id));
        const missing = named(snapshot, groups).filter((id) => !asked.has(id) && !isHopeless(id));
        if (missing.length === 0) return;
        for (const id of missing) asked.add(id);
        const of = (prefix: string) => missing.filter((id) => id.startsWith(prefix));
        const calls: [string, (ids: readonly string[]) => Promise<void>][] = [
          ["subnet-", findSubnets],
          ["sg-", findGroups],
          ["nat-", (ids) => findNatGateways("nat-gateway-id", ids)],
          ["igw-", (ids) => findInternetGateways("internet-gateway-id", ids)],
          ["eni-", (ids) => findInterfaces("network-interface-id", ids)],
          ["i-", findInstances],
          ["pl-", findPrefixLists],
          ["dopt-", (ids) => findDhcpOptions(ids)],
        ];
        await Promise.all(calls.map(([prefix, ask]) => (of(prefix).length === 0 ? undefined : ask(of(prefix)))));
      }
    },
  };

  function findTables(filter: string, values: readonly string[]): Promise<void> {
    return find(
      "ec2:DescribeRouteTables",
      filter,
      values,
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeRouteTablesCommand({ Filters, ...page }), options);
        return { items: answer.RouteTables, next: answer.NextToken };
      },
      snapshot.routeTables,
      ({ RouteTableId }) => RouteTableId,
    );
  }

  function findAcls(filter: string, values: readonly string[]): Promise<void> {
    return find(
      "ec2:DescribeNetworkAcls",
      filter,
      values,
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeNetworkAclsCommand({ Filters, ...page }), options);
        return { items: answer.NetworkAcls, next: answer.NextToken };
      },
      snapshot.acls,
      ({ NetworkAclId }) => NetworkAclId,
    );
  }

  function findDhcpOptions(ids: readonly string[]): Promise<void> {
    return find(
      "ec2:DescribeDhcpOptions",
      "dhcp-options-id",
      ids,
      async (Filters, page, ec2, options) => {
        const answer = await ec2.send(new DescribeDhcpOptionsCommand({ Filters, ...page }), options);
        return { items: answer.DhcpOptions, next: answer.NextToken };
      },
      snapshot.dhcpOptions,
      ({ DhcpOptionsId }) => DhcpOptionsId,
    );
  }
}
