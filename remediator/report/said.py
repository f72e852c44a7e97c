"""What is said about a finding in one go: the problem, and what is done about it or why nothing is."""

from __future__ import annotations

from remediator.findings import Applicability, Finding


def sentence(finding: Finding) -> str:
    """One line: the message, then the steps of the fix with why it is safe or what it risks, or the reason for none."""
    fix = finding.fix
    if fix is None:
        return f"{finding.message}. {capital(finding.reason)}"
    word = "Safe" if fix.applicability is Applicability.SAFE else "Unsafe"
    return f"{finding.message}. Fix: {'; '.join(fix.steps)}. {word}: {fix.why} (update: {fix.effect.phrase})"


def capital(text: str) -> str:
    """The text as the start of a sentence; a logical id keeps its case, being upper case anyway."""
    return text[:1].upper() + text[1:]
