"""The project's own rules as a program: `python -m tools.tidy` prints each violation and ends with 1 when there is one.

RULES is the table: a name, what it demands, and the pure function that finds violations in a file or in the whole tree.
The functions stand in tools/rules, the files that are excused in tools/rules/exemptions.py. tests/architecture runs the
table over this repository and gives every rule a violation and a clean file of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.rules import contracts, determinism, layers, money, reach, sizes, words
from tools.rules.exemptions import EXEMPTIONS
from tools.rules.source import File, Finding, Tree, read_tree

ROOT = Path(__file__).resolve().parent.parent
FileRule = Callable[[File], Iterator[Finding]]
TreeRule = Callable[[Tree], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """A rule looks at each file, or at all of them together."""

    name: str
    demands: str
    file_rule: FileRule | None = None
    tree_rule: TreeRule | None = None

    def findings(self, tree: Tree) -> Iterator[Finding]:
        """Yield the violations of a tree, those that are excused too."""
        if self.tree_rule:
            yield from self.tree_rule(tree)
        if self.file_rule:
            for file in tree.values():
                yield from self.file_rule(file)


RULES = (
    Rule("layers", "imports point down, siblings never meet", layers.layers),
    Rule("root", "only tiercel and the console script import the composition root", layers.root_imports),
    Rule("cycles", "no module imports itself through others", tree_rule=layers.cycles),
    Rule("home", "a dependency has one home", layers.homes),
    Rule("trading-word", "runtime and supervision know no trading word", layers.trading_words),
    Rule("file-size", "a file has at most 400 lines, a test 500", sizes.file_lines),
    Rule("function-size", "a function has at most 60 lines", sizes.function_lines),
    Rule("name", "no utils, helpers, common, misc, manager", sizes.banned_names),
    Rule("clock", "time, chance and identifiers come from the context", determinism.clocks),
    Rule("order", "no order by memory address, hash or folder", determinism.accidental_order),
    Rule("sleep", "tests do not sleep", determinism.sleeps),
    Rule("float", "money is never a float", money.floats),
    Rule("contract", "every cdef function says what an exception does", tree_rule=contracts.bare_cdef),
    Rule("silent-except", "no exception disappears", contracts.silent_except),
    Rule("await", "awaiting has its homes", contracts.awaits),
    Rule("unreferenced", "every module has a user", tree_rule=reach.unreferenced),
    Rule("unprovoked", "a test provokes every outcome", tree_rule=reach.unprovoked_members),
    Rule("table", "a test walks every life-cycle table", tree_rule=reach.unwalked_tables),
    Rule("word", "the repository speaks of itself", words.forbidden_words),
)


def violations(rule: Rule, tree: Tree) -> list[str]:
    """Return a line for each violation of a rule, and for each of its exemptions that excuses nothing."""
    lines = []
    needed = set()
    for finding in sorted(rule.findings(tree), key=lambda found: (found.path, found.line)):
        excuses = [exemption for exemption in EXEMPTIONS if exemption.covers(rule.name, finding.path)]
        needed.update(excuses)
        if not excuses:
            lines.append(finding.text(rule.name))
    for exemption in EXEMPTIONS:
        if exemption.rule == rule.name and exemption not in needed:
            unused = Finding(
                "tools/rules/exemptions.py",
                1,
                f"{exemption.pattern} needs no exemption",
                "only what is needed",
                "delete it",
            )
            lines.append(unused.text(rule.name))
    return lines


def main() -> int:
    """Print every violation of the repository and return the exit code."""
    tree = read_tree(ROOT)
    lines = [line for rule in RULES for line in violations(rule, tree)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"tidy: {len(RULES)} rules, {len(tree)} files, {len(lines)} violations\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
