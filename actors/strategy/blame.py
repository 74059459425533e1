"""What an author is shown when a strategy raises: the frames of their own file, and the message that led there.

The engine's frames above the callback say nothing to whoever wrote it, so they are left out; if the author's file is
not in the traceback at all, everything is shown rather than nothing.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

MESSAGE_CHARS_MAX = 500


def author_frames(error: BaseException, strategy_file: Path | str, message: Any = None) -> str:
    """Return the traceback of an exception from the first frame in the strategy's file on.

    Args:
        error: what was raised.
        strategy_file: the file that the strategy was loaded from.
        message: what was being handled, shown below the traceback; None leaves it out.

    Returns:
        Text of several lines without a line feed at the end.
    """
    wanted = str(Path(strategy_file).resolve())
    report = traceback.TracebackException.from_exception(error)
    frames = report.stack
    first = next((at for at, frame in enumerate(frames) if str(Path(frame.filename).resolve()) == wanted), 0)
    lines = ["Traceback (in your strategy):\n"] if first or frames else []
    lines += traceback.StackSummary.from_list(frames[first:]).format()
    lines += report.format_exception_only()
    if message is not None:
        lines.append(f"while handling {_shown(message)}\n")
    return "".join(lines).rstrip("\n")


def _shown(message: Any) -> str:
    text = repr(message)
    return text if len(text) <= MESSAGE_CHARS_MAX else text[: MESSAGE_CHARS_MAX - 1] + "…"
