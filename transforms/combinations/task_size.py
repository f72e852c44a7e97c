"""COM007: tasks of a size that Fargate does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Origin,
    Pass,
    Path,
    Remedy,
    Resource,
    Template,
    origins,
    table,
)
from remediator.transforms.combinations.known import Known, holds
from remediator.transforms.schema.illegal_value import uses
from remediator.transforms.values.texts import mend

_UNITS = re.compile(r"(\d+)|(\d*\.?\d+)\s*(vcpu|gb)", re.IGNORECASE)

_BEFORE = """\
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      RequiresCompatibilities: [FARGATE]
      NetworkMode: awsvpc
      Cpu: "512"
      Memory: "512"
      ContainerDefinitions:
        - Name: web
          Image: public.ecr.aws/nginx/nginx:stable
"""


@dataclass(frozen=True, slots=True)
class _Amount:
    """One of the two sizes: what stands there, and how many units or MiB that is."""

    name: str
    origin: Origin
    number: int

    def write(self, builder: EditBuilder, number: int) -> None:
        node, number_text = self.origin.node, str(number)
        if node.style or not node.value.isdigit() or self.origin.path[0] == "Parameters":
            mend(builder, self.origin, number_text)
        else:
            builder.replace(node, number, self.origin.path)


class TaskSize(Pass):
    """A task for Fargate has a combination of CPU and memory that Fargate does not have: *No Fargate configuration exists for
    given values*.

    The next larger one is written: more memory first, and more CPU only where that much memory does not exist for it. It
    costs more, so that it is unsafe.

    Left alone: sizes from a mapping, or from a parameter that is used elsewhere too.
    """

    code = "COM007"
    name = "fargate-size"
    profile = "deploy"
    answers = ("E3047", "E3048")
    sources = ("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size",)
    examples = (Example("Too little memory", _BEFORE, _BEFORE.replace('Memory: "512"', 'Memory: "1024"'), unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for task in template.resources.values():
            if task.type != "AWS::ECS::TaskDefinition":
                continue
            if holds(template, task.property("RequiresCompatibilities"), ["FARGATE"]) is not Known.YES:
                continue
            cpu, memory = _amount(template, task, "Cpu"), _amount(template, task, "Memory")
            if cpu and memory and not _exists(cpu.number, memory.number):
                message = f"{task.logical_id} has {cpu.origin.node.value} CPU and {memory.origin.node.value} memory"
                path: Path = (*task.path, "Properties", "Memory")
                remedy = _remedy(template, cpu, memory)
                yield self.finding(template, path, memory.origin.node, message, remedy)


def _amount(template: Template, task: Resource, name: str) -> _Amount | None:
    node = task.property(name)
    found = list(origins(template, node, (*task.path, "Properties", name))) if node else []
    match = _UNITS.fullmatch(found[0].node.value.strip()) if len(found) == 1 else None
    if match is None:
        return None
    number = int(match[1]) if match[1] else round(float(match[2]) * 1024)
    return _Amount(name, found[0], number)


def _sizes() -> Iterator[tuple[int, int]]:
    """Every combination, the smallest first."""
    for cpu, row in table("fargate_sizes").items():
        for memory in row.get("memory") or range(row["from"], row["to"] + 1, row["step"]):
            yield int(cpu), memory


def _exists(cpu: int, memory: int) -> bool:
    return (cpu, memory) in _sizes()


def _remedy(template: Template, cpu: _Amount, memory: _Amount) -> Remedy | str:
    larger = [size for size in _sizes() if size[0] >= cpu.number and size[1] >= memory.number]
    if not larger:
        return "Fargate has no tasks that large; should they run on EC2?"
    wanted = dict(zip((cpu, memory), min(larger), strict=True))
    changed = {amount: number for amount, number in wanted.items() if number != amount.number}
    for amount in changed:
        path = amount.origin.path
        if path[0] == "Mappings" or (path[0] == "Parameters" and uses(template, path) != 1):
            return f"which {amount.name} should the task have? the next size is {min(larger)[0]} CPU and {min(larger)[1]} MiB"

    def make(builder: EditBuilder) -> None:
        for amount, number in changed.items():
            amount.write(builder, number)

    said = " and ".join(f"{amount.name} {number}" for amount, number in changed.items())
    return Remedy(f"write {said}", make, "it is the next size that Fargate has, and costs more", Applicability.UNSAFE)
