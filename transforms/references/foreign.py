"""Which ``${…}`` belongs to another language than CloudFormation's: a shell, a script, IAM, a mapping template."""

from __future__ import annotations

import re

from remediator.api import PSEUDO_PARAMETERS, VARIABLE, Applicability, Mapping, Path, Resource, intrinsic, table, text_of, walk
from remediator.transforms.references.naming import squashed
from remediator.transforms.references.uses import LOGICAL_ID, Use, scalar_of

_POLICIES = re.compile(r"Policy|^Statement$|^Policies$")
_SCRIPTS = re.compile(
    r"UserData|ZipFile|InlineCode|FunctionCode|BuildSpec|[Cc]ommands?|[Ss]cript|[Cc]ontent|Templates?$|^Definition"
)
_DEFINED = (
    r"(?m)(?:^|[\s;&|(]){name}\+?=",  # shell: X=1, export X=1, local X=1
    r"\bfor\s+\(*{name}\b",
    r"\bread\s+[^\n;|]*\b{name}\b",
    r"\b(?:const|let|var|def|declare|local|export|readonly)\s+(?:-\w+\s+)?\{{?\s*{name}\b",
    r"(?m)^\s*{name}\s*=[^=]",  # Python
    r"[(,]\s*{name}\s*(?:[,)]|=[^=])",  # the parameter of a function, the error of a catch
    r"\b{name}\s*=>",
    r"#set\s*\(\s*\$\{{?{name}\b",
    r"(?<![\w$])\${name}\b",  # used as $X too
    r"\benv\.{name}\b|environ(?:\.get\()?\[?['\"]{name}['\"]",
)


def name_of(use: Use) -> str:
    """What stands between the braces."""
    reference = use.reference
    return f"{reference.target}.{reference.attribute}" if reference.attribute else reference.target


def in_policy(path: Path) -> bool:
    return any(_POLICIES.search(str(step)) for step in path)


def is_script(text: str, path: Path) -> bool:
    """Whether a text is likely to be in a language of its own: it has several lines, or stands where code does."""
    return "\n" in text or any(_SCRIPTS.search(str(step)) for step in path)


def is_defined(text: str, name: str, owner: Resource | None) -> bool:
    """Whether the variable ``${name}`` of a script is there without CloudFormation: in the script or its environment."""
    word = re.match(r"[#!]?(\w+)", name)
    return word is not None and (defines(text, word.group(1)) or _is_in_environment(word.group(1), owner))


def defines(text: str, name: str) -> bool:
    """Whether a script defines a variable or plainly uses it as its own."""
    rest = VARIABLE.sub("", text)
    return any(re.search(pattern.format(name=re.escape(name)), rest) for pattern in _DEFINED)


def _is_in_environment(name: str, owner: Resource | None) -> bool:
    return name in table("references_shell")["environment"]["names"] or name in _environment(owner)


def verdict(use: Use) -> tuple[Applicability, str] | None:
    """Whether a variable that names nothing is one of another language: how sure that is, and why. None: it isn't."""
    template = scalar_of(use.reference)
    if use.reference.kind != "Sub" or template is None:
        return None
    name = name_of(use)
    if squashed(name) in {squashed(each) for each in PSEUDO_PARAMETERS}:
        return None
    if ":" in name and in_policy(use.path):
        return Applicability.SAFE, f"IAM replaces ${{{name}}} when it evaluates the policy"
    if not is_script(template.value, use.path):
        return None
    if is_defined(template.value, name, use.owner):
        return Applicability.SAFE, f"{name} is a variable of the script"
    if not LOGICAL_ID.fullmatch(use.reference.target):
        return (
            Applicability.UNSAFE,
            "it can't be the name of a parameter or resource, so it is taken for a variable of the script",
        )
    return None


def _environment(owner: Resource | None) -> list[str]:
    """The environment variables that the resource of a script defines."""
    found: list[str] = []
    properties = owner.properties if owner else None
    for path, node in walk(properties) if properties else ():
        last = path[-1] if path else ""
        if last in ("Variables", "variables") and isinstance(node, Mapping) and intrinsic(node) is None:
            found += [entry.key.value for entry in node.entries]
        name = text_of(node) if "EnvironmentVariables" in path and last == "Name" else None
        found += [name] if name else []
    return found
