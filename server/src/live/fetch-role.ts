/** Asks IAM for what an execution role allows: its policies, inline and attached, and its boundary. */
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from "@aws-sdk/client-iam";
import type { Answer } from "./failure";
import type { Session } from "./session";
import { note, type SeenPolicy, type Snapshot } from "./snapshot";

/** Fills the snapshot with the roles that have these ARNs. A managed policy is asked for once, however many have it. */
export async function fetchRoles(session: Session, snapshot: Snapshot, arns: readonly string[]): Promise<void> {
  const asked = new Map<string, Promise<SeenPolicy>>();
  const managed = (arn: string): Promise<SeenPolicy> => {
    const policy = asked.get(arn) ?? managedPolicy(session, arn);
    asked.set(arn, policy);
    return policy;
  };
  await Promise.all(arns.map((arn) => fetchRole(session, snapshot, arn, managed)));
}

async function fetchRole(
  session: Session,
  snapshot: Snapshot,
  arn: string,
  managedOf: (arn: string) => Promise<SeenPolicy>,
): Promise<void> {
  const RoleName = arn.slice(arn.lastIndexOf("/") + 1);
  const [role, attached, inline] = await Promise.all([
    session.call(
      "iam:GetRole",
      async ({ iam }, options) => (await iam.send(new GetRoleCommand({ RoleName }), options)).Role,
    ),
    session.list("iam:ListAttachedRolePolicies", async ({ iam }, options, Marker) => {
      const page = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker }), options);
      return { items: page.AttachedPolicies, next: page.IsTruncated === true ? page.Marker : undefined };
    }),
    session.list("iam:ListRolePolicies", async ({ iam }, options, Marker) => {
      const page = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker }), options);
      return { items: page.PolicyNames, next: page.IsTruncated === true ? page.Marker : undefined };
    }),
  ]);
  const arns = attached.ok ? attached.value.flatMap(({ PolicyArn }) => PolicyArn ?? []) : [];
  const names = inline.ok ? inline.value : [];
  const boundary = role.ok ? role.value?.PermissionsBoundary?.PermissionsBoundaryArn : undefined;
  const [managed, own, limit] = await Promise.all([
    Promise.all(arns.map(managedOf)),
    Promise.all(names.map((name) => inlinePolicy(session, RoleName, name))),
    boundary === undefined ? undefined : managedOf(boundary),
  ]);
  const policies = [...own, ...managed];
  for (const answer of [role, attached, inline, ...policies.map(({ document }) => document)]) note(snapshot, answer);
  if (limit !== undefined) note(snapshot, limit.document);
  const gaps = [attached, inline].flatMap((answer) => (answer.ok ? [] : [answer.failure]));
  snapshot.roles.set(arn, { name: RoleName, role, gaps, policies, boundary: limit });
}

async function inlinePolicy(session: Session, RoleName: string, PolicyName: string): Promise<SeenPolicy> {
  const document = await session.call("iam:GetRolePolicy", async ({ iam }, options) => {
    return (await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }), options)).PolicyDocument;
  });
  return { id: `${RoleName}|${PolicyName}`, arn: undefined, document };
}

async function managedPolicy(session: Session, arn: string): Promise<SeenPolicy> {
  const policy = await session.call("iam:GetPolicy", async ({ iam }, options) => {
    return (await iam.send(new GetPolicyCommand({ PolicyArn: arn }), options)).Policy?.DefaultVersionId;
  });
  if (!policy.ok) return { id: arn, arn, document: policy };
  const VersionId = policy.value;
  if (VersionId === undefined) return { id: arn, arn, document: { ok: true, value: undefined } };
  const document: Answer<string | undefined> = await session.call("iam:GetPolicyVersion", async ({ iam }, options) => {
    const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }), options);
    return version.PolicyVersion?.Document;
  });
  return { id: arn, arn, document };
}
