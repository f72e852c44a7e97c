"""Services that act on a store by the template's wiring, as far as they have to use its key."""

from __future__ import annotations

from remediator.api import Context, Node, Resource, table
from remediator.transforms.wiring.follow import fits, follow


def acting(context: Context, node: Node) -> Resource | None:
    """On whose behalf a service has to use the key that a value names."""
    template = context.template
    for user in template.resources.values():
        for row in table("key_needs").values():
            paths = [row["key"]] if isinstance(row["key"], str) else row["key"]
            uses = user.type in row["users"] and fits(user, row.get("where"))
            if uses and any(each is node for path in paths for each in follow(template, user, path)):
                return user
    return None
