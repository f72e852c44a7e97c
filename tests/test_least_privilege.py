"""The policy proof: after the fixes every request that the code makes is allowed, nothing dangerous is, and nothing is new.

``least_privilege`` holds the other side: an evaluator of policies and code whose requests are known, without a line of ours.
"""

from __future__ import annotations

import os

import pytest
from completeness.loading import load
from completeness.texts import Template
from hypothesis import given, settings
from least_privilege import Role, roles
from least_privilege.functions import Case, cases
from least_privilege.requests import DANGEROUS

from remediator import Options, fix_text, iam

EXAMPLES = int(os.environ.get("REMEDIATOR_EXAMPLES", "40"))


def judged(text: str) -> dict[str, Role]:
    return roles(Template(load(text)), iam.managed_policy)


@pytest.mark.parametrize("unsafe", [pytest.param(False, id="safe"), pytest.param(True, id="unsafe")])
@settings(max_examples=EXAMPLES)
@given(case=cases())
def test_what_the_code_does_stays_allowed_and_what_it_does_not_goes(unsafe: bool, case: Case) -> None:
    """Also for roles that lacked a right: they get what the code needs, and nothing else."""
    outcome = fix_text(case.text, Options(unsafe=unsafe))
    assert not outcome.failures
    after = judged(outcome.after.text)
    for name, requests in case.requests.items():
        refused = [str(each) for each in requests if not after[name].may(each)]
        assert not refused, outcome.after.text
        unasked = [each for each in DANGEROUS if each not in requests and (unsafe or each.action not in case.spelt[name])]
        allowed = [str(each) for each in unasked if after[name].might(each)]
        assert not allowed, outcome.after.text
