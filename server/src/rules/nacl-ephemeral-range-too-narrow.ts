import type { AclFault } from "../edit/acl-entry";
import { setProperty } from "../edit/resource";
import { namedOrigin } from "../edit/site";
import { message } from "../message";
import { covers } from "../network/address-space";
import { countPorts, describePorts, matchedAddresses, portSet } from "../network/matching";
import { aclStops, isAnswer, isDeny, notesOn } from "./acl-stops";
import type { Fix, Rule, World } from "./rule";

export const naclEphemeralRangeTooNarrow: Rule = {
  id: "nacl-ephemeral-range-too-narrow",
  severity: "warning",
  group: "reach",
  summary: "A network ACL lets answers back on some of the ports they arrive on",
  docs: `## What happens

Calls to the internet time out now and then, without a pattern.

An answer comes back to the port that the caller picked for its connection, a new one each time. Lambda
and NAT gateways pick from 1024 to 65535 (the *ephemeral ports*). This network ACL, the list of what may
cross the subnet's border, opens only a part of them: often 32768 to 65535 or 49152 to 65535, which is
what Linux or Windows machines use. Whenever the caller picks another port, the answer is dropped. See
[Ephemeral ports](https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html).

## How to fix it

Set the entry's \`PortRange\` to \`From: 1024\`, \`To: 65535\`.

There is no quick fix where no rule number before the entry that denies is free.

## When to silence it

When other entries of the ACL are denied on purpose and a failed call now and then does no harm. An
entry that denies single ports, such as 3389, is reported as information only.
`,
  bad: "nacl-ephemeral-range-too-narrow/linux-range.yaml",
  good: "nacl-ephemeral-range-too-narrow/full-range.yaml",

  *check(world) {
    for (const stop of aclStops(world, "partial")) {
      const fault = stop.passages.map((passage) => passage.fault).find(isNarrow);
      if (fault === undefined) continue;
      const { entry, acl, answer, question } = fault;
      const open = describePorts(answer.ports);
      yield {
        at: entry?.ports.is === "known" ? namedOrigin(world.document, entry.ports.at) : stop.at,
        ...(isDeny(fault) ? { severity: "information" } : {}),
        message: isDeny(fault)
          ? message(
              "{0} drops answers on some of the ports {1}–{2}, so a call times out whenever its answer arrives there",
              entry?.key ?? acl.key,
              question.ports.from,
              question.ports.to,
            )
          : message(
              "{0} lets answers back on ports {1} only, but they arrive on {2}–{3}, so calls time out now and then",
              acl.key,
              open,
              question.ports.from,
              question.ports.to,
            ),
        notes: notesOn(stop, ({ fault: other }) =>
          message("here it leaves ports {0} open", describePorts(other.answer.ports)),
        ),
        fixes: () => fixes(world, fault),
        functions: [stop.fn.fn.key],
      };
    }
  },
};

/** Where every port is open to some addresses and closed to others, an author chose among addresses. */
function isNarrow(fault: AclFault): boolean {
  const { answer, question } = fault;
  return isAnswer(fault) && countPorts(answer.ports) < countPorts(portSet(question.ports));
}

/** Widens the entry, where it is about all of the addresses that answers come from. */
function fixes({ document, template }: World, fault: AclFault): Fix[] {
  const { entry, question } = fault;
  const resource = template.resources.get(entry?.key ?? "");
  if (entry === undefined || resource === undefined || isDeny(fault)) return [];
  if (!covers(matchedAddresses(entry.cidr, entry.family).least, question.peers)) return [];
  const { from, to } = question.ports;
  return [
    {
      title: message("Widen the ports of {0} to {1}–{2}", entry.key, from, to),
      safe: false,
      edits: setProperty(document, resource, ["PortRange"], { From: from, To: to }),
    },
  ];
}
