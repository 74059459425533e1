"""The repository speaks of itself: no notes to self, no folder of one machine, no word about how a text came to be.

A task belongs to an issue, a path to the reader's configuration. Looked at: every tracked text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.rules.source import File, Finding

OWN = ("tools/rules/words.py", "tests/architecture/")
FORBIDDEN = (
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "no note to self", "open an issue"),
    (
        re.compile(r"(?<![\w.~/$}-])/(?:home|root|work|Users|opt|mnt|srv)/\w"),
        "no path of one machine",
        "name it relative to the repository, or by a variable",
    ),
    (
        re.compile(r"\b(?:files\.pythonhosted\.org|pypi\.org/simple|index-url|find-links)\b"),
        "no registry",
        "leave the choice to the user's pip configuration",
    ),
    (
        re.compile(
            r"\b(?:as (?:requested|instructed)|(?:this|previous|earlier) session (?:did|was|worked)|language model|"
            r"chatbot|co-authored-by|generated (?:by|with) (?!tools/|make |the table))\b",
            re.IGNORECASE,
        ),
        "pages about the project",
        "say what is so, not how it came to be",
    ),
)


def forbidden_words(file: File) -> Iterator[Finding]:
    """Find what a tracked text must not hold."""
    if file.path.startswith(OWN) or file.path == "LICENSE":
        return
    for number, text in enumerate(file.lines, 1):
        for pattern, expected, do in FORBIDDEN:
            if found := pattern.search(text):
                yield Finding(file.path, number, f"{found[0]!r}", expected, do)
