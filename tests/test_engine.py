"""The engine: rounds, conflicts, what is held back, and that nothing unproven gets out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from remediator import engine
from remediator.builder import EditBuilder
from remediator.engine import Options, Outcome
from remediator.findings import Applicability, Edit, Finding, Fix, UpdateEffect
from remediator.nodes import Path, Scalar
from remediator.passes import Context, Pass, Remedy, Selection, registry
from remediator.render import GetAtt
from remediator.source import Source
from remediator.template import Resource, Template

TEMPLATE = """\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: one # the name
      DisplayName: shown
"""

_NAME: Path = ("Resources", "Topic", "Properties", "TopicName")
_SHOWN: Path = ("Resources", "Topic", "Properties", "DisplayName")


def change(path: Path, text: str, **options: object) -> Callable[[Context], Iterator[Finding]]:
    """What a pass does that sets a property to a text where it has another one."""
    level = options.get("level", Applicability.SAFE)
    effect = options.get("effect", UpdateEffect.NONE)
    declared = options.get("declared", (path,))

    def run(context: Context) -> Iterator[Finding]:
        topic = context.template.resources["Topic"]
        node = topic.property(str(path[-1]))
        assert node is not None
        if context.template.source.text[node.start : node.end] not in (text, f"&name {text}"):
            edit = Edit(node.start, node.end, text)
            fix = Fix((edit,), declared, ("set it",), level, effect, "nothing depends on it")  # type: ignore[arg-type]
            yield Finding("TST", f"{path[-1]} is not {text}", path, node.start, node.end, fix)

    return run


def passes_doing(*runs: Callable[[Context], Iterator[Finding]]) -> dict[str, Pass]:
    """Passes TST001, TST002 … that do these things."""
    found: dict[str, Pass] = {}
    for number, run in enumerate(runs, 1):

        def wrapped(_self: Pass, context: Context, run: Callable[[Context], Iterator[Finding]] = run) -> Iterator[Finding]:
            return run(context)

        code = f"TST00{number}"
        kind = type(code, (Pass,), {"code": code, "name": code.lower(), "profile": "deploy", "run": wrapped})
        found[code] = kind()
    return found


@pytest.fixture
def fix(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Fixes the template with passes that do given things, and no others."""

    def go(
        *runs: Callable[[Context], Iterator[Finding]], text: str = TEMPLATE, unsafe: bool = False, deployed: bool = False
    ) -> Outcome:
        monkeypatch.setattr("remediator.passes.registry", lambda: passes_doing(*runs))
        return engine.fix(Source.from_text(text), Options(Selection(), unsafe=unsafe, deployed=deployed))

    return go


def test_a_fix_is_applied_and_nothing_else_changes(fix: Callable[..., Outcome]) -> None:
    """The one edit is made; comments and layout around it stay."""
    outcome = fix(change(_NAME, "two"))
    assert outcome.after.text == TEMPLATE.replace("one", "two")
    assert [each.finding.path for each in outcome.applied] == [_NAME]
    assert outcome.remaining == ()
    assert outcome.failures == ()


def test_an_overlapping_fix_waits_for_the_next_round(fix: Callable[..., Outcome]) -> None:
    """Of two fixes for one place the first is made; the second is made on the text that the first has left."""

    def second(context: Context) -> Iterator[Finding]:
        node = context.template.resources["Topic"].property("TopicName")
        assert isinstance(node, Scalar)
        if not node.value.endswith("-x"):
            edit = Edit(node.start, node.end, f"{node.value}-x")
            fix = Fix((edit,), (_NAME,), ("add",), Applicability.SAFE, UpdateEffect.NONE, "harmless")
            yield Finding("TST", "no suffix", _NAME, node.start, node.end, fix)

    def first(context: Context) -> Iterator[Finding]:
        node = context.template.resources["Topic"].property("TopicName")
        assert isinstance(node, Scalar)
        if node.value == "one":
            edit = Edit(node.start, node.end, "two")
            fix = Fix((edit,), (_NAME,), ("rename",), Applicability.SAFE, UpdateEffect.NONE, "harmless")
            yield Finding("TST", "old name", _NAME, node.start, node.end, fix)

    outcome = fix(first, second)
    assert "TopicName: two-x # the name" in outcome.after.text
    assert len(outcome.applied) == 2


def test_an_insertion_at_the_end_of_a_removal_waits() -> None:
    """What is added to a list that another fix removes is not left without it: it comes in the next round."""
    text = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: own
          PolicyDocument: {Statement: [{Effect: Allow, Action: iam:GetRole, Resource: !GetAtt Role.Arn}]}
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    DependsOn:
      - Group
    Properties:
      TargetGroupARNs: [!Ref Role]
