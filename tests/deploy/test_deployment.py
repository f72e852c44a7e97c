"""A witness from outside: what was broken is refused, what was fixed is deployed, and what was created is read back. What
was only open is deployed both ways, and is protected afterwards.

The tests marked ``deploy`` need LocalStack, on this machine, and are skipped where ``REMEDIATOR_LOCALSTACK`` names none;
docs/deployment-witness.md says how to get one and what it proves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cfnlint.api import lint
from cfnlint.core import get_rules
from cloud import Cloud, serving
from protected import PROTECTIONS
from read_back import CIRCULAR, SHAPES, Shape

from remediator import Options, Outcome, Selection, fix_text

SHAPES_FOLDER = Path(__file__).parent / "shapes"
PROTECTION_FOLDER = Path(__file__).parent / "protection"
SAMPLES = Path(__file__).parent.parent.parent / "samples"
# analytics-platform runs its own code while it is created, a macro and a custom resource; the emulator runs none.
SAMPLE_NAMES = ["media-pipeline", "pattern-detection", "streaming-transcoding", "video-processing"]

every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
every_protection = pytest.mark.parametrize("name", PROTECTIONS)
every_sample = pytest.mark.parametrize("name", [f"{name}{suffix}" for name in SAMPLE_NAMES for suffix in (".yaml", ".json")])


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """AWS's interfaces on this machine."""
    where = os.environ.get("REMEDIATOR_LOCALSTACK")
    if not where:
        pytest.skip("REMEDIATOR_LOCALSTACK names no LocalStack, see docs/deployment-witness.md")
    with serving(where) as endpoint:
        yield Cloud(endpoint)


@pytest.fixture(scope="module")
def errors() -> Callable[[str], set[str]]:
    """The ids of the errors that cfn-lint reports for a template. Its rules take a second to load, and are loaded once."""
    rules = get_rules([], [], ["E"], {}, False)
    return lambda text: {match.rule.id for match in lint(text, rules, ["us-east-1"]) if match.rule.id.startswith("E")}


def _before(shape: Shape) -> str:
    (path,) = SHAPES_FOLDER.glob(f"{shape.name}.*")
    return path.read_text(encoding="utf-8")


def _fixed(shape: Shape) -> Outcome:
    """What `fix --profile deploy` makes of a shape: what keeps it from deploying, and nothing else."""
    outcome = fix_text(_before(shape), Options(Selection(profile="deploy"), unsafe=shape.unsafe))
    assert outcome.failures == ()
    assert outcome.remaining == ()
    return outcome


def _sample(path: Path) -> str:
    """A sample as the emulator can read it: it takes a literal ``${!name}``, in code here, for a reference."""
    return path.read_text(encoding="utf-8").replace("${!", "{")


def test_every_shape_is_read_back() -> None:
    """Each template has its function, and somebody who refuses it."""
    assert all(shape.lint or shape.refusal for shape in SHAPES)
    assert sorted(path.stem for path in SHAPES_FOLDER.iterdir()) == sorted(shape.name for shape in SHAPES)


@every_shape
def test_shape_is_mended_for_cfn_lint(shape: Shape, errors: Callable[[str], set[str]]) -> None:
    """cfn-lint reports what is wrong with the original, and no error any more for the result."""
    outcome = _fixed(shape)
    assert errors(outcome.before.text) == shape.lint
    assert errors(outcome.after.text) == set()


@pytest.mark.deploy
@pytest.mark.parametrize("shape", [each for each in SHAPES if each.refusal], ids=lambda shape: shape.name)
def test_shape_is_refused(cloud: Cloud, shape: Shape) -> None:
    with cloud.stack(_before(shape)) as stack:
        assert stack.status != "CREATE_COMPLETE"
        assert shape.refusal in stack.reason


@pytest.mark.deploy
@every_shape
def test_fixed_shape_is_deployed(cloud: Cloud, shape: Shape) -> None:
    with cloud.stack(_fixed(shape).after.text) as stack:
        assert stack.status == "CREATE_COMPLETE", stack.reason
        shape.read_back(stack)


@pytest.mark.deploy
@every_sample
def test_sample_is_refused(cloud: Cloud, name: str) -> None:
    with cloud.stack(_sample(SAMPLES / name)) as stack:
        assert stack.status != "CREATE_COMPLETE"
        assert CIRCULAR in stack.reason


@pytest.mark.deploy
@every_sample
def test_fixed_sample_is_deployed(cloud: Cloud, name: str) -> None:
    with cloud.stack(_sample(SAMPLES / "fixed" / name)) as stack:
        assert stack.status == "CREATE_COMPLETE", stack.reason


# Protection


def _open(name: str) -> str:
    return (PROTECTION_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def _protected(name: str) -> Outcome:
    """What `fix --unsafe-fixes` makes of a template that deploys, and protects nothing."""
    outcome = fix_text(_open(name), Options(unsafe=True))
    assert outcome.failures == ()
    return outcome


def test_every_protection_is_read_back() -> None:
    assert sorted(path.stem for path in PROTECTION_FOLDER.iterdir()) == sorted(PROTECTIONS)


@every_protection
def test_protection_is_right_for_cfn_lint(name: str, errors: Callable[[str], set[str]]) -> None:
    """cfn-lint finds no error, before and after."""
    assert errors(_open(name)) == errors(_protected(name).after.text) == set()


@pytest.mark.deploy
@every_protection
def test_open_template_is_not_protected(cloud: Cloud, name: str) -> None:
    """The original is deployed too, without what is looked for."""
    with cloud.stack(_open(name)) as stack:
        assert stack.status == "CREATE_COMPLETE", stack.reason
        with pytest.raises((AssertionError, LookupError)):
            PROTECTIONS[name](stack)


@pytest.mark.deploy
@every_protection
def test_protected_template_is_deployed(cloud: Cloud, name: str) -> None:
    with cloud.stack(_protected(name).after.text) as stack:
        assert stack.status == "CREATE_COMPLETE", stack.reason
        PROTECTIONS[name](stack)
