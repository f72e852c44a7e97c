"""POR005: machine images that are named by their id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from remediator.api import (
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Origin,
    Pass,
    Place,
    Remedy,
    Resource,
    Scalar,
    Template,
    UpdateEffect,
    origins,
    resource_type,
    text_of,
)
from remediator.transforms.portability.amazon_linux import public_parameter

_ID = re.compile(r"ami-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_MADE_UP = re.compile(r"ami-(?:0?abcdef\w*|0?1234567\w*|0?9876543\w*|(\w)\1+)")
_TYPE = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"

BEFORE = """\
Parameters:
  Image:
    Type: AWS::EC2::Image::Id
    Description: Amazon Linux 2023 or newer
    Default: ami-0c02fb55956c7d316
Resources:
  Server:
    Type: AWS::EC2::Instance
    Properties:
      InstanceType: t3.micro
      ImageId: !Ref Image
"""
AFTER = BEFORE.replace("AWS::EC2::Image::Id", "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>").replace(
    "ami-0c02fb55956c7d316", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
)


class LiteralImage(Pass):
    """A machine image is named by its id, which exists in one Region only, and not for long.

    Where a comment, a name, a description or a command of the start script says that Amazon Linux 2 or Amazon Linux 2023 is
    meant, the public parameter that AWS keeps for it takes the place of the id: as a dynamic reference where the id stands,
    or where a mapping is asked for it; as the type of the parameter whose default it is. The processor is that of the
    instance type.

    Other images are left alone, since only their owner knows what is on them. For ids that are plainly made up, such as
    `ami-12345678`, and for those that are none, the report asks.
    """

    code = "POR005"
    name = "literal-image"
    profile = "deploy"
    answers = ("W2506", "E1152")
    sources = ("https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html",)
    examples = (Example("An image of Amazon", BEFORE, AFTER, unsafe=True),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        uses = [use for use in context.places if _names_image(*use)]
        parameters: dict[str, list[tuple[Resource, Place]]] = {}
        for resource, place in uses:
            found = [origin for origin in origins(template, place.node, place.path) if origin.node.value.startswith("ami-")]
            if not found:
                continue
            if found[0].path[0] == "Parameters":
                parameters.setdefault(str(found[0].path[1]), []).append((resource, place))
            else:
                yield from self._of_place(template, resource, place, found)
        for name, owned in parameters.items():
            yield from self._of_parameter(template, name, owned)

    def _of_place(self, template: Template, resource: Resource, place: Place, found: list[Origin]) -> Iterator[Finding]:
        parameter = public_parameter(template, [(resource, place)], found)
        if parameter:
            value = f"{{{{resolve:ssm:{parameter}}}}}"
            kind = resource_type(resource.type)
            remedy = Remedy(
                f"let {resource.logical_id} start from the image in {parameter}",
                lambda builder: builder.replace(place.node, value, place.path),
                _RISK,
                Applicability.UNSAFE,
                kind.update_effect("ImageId") if kind else UpdateEffect.NONE,
            )
            message = f"the image {found[0].node.value} exists in one Region only, if at all"
            yield self.finding(template, place.path, place.node, message, remedy)
        elif any(map(_is_wrong, found)):
            yield self._question(template, resource.logical_id, next(filter(_is_wrong, found)))

    def _of_parameter(self, template: Template, name: str, uses: list[tuple[Resource, Place]]) -> Iterator[Finding]:
        definition = template.parameter(name)
        default = definition.get("Default") if definition else None
        if definition is None or not isinstance(default, Scalar):
            return
        origin = Origin(("Parameters", name, "Default"), default)
        parameter = public_parameter(template, uses, [origin])
        if parameter:
            message = f"the image {default.value}, the default of {name}, exists in one Region only, if at all"
            yield self.finding(template, origin.path, default, message, _retyped(name, definition, default, parameter))
        elif _is_wrong(origin):
            yield self._question(template, name, origin)

    def _question(self, template: Template, name: str, origin: Origin) -> Finding:
        message = f"the image {origin.node.value} does not exist"
        return self.finding(template, origin.path, origin.node, message, f"which image should {name} have?")


def _names_image(resource: Resource, place: Place) -> bool:
    keys = [step for step in place.path if isinstance(step, str) and not step.startswith("Fn::")]
    return keys[-1] == "ImageId" and resource.type.startswith(("AWS::EC2::", "AWS::AutoScaling::"))


_RISK = "the newest image at each deployment takes the place of a fixed one, and what runs on it may be newer, too"


def _is_wrong(origin: Origin) -> bool:
    """Whether an id is no id, or one that people make up."""
    return not _ID.fullmatch(origin.node.value) or _MADE_UP.fullmatch(origin.node.value) is not None


def _retyped(name: str, definition: Mapping, default: Scalar, parameter: str) -> Remedy | str:
    kind, path = definition.get("Type"), ("Parameters", name)
    if text_of(kind) not in ("String", "AWS::EC2::Image::Id") or definition.entry("AllowedValues"):
        return f"which image should {name} have? {parameter} holds the newest"

    def make(builder: EditBuilder) -> None:
        assert isinstance(kind, Scalar)
        builder.replace(kind, _TYPE, (*path, "Type"))
        builder.replace(default, parameter, (*path, "Default"))
        for key in ("AllowedPattern", "MinLength", "MaxLength"):  # they are about ids; the type checks what it gets
            if definition.entry(key):
                builder.remove_entry(definition, key, path)

    why = f"{_RISK}; who gives {name} an id has to give the name of a parameter instead"
    return Remedy(f"let {name} be the image in {parameter}", make, why, Applicability.UNSAFE, UpdateEffect.REPLACEMENT)
