"""Every rule of tools/tidy.py finds its violation, at its line, and lets a clean file pass."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tools import tidy
from tools.rules.source import File, Tree

LONG_FUNCTION = "def long():\n" + "    x = 1\n" * 60
LONG_CYTHON = "cdef int long(\n    int a\n) except -1:\n" + "    a = 1\n\n" * 30


@dataclass(frozen=True)
class Example:
    """Files that break a rule at `found` (path:line), and files that keep it."""

    rule: str
    bad: dict[str, str]
    found: list[str]
    good: dict[str, str] = field(default_factory=dict)


EXAMPLES = [
    Example(
        "layers",
        {
            "hotpath/core/a.pyx": "from engine.clock cimport now\n",
            "engine/b.py": "def f():\n    import actors.risk.limits\n",
        },
        ["engine/b.py:2", "hotpath/core/a.pyx:1"],
        {
            "engine/b.py": "from hotpath.core.units import Scale\nfrom engine.errors import UsageError\n",
            "actors/risk/a.py": "from engine.clock import Clock\nfrom actors.risk import limits\n",
            "actors/desk.py": "from actors.risk.actor import Risk\nfrom actors.orders.actor import Orders\n",
            "engine/cli/run.py": "from actors.desk import build\nfrom gateways.binance import gateway\n",
            "tests/unit/test_a.py": "from gateways.binance import gateway\nimport actors.desk\n",
        },
    ),
    Example(
        "layers",
        {
            "gateways/a.py": "from actors.risk.actor import Risk\n",
            "actors/risk/a.py": "from ..orders.actor import Orders\n",
            "hotpath/core/b.pyx": '"""import os"""\nimport socket\n',
        },
        ["actors/risk/a.py:1", "gateways/a.py:1", "hotpath/core/b.pyx:2"],
    ),
    Example(
        "root",
        {"examples/a.py": "from engine.__main__ import main\n", "engine/audit/a.py": "import engine.cli.run\n"},
        ["engine/audit/a.py:1", "examples/a.py:1"],
        {
            "tiercel/__init__.py": "from engine.__main__ import main\n",
            "engine/__main__.py": "from engine.cli import run\n",
        },
    ),
    Example(
        "cycles",
        {
            "engine/a.py": "import engine.b\n",
            "engine/b.py": "from engine.c import x\n",
            "engine/c.py": "from engine import a\n",
        },
        ["engine/a.py:1"],
        {
            "engine/a.py": "import engine.b\n",
            "engine/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import engine.a\ndef f():\n"
            "    import engine.a\n",
        },
    ),
    Example(
        "home",
        {"actors/a.py": "import uvloop\n", "engine/b.py": "import left_pad\n"},
        ["actors/a.py:1", "engine/b.py:1"],
        {
            "engine/runtime/turn.py": "import uvloop\nimport asyncio\n",
            "hotpath/core/a.pyx": "from libc.stdint cimport int64_t\ncimport cython\n",
            "tests/unit/a.py": "import uvloop\n",
        },
    ),
    Example(
        "trading-word",
        {"engine/runtime/a.py": "class Lane:\n    def next_order(self, quotes):\n        return self.best_price\n"},
        ["engine/runtime/a.py:2", "engine/runtime/a.py:2", "engine/runtime/a.py:3"],
        {
            "engine/runtime/a.py": "from hotpath.core.mailbox import MARKET, ORDERS\nordering = 'a quote'\n",
            "engine/audit/a.py": "order = 1\n",
        },
    ),
    Example(
        "file-size",
        {"engine/a.py": "x = 1\n" * 401, "tests/unit/a.py": "x = 1\n" * 501, "hotpath/a.pyx": "\n" * 401},
        ["engine/a.py:401", "hotpath/a.pyx:401", "tests/unit/a.py:501"],
        {"engine/a.py": "x = 1\n" * 400, "tests/unit/a.py": "x = 1\n" * 500, "docs/a.md": "\n" * 1000},
    ),
    Example(
        "function-size",
        {"engine/a.py": LONG_FUNCTION, "hotpath/a.pyx": "x = 1\n\n" + LONG_CYTHON},
        ["engine/a.py:1", "hotpath/a.pyx:3"],
        {
            "engine/a.py": LONG_FUNCTION.removesuffix("    x = 1\n"),
            "hotpath/a.pyx": LONG_CYTHON.removesuffix("    a = 1\n\n" * 5),
        },
    ),
    Example(
        "name",
        {
            "engine/string_utils.py": "",
            "engine/a.py": "class OrderManager: ...\n",
            "hotpath/b.pyx": "\ncdef class Helpers2:\n",
        },
        ["engine/a.py:1", "engine/string_utils.py:1", "hotpath/b.pyx:2"],
        {"engine/a.py": "class Uncommon: ...\nclass Management: ...\n", "engine/commons.py": ""},
    ),
    Example(
        "clock",
        {
            "engine/a.py": "import time\nfrom datetime import datetime\nnow = datetime.now()\n",
            "actors/b.py": "from random import choice\nfrom random import Random\nimport os\nr = Random()\n"
            "os.urandom(4)\n",
            "hotpath/c.pyx": "from posix.time cimport clock_gettime\n",
        },
        ["actors/b.py:1", "actors/b.py:4", "actors/b.py:5", "engine/a.py:1", "engine/a.py:3", "hotpath/c.pyx:1"],
        {
            "engine/a.py": "from random import Random\nfrom datetime import datetime\nr = Random(7)\n"
            "d = datetime(2024, 8, 8)\n",
            "hotpath/c.pyx": "# posix.time is not used\ncdef int stamp = 1\n",
            "tests/unit/a.py": "import time\n",
        },
    ),
    Example(
        "order",
        {
            "engine/a.py": "for x in {1, 2}: f(x)\ny = [z for z in set(w)]\nsorted(y, key=id)\n"
            "for p in folder.glob('*'): f(p)\n"
        },
        ["engine/a.py:1", "engine/a.py:2", "engine/a.py:3", "engine/a.py:4"],
        {
            "engine/a.py": "for x in sorted({1, 2}): f(x)\nn = sum(p.size for p in folder.iterdir())\n"
            "sorted(y, key=name)\n"
            "for p in sorted(folder.rglob('*')): f(p)\ns = sorted(p.name for p in folder.iterdir())\n"
        },
    ),
    Example(
        "sleep",
        {"tests/unit/a.py": "import time\ntime.sleep(1)\n"},
        ["tests/unit/a.py:2"],
        {"tests/e2e/a.py": "import time\ntime.sleep(1)\n", "tests/unit/a.py": "clock.advance(1)\n"},
    ),
    Example(
        "float",
        {
            "actors/risk/a.py": "def f(x: float) -> int:\n    y = 0.5\n    return int(x / y)\n",
            "hotpath/orders/b.pyx": "cdef double x = 0\ny = 1 / 2\nz = 1e-8\n",
            "gateways/binance/account.py": "x = float('1')\n",
        },
        [
            "actors/risk/a.py:1",
            "actors/risk/a.py:2",
            "actors/risk/a.py:3",
            "gateways/binance/account.py:1",
            "hotpath/orders/b.pyx:1",
            "hotpath/orders/b.pyx:2",
            "hotpath/orders/b.pyx:3",
        ],
        {
            "actors/risk/a.py": "x = 7 // 2\nif isinstance(x, float):\n    raise TypeError\n"
            "r = 1 / 4  # ratio: of limits in use\n",
            "hotpath/orders/b.pyx": "# a double 1.5 / 2\ny = 1 // 2\ny //= 2\nif isinstance(y, float): raise T('.5')\n",
            "engine/telemetry/a.py": "x = 0.5\n",
        },
    ),
    Example(
        "contract",
        {
            "hotpath/a.pyx": "cdef int f(int a):\n    return a\ncpdef void g(\n    int a\n) nogil:\n    pass\n"
            "cdef Level* h():\n    pass\n",
            "hotpath/b.pxd": "cdef class B:\n    cdef (int, int) pair(self)\ncdef inline bint small(int a) nogil:\n"
            "    return a < 2\n",
        },
        ["hotpath/a.pyx:1", "hotpath/a.pyx:3", "hotpath/a.pyx:7", "hotpath/b.pxd:2", "hotpath/b.pxd:3"],
        {
            "hotpath/a.pyx": "from b cimport B\ncdef int f(int a) except -1:\n    cdef int x = g(a)\n    return a\n"
            "cdef B make():\n"
            "    return B()\ncdef str text(int a):\n    return ''\ncdef int64_t h(int a) except? -1:\n    return 0\n",
            "hotpath/b.pxd": "cdef extern from 'x.h' nogil:\n    int f(int a)\n    cdef int g(int a)\ncdef class B:\n"
            "    cdef int x\n    cdef void go(self, int (*call)(int)) noexcept nogil\n",
        },
    ),
    Example(
        "silent-except",
        {
            "engine/a.py": "try:\n    f()\nexcept KeyError:\n    pass\nwith suppress(OSError):\n    f()\n"
            "def g():\n    try:\n        f()\n    except ValueError:\n        return None\n",
            "hotpath/b.pyx": "try:\n    f()\nexcept ValueError:\n    # nothing\n    return -1\nx = 1\n",
        },
        ["engine/a.py:3", "engine/a.py:5", "engine/a.py:10", "hotpath/b.pyx:3"],
        {
            "engine/a.py": "try:\n    f()\nexcept KeyError:  # expected: it was deleted meanwhile\n    pass\n"
            "try:\n    f()\nexcept OSError as error:\n    record(error)\n",
            "hotpath/b.pyx": "cdef int f() except -1:\n    return 0\ntry:\n    f()\nexcept ValueError:\n    raise\n",
            "tests/unit/a.py": "try:\n    f()\nexcept KeyError:\n    pass\n",
        },
    ),
    Example(
        "await",
        {"actors/a.py": "x = 1\nasync def f():\n    await g()\n"},
        ["actors/a.py:2"],
        {"engine/runtime/turn.py": "async def f():\n    await g()\n", "actors/a.py": "def f():\n    return g()\n"},
    ),
    Example(
        "unreferenced",
        {
            "engine/a.py": "",
            "hotpath/b.pyx": "import hotpath.b\n",
            "tests/unit/test_a.py": "import engine.a\n",
            "tests/models/book.py": "",
        },
        ["engine/a.py:1", "hotpath/b.pyx:1", "tests/models/book.py:1"],
        {
            "engine/a.py": "from hotpath.b import x\n",
            "hotpath/b.pyx": "x = 1\n",
            "engine/__main__.py": "from engine import a\n",
            "actors/strategy/samples/maker.py": "",
            "engine/config/demonstration.toml": 'class = "actors.strategy.samples.maker:Maker"\n',
            "tests/models/book.py": "",
            "tests/unit/test_book.py": "from tests.models.book import Book\n",
        },
    ),
    Example(
        "unprovoked",
        {
            "engine/a.py": "class DenialReason(IntEnum):\n    BUSY = 1\n    LATE = 2\n",
            "tests/unit/test_a.py": "for reason in DenialReason:\n    check(reason)\nassert f() is DenialReason.BUSY\n",
        },
        ["engine/a.py:3"],
        {
            "engine/a.py": "class Kind(StrEnum):\n    A = 'a'\n    B = 'bee'\nclass State(Enum):\n    ON = 1\n"
            "class Plain:\n    Z = 1\n",
            "tests/unit/test_a.py": 'Kind.A\nassert f() == "bee"\nfor pair in product(State, State): check(pair)\n',
        },
    ),
    Example(
        "table",
        {
            "gateways/session.py": "SESSION_TABLE = {}\n",
            "engine/life.py": "TRANSITIONS: dict[str, str] = {}\n",
            "tests/unit/test_a.py": "from gateways.session import SESSION_TABLE\nassert SESSION_TABLE[1] == 2\n",
        },
        ["engine/life.py:1", "gateways/session.py:1"],
        {
            "gateways/session.py": "SESSION_TABLE = {}\nSTABLE = {}\n",
            "tests/unit/test_a.py": "from gateways.session import SESSION_TABLE\nfor x in SESSION_TABLE: check(x)\n",
        },
    ),
    Example(
        "word",
        {
            "docs/a.md": "text\nTODO later\n",
            "engine/a.py": "# see /home/ada/notes\n",
            "README.md": "Generated by magic.\n",
        },
        ["README.md:1", "docs/a.md:2", "engine/a.py:1"],
        {
            "docs/a.md": ""
            "the venue's session ends; https://example.org/home/a, ~/root/x, ../work/x, generated by tools/x\n"
        },
    ),
]


def tree_of(texts: dict[str, str]) -> Tree:
    return {path: File(path, text) for path, text in texts.items()}


def rule_of(name: str) -> tidy.Rule:
    (rule,) = [rule for rule in tidy.RULES if rule.name == name]
    return rule


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)
def test_the_rule_finds_its_violations_where_they_are(example: Example) -> None:
    findings = rule_of(example.rule).findings(tree_of(example.bad))
    assert sorted(f"{found.path}:{found.line}" for found in findings) == sorted(example.found)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)
def test_the_rule_lets_clean_files_pass(example: Example) -> None:
    assert list(rule_of(example.rule).findings(tree_of(example.good))) == []


def test_every_rule_has_an_example_of_both() -> None:
    assert {example.rule for example in EXAMPLES if example.good} == {rule.name for rule in tidy.RULES}


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.name)
def test_a_finding_says_what_was_found_what_was_expected_and_what_to_do(rule: tidy.Rule) -> None:
    example = next(example for example in EXAMPLES if example.rule == rule.name)
    for found in rule.findings(tree_of(example.bad)):
        assert found.what
        assert found.expected
        assert found.do
        assert found.text(rule.name).startswith(f"{found.path}:{found.line}: {rule.name}: ")
