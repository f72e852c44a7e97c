"""VAL009: environment variables that Lambda sets itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    Mapping,
    Node,
    Pass,
    Path,
    Remedy,
    Resource,
    Template,
    intrinsic,
    meaning,
    table,
)

_TYPES = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_OWN_REGION = ({"Ref": "AWS::Region"}, {"Fn::Sub": "${AWS::Region}"})
_PROPERTIES = {
    "AWS_LAMBDA_FUNCTION_NAME": "FunctionName",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "MemorySize",
    "_HANDLER": "Handler",
}

_BEFORE = """\
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/hello
      Environment:
        Variables:
          AWS_REGION: !Ref AWS::Region
          TABLE: orders
      Code:
        ZipFile: "def handler(event, context): return 'hello'"
"""


class ReservedEnvironmentVariable(Pass):
    """A Lambda function sets an environment variable that Lambda sets itself: *reserved keys that are currently not supported*.

    The fix takes the variable out. It is safe where the template gives it the value that Lambda gives it anyway, such as
    `!Ref AWS::Region` for `AWS_REGION`; with another value, which the code then does not get, it is unsafe.
    """

    code = "VAL009"
    name = "reserved-environment-variable"
    profile = "deploy"
    answers = ("E3663",)
    sources = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",)
    examples = (Example("The Region", _BEFORE, _BEFORE.replace("          AWS_REGION: !Ref AWS::Region\n", "")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for function in template.resources.values():
            environment = function.property("Environment") if function.type in _TYPES else None
            yield from self._in(template, function, environment, (*function.path, "Properties", "Environment"))
        shared = template.section("Globals")
        defaults = shared.get("Function") if shared and template.is_sam else None
        environment = defaults.get("Environment") if isinstance(defaults, Mapping) else None
        yield from self._in(template, None, environment, ("Globals", "Function", "Environment"))

    def _in(self, template: Template, function: Resource | None, node: Node | None, path: Path) -> Iterator[Finding]:
        variables = node.get("Variables") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(variables, Mapping) or intrinsic(variables):
            return
        for entry in variables.entries:
            name = entry.key.value
            if name not in table("reserved_variables")["lambda"]["names"]:
                continue
            same = _is_what_lambda_sets(function, name, entry.value)
            why = "Lambda sets it to that value itself" if same else "the code gets Lambda's own value, not this one"
            remedy = Remedy(
                f"do not set {name}",
                partial(_take_out, function=function, environment=node, variables=variables, name=name, path=path),
                why,
                Applicability.SAFE if same else Applicability.UNSAFE,
            )
            owner = function.logical_id if function else "Globals"
            message = f"the environment variable {name} of {owner} is reserved for Lambda"
            yield self.finding(template, (*path, "Variables", name), entry, message, remedy)


def _is_what_lambda_sets(function: Resource | None, name: str, node: Node) -> bool:
    if name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        return meaning(node) in _OWN_REGION
    given = function.property(_PROPERTIES[name]) if function and name in _PROPERTIES else None
    return given is not None and meaning(given) == meaning(node)


def _take_out(
    builder: EditBuilder, function: Resource | None, environment: Mapping, variables: Mapping, name: str, path: Path
) -> None:
    """Takes a variable out, and with the last one what is left empty."""
    if len(variables.entries) > 1:
        builder.remove_entry(variables, name, (*path, "Variables"))
    elif len(environment.entries) == 1 and function is not None and function.properties is not None:
        builder.remove_entry(function.properties, "Environment", path[:-1])
    else:
        raise CannotEdit("it is the only variable")
