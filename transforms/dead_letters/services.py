"""Whether a service may be let into the queue for dead letters: CRE015 does it, where nothing stands in its way."""

from __future__ import annotations

import re

from remediator.api import PSEUDO_PARAMETERS, Resource, Template, table
from remediator.transforms.dead_letters.queues import Target
from remediator.transforms.wiring.resource_policies import extension, policies, statements
from remediator.transforms.wiring.sources import source_arn

_NAME = re.compile(r"\$\{([A-Za-z0-9:]+)")
_SENDERS = ("AWS::Events::Rule", "AWS::SNS::Subscription")


def obstacle(template: Template, owner: Resource, target: Target, row: str, place: int) -> str | None:
    """Why the policy of a queue can't let a service in for an owner; None where it can.

    ``row``: the row of the table ``senders``. ``place``: the owner's among those of its type that need it, counted from 1.
    """
    known = table("senders")[row]
    arn = source_arn(owner, known)
    names = set(_NAME.findall(arn or ""))
    if arn is None or names - template.resources.keys() - template.parameters - PSEUDO_PARAMETERS:
        return f"the ARN that the policy of {target.logical_id} has to name for {owner.logical_id} can't be written out"
    queue = None if target.new else template.resources[target.logical_id]
    found = [each for policy in policies(template, queue) for each in statements(policy)] if queue else []
    others = [each for each in template.resources.values() if each.type in _SENDERS and each.type != owner.type]
    most = table("dead_letters")["policy"]["statements"]
    if not target.condition and len(found) + len(others) + place > most:
        return f"the policy of {target.logical_id} would need more than {most} statements: which other queue may it use?"
    problem = extension(template, queue, [], str(known["service"]), sources=[owner]) if queue else None
    return problem if isinstance(problem, str) else None
