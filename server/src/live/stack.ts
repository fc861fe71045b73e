/** CloudFormation stacks: which there are, and for one of them what its logical ids and parameters stand for. */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  type Parameter,
  StackStatus,
} from "@aws-sdk/client-cloudformation";
import type { Answer, Failure } from "./failure";
import { placeOf, type Wish } from "./profile";
import { type Limits, openSession, type Session } from "./session";

export interface ListedStack {
  readonly name: string;
  /** CloudFormation's word for it, `UPDATE_COMPLETE` and the like. */
  readonly status: string;
  readonly nested: boolean;
}

export interface Stack {
  readonly name: string;
  /** The stack's ARN. */
  readonly id: string;
  readonly status: string;
  /** By name. */
  readonly parameters: ReadonlyMap<string, StackParameter>;
  /** By logical id; SAM keeps the ids of functions and makes further ones. */
  readonly resources: ReadonlyMap<string, StackResource>;
  /** The text of the template at the stage that was asked for. */
  readonly template: Answer<string>;
}

/** `Original`: a template as it was handed in. `Processed`: what its transforms made of it. */
export type Stage = "Original" | "Processed";

export interface StackParameter {
  /** Undefined where CloudFormation keeps it to itself (`NoEcho`). */
  readonly value: string | undefined;
  /** What the SSM parameter held at the last deployment, where the value is the name of one. */
  readonly resolved: string | undefined;
}

export interface StackResource {
  readonly type: string;
  /** Undefined while there is none. */
  readonly physicalId: string | undefined;
}

/**
 * Hands out the stacks of a region page by page, and returns why the rest is missing where a page did not come;
 * undefined when all did. Never throws.
 */
export async function listStacks(
  wish: Wish & { readonly region: string },
  limits: Limits,
  onPage: (stacks: readonly ListedStack[]) => void,
): Promise<Failure | undefined> {
  const answer = await inSession(wish, limits, (session) =>
    session.list("cloudformation:ListStacks", async ({ cloudformation }, options, NextToken) => {
      const input = { NextToken, StackStatusFilter: there };
      const page = await cloudformation.send(new ListStacksCommand(input), options);
      const items = (page.StackSummaries ?? []).map(({ StackName, StackStatus: status, ParentId }) => ({
        name: StackName ?? "",
        status: status ?? "",
        nested: ParentId !== undefined,
      }));
      onPage(items);
      return { items, next: page.NextToken };
    }),
  );
  return answer.ok ? undefined : answer.failure;
}

/** Returns the logical ids of a stack's functions, or why they cannot be told. Never throws. */
export async function listStackFunctions(
  wish: Wish & { readonly region: string },
  limits: Limits,
  stack: string,
): Promise<Answer<readonly string[]>> {
  const answer = await inSession(wish, limits, (session) => resourcesOf(session, stack));
  if (!answer.ok) return answer;
  return { ok: true, value: [...answer.value].flatMap(([id, { type }]) => (type === lambda ? [id] : [])) };
}

/** Returns a stack with all that a comparison needs. Only its template may be missing. */
export async function fetchStack(session: Session, StackName: string, TemplateStage: Stage): Promise<Answer<Stack>> {
  const [described, resources, template] = await Promise.all([
    session.call("cloudformation:DescribeStacks", async ({ cloudformation }, options) => {
      const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }), options);
      return Stacks?.[0];
    }),
    resourcesOf(session, StackName),
    session.call("cloudformation:GetTemplate", async ({ cloudformation }, options) => {
      const input = { StackName, TemplateStage };
      return (await cloudformation.send(new GetTemplateCommand(input), options)).TemplateBody ?? "";
    }),
  ]);
  if (!described.ok) return described;
  if (!resources.ok) return resources;
  const {
    StackId = StackName,
    StackName: name = StackName,
    StackStatus: status = "",
    Parameters,
  } = described.value ?? {};
  return {
    ok: true,
    value: {
      name,
      id: StackId,
      status,
      parameters: new Map((Parameters ?? []).map((one) => [one.ParameterKey ?? "", toParameter(one)])),
      resources: resources.value,
      template,
    },
  };
}

/**
 * Returns the name that AWS knows a function of the stack by, given its logical id or that very name, with
 * `:ALIAS` or `:VERSION` kept; undefined where the stack has no such function.
 */
export function physicalName({ resources }: Stack, name: string): string | undefined {
  const [own = "", qualifier] = name.startsWith("arn:") ? name.split(":").slice(6) : name.split(":");
  for (const [id, { type, physicalId }] of resources) {
    if (type !== lambda || physicalId === undefined || (id !== own && physicalId !== own)) continue;
    return qualifier === undefined ? physicalId : `${physicalId}:${qualifier}`;
  }
  return undefined;
}

/** Returns the logical id of a function by the name that AWS knows it by. */
export function logicalIdOf({ resources }: Stack, name: string): string | undefined {
  const [own] = name.split(":", 1);
  return [...resources].find(([, { type, physicalId }]) => type === lambda && physicalId === own)?.[0];
}

/** Returns the ids of the stack's subnets: of those, too, that no route leads to any more. */
export function subnetsOf({ resources }: Stack): readonly string[] {
  return [...resources.values()].flatMap(({ type, physicalId }) =>
    type === "AWS::EC2::Subnet" && physicalId !== undefined ? [physicalId] : [],
  );
}

const lambda = "AWS::Lambda::Function";

/** CloudFormation lists stacks for ninety days after they were deleted. */
const there = Object.values(StackStatus).filter((status) => status !== "DELETE_COMPLETE");

function toParameter({ ParameterValue, ResolvedValue }: Parameter): StackParameter {
  const shown = (text: string | undefined) => (text === undefined || /^\*+$/.test(text) ? undefined : text);
  return { value: shown(ParameterValue), resolved: shown(ResolvedValue) };
}

async function resourcesOf(session: Session, StackName: string): Promise<Answer<ReadonlyMap<string, StackResource>>> {
  const answer = await session.list(
    "cloudformation:ListStackResources",
    async ({ cloudformation }, options, NextToken) => {
      const page = await cloudformation.send(new ListStackResourcesCommand({ StackName, NextToken }), options);
      return { items: page.StackResourceSummaries, next: page.NextToken };
    },
  );
  if (!answer.ok) return answer;
  const resources = answer.value.flatMap(({ LogicalResourceId, PhysicalResourceId, ResourceType, ResourceStatus }) =>
    LogicalResourceId === undefined || LogicalResourceId === "" || ResourceStatus === "DELETE_COMPLETE"
      ? []
      : [[LogicalResourceId, { type: ResourceType ?? "", physicalId: PhysicalResourceId }] as const],
  );
  return { ok: true, value: new Map(resources) };
}

async function inSession<T>(
  wish: Wish & { readonly region: string },
  limits: Limits,
  ask: (session: Session) => Promise<T>,
): Promise<T> {
  const session = openSession({ ...(await placeOf(wish)), region: wish.region }, limits);
  try {
    return await ask(session);
  } finally {
    session.close();
  }
}
