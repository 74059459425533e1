"""Take the lines of Cython headers out of the coverage data, before it is reported.

Code that stands in a header is compiled into whoever includes it, and Cython's plugin has a report for some of those
files only, depending on which it meets first. What their lines do is shown by the lines that call them.
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

HEADERS = "select id from file where path like '%.pxd'"


def main(data: Path = Path("build/coverage/data")) -> None:
    """Forget every header in the combined data."""
    with closing(sqlite3.connect(data)) as store, store:
        for table in ("line_bits", "arc", "tracer"):
            store.execute(f"delete from {table} where file_id in ({HEADERS})")  # noqa: S608 - no word comes from outside
        store.execute("delete from file where path like '%.pxd'")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
