"""SYN015: keys that YAML reads as nothing."""

from __future__ import annotations

from collections.abc import Iterator

from remediator.api import Context, EditBuilder, Entry, Example, Finding, Mapping, Pass, Path, Remedy, walk

_BEFORE = """\
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Deny
            Action: 's3:PutObject'
            Resource: '*'
            Condition:
              Null:
                's3:x-amz-server-side-encryption': true
"""


class NullKey(Pass):
    """A key is the word `Null` without quotes, which YAML reads as no key at all.

    In a policy it is the condition operator of that name. It is put in quotes. A key that is `~` or empty is reported:
    which one was meant can't be seen.
    """

    code = "SYN015"
    name = "null-key"
    profile = "deploy"
    answers = ("E0000",)
    sources = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
        "https://github.com/aws-cloudformation/cfn-lint/issues/3067",
    )
    examples = (Example("A condition operator", _BEFORE, _BEFORE.replace("Null:", "'Null':")),)

    def run(self, context: Context) -> Iterator[Finding]:
        template = context.template
        for path, node in walk(template.root):
            for entry in node.entries if isinstance(node, Mapping) else ():
                if entry.key.kind == "null" and not entry.merged:
                    message = f"the key {entry.key.value} is read as nothing" if entry.key.value else "an empty key"
                    yield self.finding(template, (*path, entry.key.value), entry, message, self._remedy(entry, path))

    def _remedy(self, entry: Entry, path: Path) -> Remedy | str:
        if entry.key.value.lower() != "null":
            return "which key is meant here?"

        def make(builder: EditBuilder) -> None:
            quote = builder.template.style.quote
            text = f"{quote}{entry.key.value}{quote}"
            builder.replace_text(entry.key.start, entry.key.end, text, (*path, entry.key.value))

        return Remedy("put it in quotes", make, "the word stays the same, and is read as a word")