"""
    outcome = engine.fix(Source.from_text(text), Options(Selection(select=("CYC001",))))
    assert outcome.failures == ()
    assert "    DependsOn:\n      - RoleOwnPolicy\n    Properties:" in outcome.after.text


class _Queued(Pass):
    """Gives each topic a line of its own about the one queue of the stack, which it adds."""

    code, name, profile = "TST001", "queued", "deploy"
    said = staticmethod(lambda topic: "the queue of the stack")

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for topic in template.resources.values():
            if topic.type == "AWS::SNS::Topic" and topic.property("DisplayName") is None:
                yield self.finding(
                    template, topic.path, topic.key, "not queued", Remedy("add", self._adds(template, topic), "why")
                )

    def _adds(self, template: Template, topic: Resource) -> Callable[[EditBuilder], None]:
        def make(builder: EditBuilder) -> None:
            queue = next((name for name, each in template.resources.items() if each.type == "AWS::SQS::Queue"), None)
            if queue is None:
                queue = builder.new_logical_id("Queue")
                tag = {"Key": "for", "Value": self.said(topic)}
                value = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [tag]}}
                builder.add_resource(queue, value, after=next(reversed(template.resources)))
            assert topic.properties is not None
            path = (*topic.path, "Properties")
            builder.insert_entry(topic.properties, "DisplayName", GetAtt(queue, "QueueName"), path, after="TopicName")

        return make


TOPICS = """\
Resources:
  One:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: one
  Two:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: two
"""


@pytest.mark.parametrize("said", [lambda topic: "the stack", lambda topic: topic.logical_id], ids=["same", "other"])
def test_what_several_fixes_add_is_added_once(monkeypatch: pytest.MonkeyPatch, said: Callable[[Resource], str]) -> None:
    """Fixes that add the same new resource share it at once; where their words differ, the second finds the first one's."""
    each = _Queued()
    monkeypatch.setattr(each, "said", said, raising=False)
    monkeypatch.setattr("remediator.passes.registry", lambda: {"TST001": each})
    outcome = engine.fix(Source.from_text(TOPICS), Options())
    assert outcome.failures == ()
    assert outcome.after.text.count("AWS::SQS::Queue") == 1
    assert outcome.after.text.count("!GetAtt Queue.QueueName") == 2


class _Shown(Pass):
    """Completes ``_Queued``: asks what a queued topic shows, and knows it only where the topic is called ``one``."""

    code, name, profile = "TST002", "shown", "deploy"

    def run(self, context: Context) -> Iterator[Finding]:
        for topic in context.template.resources.values():
            if topic.property("DisplayName") and topic.property("KmsMasterKeyId") is None:
                known = topic.logical_id == "One"
                remedy = Remedy("set it", partial(self._set, topic), "why") if known else "which key?"
                yield self.finding(context.template, ("Resources", "Queue"), topic.key, "no key", remedy, (topic.path,))

    @staticmethod
    def _set(topic: Resource, builder: EditBuilder) -> None:
        assert topic.properties is not None
        builder.insert_entry(topic.properties, "KmsMasterKeyId", "alias/one", (*topic.path, "Properties"), after="TopicName")


def test_a_fix_that_nothing_completes_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a companion has no answer to what a fix has left open, that fix is taken back, with the reason; others stay."""
    queued, shown = _Queued(), _Shown()
    monkeypatch.setattr(_Queued, "companions", ("TST002",))
    monkeypatch.setattr("remediator.passes.registry", lambda: {"TST001": queued, "TST002": shown})
    outcome = engine.fix(Source.from_text(TOPICS), Options())
    assert outcome.failures == ()
    one, two = outcome.after.text.split("  Two:")
    assert "KmsMasterKeyId: alias/one" in one
    assert "DisplayName" not in two
    (left,) = outcome.remaining
    assert left.finding.code == "TST001"
    assert left.finding.fix is None
    assert left.finding.reason == "it would not be complete: no key: which key?"


def test_equal_edits_of_two_fixes_are_made_once(fix: Callable[..., Outcome]) -> None:
    """What two findings need together is one edit."""
    outcome = fix(change(_NAME, "two"), change(_NAME, "two"))
    assert outcome.after.text == TEMPLATE.replace("one", "two")
    assert len(outcome.applied) == 2


def test_passes_that_fight_change_nothing(fix: Callable[..., Outcome]) -> None:
    """Two passes that undo each other's work leave the template as it was, and both are named."""
    outcome = fix(change(_NAME, "two"), change(_NAME, "three"))
    assert outcome.after.text == TEMPLATE
    (failure,) = outcome.failures
    assert "undo each other's work" in failure.message


