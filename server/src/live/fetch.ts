/**
 * Asks AWS for everything that bears on the way out of some functions' subnets.
 *
 * A VPC is asked for as a whole, so that the calls grow with VPCs and not with functions. What its tables
 * and gateways name is asked for next, until nothing new is named.
 */
import { DescribeVpcAttributeCommand } from "@aws-sdk/client-ec2";
import { GetCapacityProviderCommand } from "@aws-sdk/client-lambda";
import { asker } from "./describe";
import type { Session } from "./session";
import { note, placementOf, providerOf, type Snapshot, unique } from "./snapshot";

/** Fills the snapshot around its functions. `further` subnets are looked at as far as they lie in the same VPCs. */
export async function fetchNetwork(
  session: Session,
  snapshot: Snapshot,
  further: readonly string[] = [],
): Promise<void> {
  const asking = asker(session, snapshot);
  await Promise.all(unique(snapshot.functions.map(providerOf)).map((arn) => fetchProvider(session, snapshot, arn)));
  const places = snapshot.functions.map((fn) => placementOf(snapshot, fn));
  const [subnets, groups] = [places.flatMap((place) => place.subnets), places.flatMap((place) => place.groups)];
  if (subnets.length === 0) return;
  await asking.subnets([...subnets, ...further]);
  const vpcs = unique(subnets.map((id) => snapshot.subnets.get(id)?.VpcId));
  await Promise.all([
    asking.groups(groups),
    asking.lambdaInterfaces(subnets),
    asking.publicAccess(),
    ...(vpcs.length === 0 ? [] : aboutVpcs(session, asking, snapshot, vpcs)),
  ]);
  await asking.rest(groups);
}

/** Returns the calls about these VPCs as a whole. */
export function aboutVpcs(
  session: Session,
  asking: ReturnType<typeof asker>,
  snapshot: Snapshot,
  vpcs: readonly string[],
): Promise<void>[] {
  return [
    asking.ofVpcs(vpcs),
    ...vpcs.flatMap((vpc) =>
      (["enableDnsSupport", "enableDnsHostnames"] as const).map(async (Attribute) => {
        const answer = await session.call("ec2:DescribeVpcAttribute", ({ ec2 }, options) =>
          ec2.send(new DescribeVpcAttributeCommand({ VpcId: vpc, Attribute }), options),
        );
        note(snapshot, answer);
        const map = Attribute === "enableDnsSupport" ? snapshot.dnsSupport : snapshot.dnsHostnames;
        map.set(
          vpc,
          answer.ok
            ? { ok: true, value: (answer.value.EnableDnsSupport ?? answer.value.EnableDnsHostnames)?.Value }
            : answer,
        );
      }),
    ),
  ];
}

async function fetchProvider(session: Session, snapshot: Snapshot, arn: string): Promise<void> {
  const CapacityProviderName = arn.slice(arn.lastIndexOf(":") + 1);
  const answer = await session.call("lambda:GetCapacityProvider", ({ lambda }, options) =>
    lambda.send(new GetCapacityProviderCommand({ CapacityProviderName }), options),
  );
  note(snapshot, answer);
  snapshot.providers.set(arn, answer.ok ? { ok: true, value: answer.value.CapacityProvider } : answer);
}
