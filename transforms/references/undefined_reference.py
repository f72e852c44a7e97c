"""REF001: references that name nothing."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    PSEUDO_PARAMETERS,
    Applicability,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Remedy,
    Template,
)
from remediator.transforms.references import asking, candidates, foreign, sections
from remediator.transforms.references.naming import Nearness, nearest, squashed
from remediator.transforms.references.uses import LOGICAL_ID, Use, generating, is_open, rename, uses

_CASE = """\
Parameters:
  VpcCidr:
    Type: String
Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref VPCCidr
"""
_MISSING = """\
Resources:
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      AlarmActions:
        - !Ref SNSTopic
"""
_ASKED = """\
Parameters:
  SNSTopic:
    Type: String
    Description: ARN of the SNS topic for Alarm
"""


class UndefinedReference(Pass):
    """A `Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn` names neither a parameter nor a resource of the template, and
    CloudFormation refuses it.

    Where one parameter or resource fits all the mentions and has the same name but for capitals and punctuation, it is
    meant, and the mentions are renamed. The other fixes are guesses, and unsafe:

    - one that differs by a slip of the pen, a plural, an abbreviation (`DB`, `Env`, `Fn`) or a word that says nothing is
      taken to be meant; so is the only resource of its type where the name is just that type, as `VPC` for `ProductionVPC`;
    - an output of something that isn't there goes, and so does a name in `DependsOn`;
    - otherwise the template gets a parameter without default, typed by the place it is used at, whose description says
      what to give. The value itself is never made up.

    A parameter in `DependsOn` goes, for it is there before anything is made; and pseudo parameters in other letters are
    mended. Two candidates are a question. Names that SAM, modules, macros or `Fn::ForEach` may make are left alone.
    """

    code = "REF001"
    name = "undefined-reference"
    profile = "deploy"
    answers = ("E1010", "E1019", "E1020", "E3005", "E6101")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html",
    )
    examples = (
        Example("Other capitals", _CASE, _CASE.replace("VPCCidr", "VpcCidr")),
        Example("Something that has to be given", _MISSING, _ASKED + _MISSING, unsafe=True),
    )

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        put_out: dict[str, list[Use]] = {}
        for name, members in _undefined(context).items():
            first = members[0]
            remedy = _remedy(context, name, members)
            if remedy is None:
                put_out[name] = members
                continue
            more = f" ({len(members)} mentions)" if len(members) > 1 else ""
            message = f"{name} is neither a parameter nor a resource of the template{more}"
            if name in template.parameters:
                message = f"nothing can depend on {name}, which is a parameter{more}"
            related = tuple(use.path for use in members[1:])
            yield self.finding(template, first.path, first.reference.node, message, remedy, related)
        if put_out:
            members = [use for each in put_out.values() for use in each]
            message = f"nothing of the name is there to be put out: {', '.join(put_out)}"
            yield self.finding(template, members[0].path, members[0].reference.node, message, _no_output(template, put_out))


def _undefined(context: Context) -> dict[str, list[Use]]:
    """The mentions of names that nothing has, by name."""
    template = context.template
    found: dict[str, list[Use]] = {}
    if is_open(template):
        return found
    known = template.resources.keys() | template.parameters | sections.misplaced(template)
    known |= {squashed(each) for each in known if not LOGICAL_ID.fullmatch(each)}  # their names are mended first
    known |= PSEUDO_PARAMETERS
    makers = generating(template)
    for use in uses(context):
        name = use.reference.target
        waits_for_value = use.reference.kind == "DependsOn" and name in template.parameters
        if (name in known or squashed(name) in known or name.startswith(makers)) and not waits_for_value:
            continue
        is_condition = name in template.conditions and use.path[-3:-1] == ("Fn::If", 0)
        if not foreign.verdict(use) and not is_condition:
            found.setdefault(name, []).append(use)
    return found


def _remedy(context: Context, name: str, members: list[Use]) -> Remedy | str | None:
    """What to do about a name; None where only outputs mention it."""
    template = context.template
    if name in template.parameters:
        why = "a parameter is known before anything is made"
        return Remedy(f"don't wait for {name}", lambda builder: _drop(builder, name, members), why)
    if ":" in name:
        return _pseudo(name, members)
    names, level = candidates.meant(context, name, members)
    if len(names) > 1:
        return f"which of {', '.join(names)} is meant by `{name}`?"
    if names:
        return _renaming(name, names[0], level, members)
    for kind, section in (("condition", template.conditions.keys()), ("mapping", _names(template, "Mappings"))):
        if name in section:
            return f"what should stand here? `{name}` is a {kind}, and has no value of its own"
    values = [use for use in members if use.reference.kind != "DependsOn"]
    if not values:
        return _no_wait(name, members)
    if all(_is_output(use) for use in values):
        return None
    if all(use.misplaced for use in values):
        return f"`{values[0].property_name}` has no place there; when that is mended, `{name}` may not be needed"
    return _asking(name, members, values)


def _names(template: Template, section: str) -> frozenset[str]:
    node = template.section(section)
    return frozenset(entry.key.value for entry in node.entries) if node else frozenset()


def _asking(name: str, members: list[Use], values: list[Use]) -> Remedy | str:
    asked = asking.wanted(name, values)
    if asked is None:
        return f"what should `{name}` be? It is not in the template, and a parameter can't hold such a value"

    def make(builder: EditBuilder) -> None:
        for each in asked:
            each.ask(builder)
        _drop(builder, name, members)

    step = f"ask for {' and '.join(each.wish for each in asked)} in a parameter"
    why = (
        f"the stack now has to be given {'a value' if len(asked) == 1 else 'values'} where the author may have meant a resource"
    )
    return Remedy(step, make, why, Applicability.UNSAFE)


def _pseudo(name: str, members: list[Use]) -> Remedy | str:
    """``AWS::AccountID``: a pseudo parameter in other letters."""
    names, level = nearest(name, PSEUDO_PARAMETERS, "pseudo")
    if len(names) != 1:
        return f"what is meant by `{name}`? There is no such pseudo parameter"
    return _renaming(name, names[0], level, members)


def _renaming(name: str, other: str, level: Nearness, members: list[Use]) -> Remedy:
    def make(builder: EditBuilder) -> None:
        for use in members:
            waits = use.owner.depends_on() if use.reference.kind == "DependsOn" and use.owner else ()
            if use.owner and other in [wait.target for wait in waits]:
                builder.drop_depends_on(use.owner, name)
            else:
                rename(builder, use.reference, other)

    if level is Nearness.CASE:
        return Remedy(f"name {other} instead of {name}", make, f"{other} is the only one with these letters, and fits")
    why = f"{other} is taken to be meant: it fits, and nothing else in the template is near"
    return Remedy(f"name {other} instead of {name}", make, why, Applicability.UNSAFE)


def _no_wait(name: str, members: list[Use]) -> Remedy:
    why = f"whatever {name} was to be done before is done without waiting for it"
    return Remedy(f"don't wait for {name}", lambda builder: _drop(builder, name, members), why, Applicability.UNSAFE)


def _drop(builder: EditBuilder, name: str, members: list[Use]) -> None:
    for use in members:
        if use.reference.kind == "DependsOn" and use.owner:
            builder.drop_depends_on(use.owner, name)


def _is_output(use: Use) -> bool:
    return use.path[:1] == ("Outputs",) and use.path[2:3] == ("Value",) and "Fn::If" not in use.path


def _no_output(template: Template, put_out: dict[str, list[Use]]) -> Remedy:
    """One fix for all of them, so that the section goes with the last."""
    mentions = [use for members in put_out.values() for use in members]
    outputs = list(dict.fromkeys(str(use.path[1]) for use in mentions if use.path[0] == "Outputs"))

    def make(builder: EditBuilder) -> None:
        section = template.section("Outputs")
        if section and len(section.entries) == len(outputs):
            builder.remove_entry(template.root, "Outputs", ())
        elif section:
            for output in outputs:
                builder.remove_entry(section, output, ("Outputs",))
        for name, members in put_out.items():
            _drop(builder, name, members)

    many = len(outputs) > 1
    step = f"remove the output{'s' if many else ''} {', '.join(outputs)}"
    why = f"whoever reads {'these outputs' if many else 'this output'} has to find the value elsewhere"
    return Remedy(step, make, why, Applicability.UNSAFE)