def test_a_pass_without_end_changes_nothing(fix: Callable[..., Outcome]) -> None:
    """A pass that always finds more is stopped after ten rounds, with the template as it was."""

    def longer(context: Context) -> Iterator[Finding]:
        node = context.template.resources["Topic"].property("TopicName")
        assert isinstance(node, Scalar)
        yield from change(_NAME, f"{node.value}x")(context)

    outcome = fix(longer)
    assert outcome.after.text == TEMPLATE
    assert outcome.failures


def test_a_broken_pass_does_not_stop_the_others(fix: Callable[..., Outcome]) -> None:
    """An exception in one pass is reported as a defect; the fixes of the others are made."""

    def broken(context: Context) -> Iterator[Finding]:
        raise KeyError("oh")

    outcome = fix(broken, change(_NAME, "two"))
    assert "TopicName: two" in outcome.after.text
    (failure,) = outcome.failures
    assert failure.culprit == "TST001"
    assert failure.message == "KeyError: 'oh'"


@pytest.mark.parametrize("unsafe", [False, True])
def test_unsafe_fixes_need_leave(fix: Callable[..., Outcome], unsafe: bool) -> None:
    """An unsafe fix is made with leave, and otherwise reported with its fix."""
    outcome = fix(change(_NAME, "two", level=Applicability.UNSAFE), unsafe=unsafe)
    assert outcome.changed is unsafe
    assert [each.finding.fix is not None for each in outcome.remaining] == ([] if unsafe else [True])


def test_display_fixes_are_never_made(fix: Callable[..., Outcome]) -> None:
    """What needs a value from a person is shown only."""
    outcome = fix(change(_NAME, "two", level=Applicability.DISPLAY), unsafe=True)
    assert not outcome.changed
    assert len(outcome.remaining) == 1


@pytest.mark.parametrize("deployed", [False, True])
def test_replacements_are_held_back_for_deployed_stacks(fix: Callable[..., Outcome], deployed: bool) -> None:
    """Where a stack exists, what would replace a resource is not done, and the report says so."""
    outcome = fix(change(_NAME, "two", effect=UpdateEffect.REPLACEMENT), deployed=deployed)
    assert outcome.changed is not deployed
    reasons = [each.finding.reason for each in outcome.remaining]
    assert reasons == (["held back under --deployed: replacement"] if deployed else [])


def test_an_undeclared_change_is_dropped_alone(fix: Callable[..., Outcome]) -> None:
    """A fix that changes more than it declared is dropped and reported; the others are made."""
    outcome = fix(change(_NAME, "two", declared=(_SHOWN,)), change(_SHOWN, "better"))
    assert outcome.after.text == TEMPLATE.replace("shown", "better")
    (failure,) = outcome.failures
    assert failure.culprit == "TST"
    assert "Resources.Topic.Properties.TopicName changed, which no fix declared" in failure.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("!Ref Nothing", "the reference Nothing resolves to nothing"),
        ("!GetAtt Topic.TopicArn", "a new dependency cycle: Topic"),
        ("[a, b]", "the checker reports"),
        ("{", "the output can't be read"),
    ],
)
def test_harmful_fixes_are_not_made(fix: Callable[..., Outcome], text: str, reason: str) -> None:
    """A dangling reference, a new cycle, a schema error, a text that is no template: none of them gets out."""
    outcome = fix(change(_NAME, text))
    assert outcome.after.text == TEMPLATE
    (failure,) = outcome.failures
    assert reason in failure.message


def test_text_behind_an_alias_is_not_changed(fix: Callable[..., Outcome]) -> None:
    """A node that a YAML alias shows in a second place is left alone, and the report says why."""
    text = TEMPLATE.replace("one", "&name one").replace("shown", "*name")
    outcome = fix(change(_NAME, "two"), text=text)
    assert outcome.after.text == text
    assert [each.finding.reason for each in outcome.remaining] == ["the text to change is shared through a YAML anchor"]


def test_the_real_passes_are_deterministic() -> None:
    """The same template gives the same result each time."""
    text = registry()["CYC001"].examples[0].before
    results = {engine.fix(Source.from_text(text), Options()).after.text for _ in range(3)}
    assert len(results) == 1
