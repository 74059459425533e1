"""Lines of headers leave the coverage data, and no others do."""

from __future__ import annotations

from pathlib import Path

from coverage import CoverageData

from tools.coverage_headers import main


def test_headers_are_forgotten_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "data"
    written = CoverageData(str(path))
    written.add_lines({"hotpath/one.pyx": [1, 2], "hotpath/one.pxd": [3], "engine/two.py": [4]})
    written.close()
    main(path)
    read = CoverageData(str(path))
    read.read()
    assert {name: read.lines(name) for name in read.measured_files()} == {
        "hotpath/one.pyx": [1, 2],
        "engine/two.py": [4],
    }
