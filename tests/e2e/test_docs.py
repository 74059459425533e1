"""Every code block of README.md and docs/ is run, so that no page promises what does not work.

The blocks of a page share one empty folder. Python blocks run as one script, with the page's own line numbers; TOML
blocks are loaded as configurations; JSON blocks are parsed. A comment in the line above a block says more:
`<!-- test: file NAME -->` writes it into the folder first, `<!-- test: run -->` runs a shell block there,
`<!-- test: needs RECORDING -->` skips the page where ../shared/data lacks it, and `<!-- test: skip because … -->`
leaves a block out. Shell blocks must say `run` or `skip`; blocks of plain text and diagrams are not run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.config.load import load_config
from tests.conftest import ROOT, SHARED_DATA

pytestmark = pytest.mark.untraced  # the same code runs under faster tests

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELL = {"sh", "bash", "console"}
NOT_RUN = {"text", "mermaid"}
DIRECTIVE = re.compile(r"<!-- test: (file|run|needs|skip because)\b ?(.*?) ?-->")
FENCE = re.compile(r" {0,3}```+(\S*)")
WAIT_S = 240


@dataclass
class Block:
    """A fenced block: where its text begins, its language, and the directives above it."""

    line: int
    language: str
    text: str
    directives: dict[str, str]


def blocks(page: str) -> Iterator[Block]:
    """Find the fenced blocks of a page."""
    lines = page.splitlines()
    number = 0
    while number < len(lines):
        fence = FENCE.match(lines[number])
        if not fence:
            number += 1
            continue
        above = number
        directives: dict[str, str] = {}
        while above > 0 and (found := DIRECTIVE.fullmatch(lines[above - 1].strip())):
            directives[found[1]] = found[2]
            above -= 1
        first = number + 1
        number = next((i for i in range(first, len(lines)) if lines[i].strip().startswith("```")), len(lines))
        yield Block(first + 1, fence[1], "\n".join(lines[first:number]) + "\n", directives)
        number += 1


def script(page_blocks: list[Block]) -> str:
    """Put Python blocks into one script in which every line keeps its number of the page."""
    lines: list[str] = []
    for block in page_blocks:
        lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    return "\n".join(lines) + "\n"


def commands(block: Block) -> str:
    """Return what a person would type: of a console block, the lines that begin with a dollar sign."""
    if block.language != "console":
        return block.text
    return "".join(line[2:] + "\n" for line in block.text.splitlines() if line.startswith("$ "))


def call(command: list[str], folder: Path, place: str) -> None:
    """Run a command in the folder of the page; its failure is the test's."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{os.environ.get('PYTHONPATH', ROOT)}:{folder}",
        "XDG_STATE_HOME": str(folder / ".state"),
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 0, f"{place}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"


def check(block: Block, folder: Path, place: str) -> None:
    """Run one block that is not Python."""
    if block.language == "toml":
        path = folder / block.directives.get("file", f"line-{block.line}.toml")
        path.write_text(block.text)
        load_config(path, {})
    elif block.language == "json":
        json.loads(block.text)
    elif block.language in SHELL:
        if "run" in block.directives:
            call(["bash", "-euo", "pipefail", "-c", commands(block)], folder, place)
        assert {"run", "file"} & block.directives.keys(), f"{place}: a shell block says `run` or `skip because …`"
    else:
        assert block.language in NOT_RUN, f"{place}: the block's language {block.language!r} is unknown; {NOT_RUN=}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_code_block_of_a_page_works(path: Path, tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    found = [block for block in blocks(path.read_text()) if "skip because" not in block.directives]
    folder = tmp_path / "page"
    folder.mkdir()
    (tmp_path / "shared").symlink_to(SHARED_DATA.parent)
    for block in found:
        if "needs" in block.directives:
            shared_data(block.directives["needs"])
        if "file" in block.directives:
            target = folder / block.directives["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
    python = [block for block in found if block.language == "python"]
    if python:
        (folder / "page_script.py").write_text(script(python))
        call([sys.executable, "page_script.py"], folder, path.name)
    for block in found:
        if block.language != "python":
            check(block, folder, f"{path.name}:{block.line}")


def test_blocks_are_found_with_their_line_language_and_directives() -> None:
    page = "a\n\n<!-- test: file a.py -->\n<!-- test: needs x/y.gz -->\n```python\nx = 1\n```\n```\nplain\n```\n"
    python, plain = blocks(page)
    assert (python.line, python.language, python.text) == (6, "python", "x = 1\n")
    assert python.directives == {"file": "a.py", "needs": "x/y.gz"}
    assert (plain.line, plain.language, plain.directives) == (9, "", {})


def test_the_script_of_a_page_keeps_the_line_numbers_of_the_page() -> None:
    page = "text\n```python\na = 1\n```\ntext\n```python\nb = 2\n```\n"
    assert script(list(blocks(page))).splitlines() == ["", "", "a = 1", "", "", "", "b = 2"]


def test_only_what_follows_a_prompt_is_typed_from_a_console_block() -> None:
    (block,) = blocks("```console\n$ tiercel check a.toml\nok\n```\n")
    assert commands(block) == "tiercel check a.toml\n"


@pytest.mark.parametrize("language", ["", "haskell"])
def test_a_block_without_a_known_language_is_refused(language: str, tmp_path: Path) -> None:
    (block,) = blocks(f"```{language}\nx\n```\n")
    with pytest.raises(AssertionError, match="is unknown"):
        check(block, tmp_path, "page.md:2")


def test_a_shell_block_that_does_not_say_whether_it_runs_is_refused(tmp_path: Path) -> None:
    (block,) = blocks("```sh\ntrue\n```\n")
    with pytest.raises(AssertionError, match="says `run`"):
        check(block, tmp_path, "page.md:2")


def test_a_shell_block_that_fails_fails_the_test(tmp_path: Path) -> None:
    (block,) = blocks("<!-- test: run -->\n```sh\nfalse\ntrue\n```\n")
    with pytest.raises(AssertionError, match="exit 1"):
        check(block, tmp_path, "page.md:2")
