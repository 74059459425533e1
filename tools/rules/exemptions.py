"""Files that stand at the edge of a rule, each with its reason.

An exemption names a rule and a file or a pattern of files. One that nothing needs any more is reported, so the list
cannot outlive its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True)
class Exemption:
    """A rule does not apply to the files that match `pattern`, because of `reason`."""

    rule: str
    pattern: str
    reason: str

    def covers(self, rule: str, path: str) -> bool:
        """Say whether a finding of `rule` in `path` is meant."""
        return self.rule == rule and fnmatch(path, self.pattern)


EXEMPTIONS = (
    Exemption("clock", "engine/clock.py", "the one place that reads the machine's clock"),
    Exemption("clock", "engine/cli/control.py", "a person's command, outside of any run: it waits, dates, draws codes"),
    Exemption("clock", "engine/cli/doctor.py", "looks at the machine's clocks themselves"),
    Exemption(
        "clock", "engine/runtime/intake.pyx", "stamps an input for telemetry; the run's time is asked of its clock"
    ),
    Exemption("clock", "engine/runtime/reaction.pyx", "stamps an answer for telemetry, which enters no decision"),
    Exemption("clock", "hotpath/core/histogram.p*", "the stamp of telemetry, which enters no decision"),
    Exemption(
        "clock", "hotpath/core/mailbox.pyx", "times one handler in sixteen for telemetry; it chooses by no clock"
    ),
)
