"""REF002: variables of scripts and policies that Fn::Sub takes for its own."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import (
    PSEUDO_PARAMETERS,
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Pass,
    Remedy,
)
from remediator.transforms.references import foreign
from remediator.transforms.references.uses import Use, is_open, uses

_BEFORE = """\
Resources:
  Instance:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          INSTANCE_ID=$(ec2-metadata --instance-id)
          echo "${INSTANCE_ID} in ${AWS::Region}"
      InstanceType: t3.micro
"""


class LiteralVariable(Pass):
    """`Fn::Sub` looks for a parameter or resource of the name of every `${…}` in its text, also where a shell script, a
    program or an IAM policy means a variable of its own; CloudFormation refuses the template.

    Such a variable becomes `${!NAME}`, which `Fn::Sub` writes out as `${NAME}`. This is safe where the text shows that the
    variable is its own: the script assigns it, loops over it, takes it as an argument or uses it as `$NAME` too; the
    resource puts it into the environment; or it is a policy variable such as `${aws:username}` in a policy document.

    `$${…}` in a policy, the way other tools escape, becomes `${!…}` as well. In a script, a name that CloudFormation can't know
    because of its characters, as in `${NAME:-x}`, is escaped as an unsafe fix. Variables that name a parameter or resource
    are left alone.
    """

    code = "REF002"
    name = "literal-variable-in-sub"
    profile = "deploy"
    answers = ("E1019", "E1021")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
    )
    examples = (Example("A variable of the script", _BEFORE, _BEFORE.replace("${INST", "${!INST")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if is_open(template):
            return
        known = template.resources.keys() | template.parameters | PSEUDO_PARAMETERS
        groups: dict[tuple[int, Applicability], list[tuple[Use, str]]] = {}
        for use in uses(context):
            found = foreign.verdict(use) if use.reference.target not in known else None
            if found:
                groups.setdefault((use.reference.node.start, found[0]), []).append((use, found[1]))
        for (_, level), members in groups.items():
            yield self._finding(context, level, members)

    def _finding(self, context: Context, level: Applicability, members: list[tuple[Use, str]]) -> Finding:
        names = list(dict.fromkeys(f"${{{foreign.name_of(use)}}}" for use, _ in members))

        def make(builder: EditBuilder) -> None:
            for use, _ in members:
                if use.reference.start is None:
                    raise CannotEdit("the text is written with escapes")
                start, policy = use.reference.start, ":" in foreign.name_of(use)
                doubled = policy and builder.source.text.startswith("$$", start - 1)
                builder.replace_text(start - doubled, start + len("${"), "${!", use.path)

        step = f"escape {', '.join(names)}"
        why = "; ".join(dict.fromkeys(why for _, why in members))
        first = members[0][0]
        message = f"Fn::Sub takes {', '.join(names)} for a name in the template, and there is none"
        remedy = Remedy(step, make, why, level)
        return self.finding(context.template, first.path, first.reference.node, message, remedy)
