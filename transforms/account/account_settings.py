"""ACC010: account-wide settings written as resource types that CloudFormation does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from remediator.api import (
    Applicability,
    CannotEdit,
    Context,
    EditBuilder,
    Example,
    Finding,
    GetAtt,
    Mapping,
    Pass,
    Path,
    Ref,
    Remedy,
    Resource,
    Scalar,
    Template,
    table,
)
from remediator.transforms.account.setting_function import CODE, SECONDS, function, role
from remediator.transforms.combinations.rows import listed
from remediator.transforms.wiring.capabilities import has_iam

_BEFORE = """\
Resources:
  PasswordPolicy:
    Type: AWS::IAM::AccountPasswordPolicy
    Properties:
      MinimumPasswordLength: 14 # CIS 1.8
      RequireSymbols: true
  Admins:
    Type: AWS::IAM::Group
"""
_AFTER = """\
Resources:
  PasswordPolicy:
    Type: Custom::AccountPasswordPolicy
    Properties:
      ServiceToken: !GetAtt AccountSettingFunction.Arn
      ServiceTimeout: 300
      Service: iam
      Operation: update_account_password_policy
      MinimumPasswordLength: 14 # CIS 1.8
      RequireSymbols: true
  AccountSettingRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: lambda.amazonaws.com
            Action: sts:AssumeRole
      ManagedPolicyArns:
        - !Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
      Policies:
        - PolicyName: AccountSettings
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: iam:UpdateAccountPasswordPolicy
                Resource: "*"
  AccountSettingFunction:
    Type: AWS::Lambda::Function
    Metadata:
      checkov:
        skip:
          - id: CKV_AWS_115
            comment: CloudFormation calls it once for each setting
          - id: CKV_AWS_117
            comment: "It calls APIs of AWS only, and reaches nothing in a VPC"
      cfn_nag:
        rules_to_suppress:
          - id: W89
            reason: "It calls APIs of AWS only, and reaches nothing in a VPC"
          - id: W92
            reason: CloudFormation calls it once for each setting
    Properties:
      Description: Makes the API calls for account settings that have no resource type
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
CODE
      Role: !GetAtt AccountSettingRole.Arn
      Timeout: 60
  Admins:
    Type: AWS::IAM::Group
