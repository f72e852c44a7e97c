"""REF004: variables in a text that nobody replaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.api import (
    PSEUDO_PARAMETERS,
    VARIABLE,
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Scalar,
    Sub,
    UpdateEffect,
    reachable,
    resource_type,
    text_of,
    walk,
)
from remediator.transforms.references import foreign, kinds
from remediator.transforms.references.uses import LOGICAL_ID, is_open

_BEFORE = """\
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: "logs-${AWS::AccountId}"
"""
_THROUGH = ("Fn::Base64", "Fn::If", "Fn::Join", "Fn::Select")
_OWN_LANGUAGE = ("DefinitionSubstitutions", "TemplateBody")
_CODE = ("FunctionCode", "InlineCode", "ZipFile")


@dataclass(frozen=True, slots=True)
class _Text:
    """A text outside of ``Fn::Sub``, the resource it stands in, and the variables in it."""

    path: Path
    node: Scalar
    owner: Resource | None
    names: tuple[str, ...]


class MissingSub(Pass):
    """A text has `${Name}` in it, where `Name` is a parameter, a resource or a pseudo parameter of the template, but no
    `Fn::Sub` around it, so that the resource gets the characters `${Name}`.

    The text gets the `Fn::Sub`. Where other `${…}` in it are variables of IAM or of the script that it is, they are escaped.
    Where something in it is neither, that is a question. It is left alone where a script has a variable of the same name;
    where a state machine has `DefinitionSubstitutions`, or the text is a template of its own; and in program code, unless
    the variable is a pseudo parameter, which no programming language has.

    Safe, unless the property can't be updated in place and a stack with the odd text may exist: then it is unsafe.
    """

    code = "REF004"
    name = "missing-sub"
    profile = "deploy"
    answers = ("E1029",)
    sources = ("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html",)
    examples = (Example("An account id in a name", _BEFORE, _BEFORE.replace('"logs', '!Sub "logs')),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if is_open(template):
            return
        for text in _texts(context):
            known = [name for name in text.names if _resolves(context, text, name)]
            escaped = [name for name in text.names if name not in known]
            open_names = [name for name in escaped if not _is_foreign(text, name)]
            if not known or _has_own_meaning(text, known) or (open_names and _is_code(text, open_names)):
                continue
            message = f"nothing replaces {_shown(known)} here: there is no Fn::Sub around the text"
            question = f"what is {_shown(open_names)}? It is not in the template, so Fn::Sub can't be put around the text"
            remedy = question if open_names else _remedy(context, text, escaped)
            yield self.finding(template, text.path, text.node, message, remedy)


def _shown(names: list[str]) -> str:
    return ", ".join(f"${{{name}}}" for name in dict.fromkeys(names))


def _texts(context: Context) -> Iterator[_Text]:
    template = context.template
    for resource in template.resources.values():
        if resource.properties is not None:
            yield from _texts_in(resource.properties, (*resource.path, "Properties"), resource)
    outputs = template.section("Outputs")
    for entry in outputs.entries if outputs else ():
        for path, node in walk(entry.value, ("Outputs", entry.key.value)):
            if path[2:] in (("Value",), ("Export", "Name")):
                yield from _texts_in(node, path, None)


def _texts_in(node: Node, path: Path, owner: Resource | None) -> Iterator[_Text]:
    """The texts below a node where ``Fn::Sub`` may stand."""
    for inner, each in walk(node, path):
        if not isinstance(each, Scalar) or "${" not in each.value or text_of(each) is None:
            continue
        functions = [str(step) for step in inner if str(step).startswith("Fn::") or step in ("Ref", "Condition")]
        names = tuple(match.group(1).strip() for match in VARIABLE.finditer(each.value))
        whole = each.value.count("${") == len(names)
        if whole and all(step in _THROUGH for step in functions) and not any(step in _OWN_LANGUAGE for step in inner):
            yield _Text(inner, each, owner, names)


def _resolves(context: Context, text: _Text, name: str) -> bool:
    """Whether a variable names something that ``Fn::Sub`` can put in, without a cycle."""
    template = context.template
    if name in PSEUDO_PARAMETERS:
        return name not in ("AWS::NoValue", "AWS::NotificationARNs")
    if name in template.parameters:
        return not kinds.is_list(kinds.parameter_type(template, name))
    target, _, attribute = name.partition(".")
    resource = template.resources.get(target)
    if resource is None or (attribute and not kinds.has_attribute(resource.type, attribute)):
        return False
    own = text.owner.logical_id if text.owner else ""
    return target != own and own not in reachable(context.graph.arcs, target)


def _is_foreign(text: _Text, name: str) -> bool:
    if ":" in name:
        return foreign.in_policy(text.path)
    return foreign.is_script(text.node.value, text.path) and foreign.is_defined(text.node.value, name, text.owner)


def _is_code(text: _Text, names: list[str]) -> bool:
    """Whether the variables that nothing explains are likely to be those of a program."""
    where = any(step in (*_CODE, "BuildSpec", "UserData") for step in text.path)
    return where or not all(LOGICAL_ID.fullmatch(name.partition(".")[0]) for name in names)


def _has_own_meaning(text: _Text, known: list[str]) -> bool:
    """Whether the text may mean its variables itself, although the template has something of the same name."""
    if text.owner and text.owner.property("DefinitionSubstitutions") and any("Definition" in str(step) for step in text.path):
        return True
    own = [name for name in known if name not in PSEUDO_PARAMETERS]
    if any(step in _CODE for step in text.path):
        return bool(own)
    return foreign.is_script(text.node.value, text.path) and any(
        foreign.is_defined(text.node.value, name, text.owner) for name in own
    )


def _remedy(context: Context, text: _Text, escaped: list[str]) -> Remedy:
    effect = _effect(context, text)
    level = Applicability.UNSAFE if effect > UpdateEffect.NONE else Applicability.SAFE
    why = "the text says what it means to say"
    if effect > UpdateEffect.NONE:
        why = "a stack that has the odd text now gets a new resource"
    extra = f", with {_shown(escaped)} escaped" if escaped else ""
    return Remedy(f"put Fn::Sub around it{extra}", lambda builder: _wrap(builder, text, escaped), why, level, effect)


def _effect(context: Context, text: _Text) -> UpdateEffect:
    """What the change does to a deployed stack; nothing where the text could never have been deployed."""
    kind = resource_type(text.owner.type) if text.owner else None
    if kind is None or len(text.path) < 4:
        return UpdateEffect.NONE
    shape = next((place.shape for _, place in context.places if place.path == text.path), None)
    if shape and (kinds.formats(shape) or _refuses(shape.schema.get("pattern"), text.node.value)):
        return UpdateEffect.NONE
    return kind.update_effect(str(text.path[3]))


def _refuses(pattern: object, value: str) -> bool:
    try:
        return isinstance(pattern, str) and re.search(pattern, value) is None
    except re.error:
        return False


def _wrap(builder: EditBuilder, text: _Text, escaped: list[str]) -> None:
    """Puts ``Fn::Sub`` around a text, which stays as it is written wherever the form of the template lets it."""
    node, source = text.node, builder.source
    written = list(VARIABLE.finditer(source.text, node.start, node.end))
    if [match.group() for match in written] != [match.group() for match in VARIABLE.finditer(node.value)]:
        raise CannotEdit("the text is written with escapes")
    block = node.style in ("|", ">")
    if not source.is_json and not builder.style.short and not block:
        value = VARIABLE.sub(
            lambda match: f"${{!{match.group(1)}}}" if match.group(1) in escaped else match.group(), node.value
        )
        builder.replace(node, Sub(value), text.path)
        return
    before, after = ('{"Fn::Sub": ', "}") if source.is_json else ("!Sub ", "")
    builder.replace_text(node.start, node.start, before, text.path)
    for match in written:
        if match.group(1).strip() in escaped:
            builder.replace_text(match.start(), match.start() + len("${"), "${!", text.path)
    if after:
        builder.replace_text(node.end, node.end, after, text.path)
