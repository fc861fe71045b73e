/** Roles and policies. */

import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { freshName, given, type Made, type Makers, NotReplayable, nameless, type Properties, type Site } from "./site";

export const roleMakers: Makers = {
  "AWS::IAM::Role": async ({ on, properties }) => {
    const RoleName = (await properties.text("RoleName")) ?? freshName("own-role");
    const statement = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const Path = await properties.text("Path");
    const { Role } = await on.account.iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
    const boundary = await properties.id("PermissionsBoundary", "policy");
    if (boundary !== undefined) {
      await on.account.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }));
    }
    // Among SAM's policies stand documents, and names without their ARN.
    for (const policy of await properties.mixed("ManagedPolicyArns", "policy")) {
      if (typeof policy === "string") await attach(on, RoleName, policy);
      else await putPolicy(on, RoleName, policy);
    }
    for (const policy of await properties.maps("Policies")) {
      await putPolicy(on, RoleName, await policy.plain("PolicyDocument"));
    }
    return { id: RoleName, attributes: { Arn: given(Role?.Arn) } };
  },

  "AWS::IAM::Policy": attachDocument,

  "AWS::IAM::RolePolicy": attachDocument,

  "AWS::IAM::ManagedPolicy": async ({ on, properties }) => {
    const PolicyDocument = documentOf(await properties.plain("PolicyDocument"));
    const { Policy } = await on.account.iam.send(
      new CreatePolicyCommand({ PolicyName: freshName("policy"), PolicyDocument }),
    );
    for (const RoleName of await rolesOf(properties)) {
      await on.account.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
    }
    return { id: given(Policy?.Arn) };
  },
};

async function attachDocument({ on, properties }: Site): Promise<Made> {
  const document = await properties.plain("PolicyDocument");
  for (const RoleName of await rolesOf(properties)) await putPolicy(on, RoleName, document);
  return nameless;
}

async function rolesOf(properties: Properties): Promise<string[]> {
  const [roles, role] = [await properties.plain("Roles"), await properties.plain("RoleName")];
  return [roles, role].flat().filter((one) => typeof one === "string");
}

/** Returns the ARN for the name of a policy of AWS, as SAM looks it up (translator 1.110, policies.py). */
export function samPolicy(name: string): string {
  const path = /^AWSLambda(?:Basic|VPCAccess|SQSQueue|DynamoDB|Kinesis|MSK|ENIManagement)/.test(name)
    ? "service-role/"
    : "";
  return `arn:aws:iam::aws:policy/${path}${name}`;
}

async function attach({ account }: Site["on"], RoleName: string, PolicyArn: string): Promise<void> {
  try {
    await account.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  } catch (error) {
    if (!(error instanceof Error && error.name.startsWith("NoSuchEntity"))) throw error;
    throw new NotReplayable("AWS: no such policy");
  }
}

async function putPolicy({ account }: Site["on"], RoleName: string, document: unknown): Promise<void> {
  const PolicyDocument = documentOf(document);
  await account.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: freshName("inline"), PolicyDocument }));
}

/** AWS demands the version, which SAM's policies may leave out. */
export function documentOf(document: unknown): string {
  if (typeof document === "string") return document;
  const whole = { Version: "2012-10-17", ...(typeof document === "object" ? document : {}) };
  // IAM refuses a document without statements, which is what SAM's templates for other services come to here.
  const nothing = { Effect: "Allow", Action: "none:None", Resource: "*" };
  const isEmpty = "Statement" in whole && Array.isArray(whole.Statement) && whole.Statement.length === 0;
  return JSON.stringify(isEmpty ? { ...whole, Statement: [nothing] } : whole);
}