""".replace("CODE", "\n".join(line and " " * 10 + line for line in CODE.splitlines()))

_SETTINGS = table("account_settings")


class AccountSettingWithoutType(Pass):
    """An account-wide setting, such as the password policy of IAM or the encryption of EBS volumes by default, is written as
    a resource type that CloudFormation does not have: *Unrecognized resource types*.

    The setting stays where it is, as a custom resource: a function, one for all of them, makes the API call with what the
    author has written. Its role may make these calls, on `*` because they have no resource level, and write logs. Properties
    get the names that the API has. When the stack is deleted, the setting stays: it is the account's.

    A template without IAM resources needs `CAPABILITY_IAM` from now on, so that the fix is unsafe there. It is, too, where
    the API has no parameter for a property, which then goes, and where others refer to the setting.

    Left alone: settings that don't say what is to be set, or of which others want an attribute.
    """

    code = "ACC010"
    name = "account-setting-without-type"
    profile = "deploy"
    stage = 0
    answers = ("E3006", "F3006")
    sources = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources-lambda.html",
        *dict.fromkeys(row["source"] for row in _SETTINGS.values() if "source" in row),
    )
    examples = (Example("A password policy", _BEFORE, _AFTER),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        if template.has_custom_macro:  # it may know the type
            return
        settings = [_Setting(template, each) for each in template.resources.values() if each.type in _SETTINGS]
        good = [each for each in settings if not each.question]
        for each in settings:
            if each.question:
                yield self._found(template, [each], each.question)
        if good:
            yield self._found(template, good, _remedy(template, good))

    def _found(self, template: Template, settings: list[_Setting], remedy: Remedy | str) -> Finding:
        first, *others = (each.resource for each in settings)
        kinds = list(dict.fromkeys(each.resource.type for each in settings))
        message = f"there is no type {listed(kinds)}"
        at = first.node.get("Type") or first.key
        return self.finding(template, (*first.path, "Type"), at, message, remedy, tuple(each.path for each in others))


@dataclass(frozen=True)
class _Setting:
    """A resource that stands for a setting of the account."""

    template: Template
    resource: Resource

    @cached_property
    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = _SETTINGS[self.resource.type]
        return _SETTINGS[row["same"]] if "same" in row else row

    @cached_property
    def given(self) -> list[str]:
        """The names of the properties, as they are written."""
        return [entry.key.value for entry in self.resource.properties.entries] if self.resource.properties else []

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Which parameter a property means, where it is not called so."""
        names = {name.lower(): name for name in self.row["parameters"]}
        names |= {alias.lower(): name for alias, name in self.row.get("aliases", {}).items()}
        meant: dict[str, str] = {}
        for name in self.given:
            parameter = names.get(name.lower())
            if parameter and parameter not in self.given and parameter not in meant.values():
                meant[name] = parameter
        return meant

    @cached_property
    def inner(self) -> tuple[str, ...]:
        """The properties that belong under a parameter."""
        wanted = () if self.row.get("under") in self.given else self.row.get("inner", ())
        return tuple(name for name in self.given if name in wanted)

    @cached_property
    def gone(self) -> list[str]:
        """The properties for which the operation has no parameter."""
        return [name for name in self.given if name not in {*self.row["parameters"], *self.renamed, *self.inner}]

    @cached_property
    def lost(self) -> list[str]:
        """Those that say something which nothing else says."""
        return [name for name in self.gone if not self._is_said(name)]

    def _is_said(self, name: str) -> bool:
        node = self.resource.property(name)
        value = node.value.lower() if isinstance(node, Scalar) and node.tag is None else None
        if name in self.row.get("implied", {}):
            other = self.row["implied"][name]
            return value == str(other in {*self.given, *self.renamed.values()}).lower()
        return name in self.row.get("switch", ()) and value == "true"

    @cached_property
    def question(self) -> str:
        """What only a person knows, if anything."""
        name, node = self.resource.logical_id, self.resource.node.get("Properties")
        made = node is not None and self.resource.properties is None
        if made or any(key.startswith("Fn::") for key in self.given):
            return f"the properties of {name} are made by an intrinsic: which settings are meant?"
        off = [key for key in self.lost if key in self.row.get("switch", ())]
        if off:
            return f"{name} can only turn the setting on, and {off[0]} does not say true: should it?"
        said = {*self.given, *self.renamed.values(), *([self.row["under"]] if self.inner else [])}
        missing = [key for key in self.row.get("required", ()) if key not in said]
        if missing:
            return f"which {missing[0]} should {name} set?"
        if any(each.target == name and each.attribute for each in self.template.references):
            return f"other parts of the template want an attribute of {name}, which has none: what should they get?"
        return ""

    @cached_property
    def risks(self) -> list[str]:
        """What is not as its author has written it."""
        name = self.resource.logical_id
        mentioned = any(each.target == name and each.kind != "DependsOn" for each in self.template.references)
        return [
            *([f"{name} loses {listed(self.lost)}, which the API does not have"] if self.lost else []),
            *([f"who refers to {name} gets just that name"] if mentioned else []),
        ]

    def make(self, builder: EditBuilder, function_name: str) -> None:
        """Makes it a custom resource; what its author has written stays."""
        resource, path = self.resource, (*self.resource.path, "Properties")
        kind = resource.node.get("Type")
        if kind is None:
            raise CannotEdit(f"{resource.logical_id} shows no type")
        builder.replace(kind, self.row["custom"], (*resource.path, "Type"))
        new = self._told(function_name)
        properties = resource.properties
        if properties is None:
            builder.insert_entry(resource.node, "Properties", new, resource.path, after="Type")
        elif not properties.entries:
            builder.set_entry(resource.node, "Properties", new, resource.path)
        else:
            self._change(builder, properties, new, path)

    def _told(self, function_name: str) -> dict[str, Any]:
        """What the function is told besides what the author has written."""
        given = {name: Ref(source) for name, source in self.row.get("given", {}).items()}
        return {
            "ServiceToken": GetAtt(function_name, "Arn"),
            "ServiceTimeout": SECONDS,
            "Service": self.row["service"],
            "Operation": self.row["operation"],
            **{name: value for name, value in given.items() if name not in {*self.given, *self.renamed.values()}},
        }

    def _change(self, builder: EditBuilder, properties: Mapping, new: dict[str, Any], path: Path) -> None:
        if self.inner and (self.gone or self.renamed):
            raise CannotEdit("some properties go, and others move")
        gone, first = list(self.gone), properties.entries[0].key.value
        if first in gone:  # the last of the new entries takes its place, and its comments
            gone.remove(first)
            name, value = new.popitem()
            builder.replace_entry(properties, first, name, value, path)
        for name, value in new.items():
            builder.insert_entry(properties, name, value, path)
        for name in gone:
            builder.remove_entry(properties, name, path)
        for name, parameter in self.renamed.items():
            entry = properties.entry(name)
            assert entry is not None
            builder.rename_key(entry, parameter, path)
        if self.inner:
            builder.nest(properties, self.inner, self.row["under"], path)


def _remedy(template: Template, settings: list[_Setting]) -> Remedy:
    names = listed([each.resource.logical_id for each in settings])
    actions = listed(list(dict.fromkeys(action for each in settings for action in each.row["actions"])))
    risks = [risk for each in settings for risk in each.risks]
    if not has_iam(_others(template)):
        risks.append("the deployment needs CAPABILITY_IAM from now on")
    why = f"the function does {actions}, which has no resource level, and leaves the setting when the stack is deleted"
    return Remedy(
        f"make {names} a custom resource, with a function that makes the API call",
        lambda builder: _make(builder, settings),
        "; ".join([why, *risks]),
        Applicability.UNSAFE if risks else Applicability.SAFE,
    )


def _others(template: Template) -> Iterator[Resource]:
    """The resources that are not settings of the account: their types may be those that need a capability."""
    return (each for each in template.resources.values() if each.type not in _SETTINGS)


def _make(builder: EditBuilder, settings: list[_Setting]) -> None:
    role_name, function_name = (builder.new_logical_id(f"AccountSetting{kind}") for kind in ("Role", "Function"))
    conditions = {each.resource.condition for each in settings}
    condition = conditions.pop() if len(conditions) == 1 else None
    last = settings[-1].resource.logical_id
    for name, value in ((role_name, role(each.row for each in settings)), (function_name, function(role_name))):
        head = {"Type": value["Type"], **({"Condition": condition} if condition else {})}
        builder.add_resource(name, {**head, **value}, after=last)
    for each in settings:
        each.make(builder, function_name)
