"""docs/configuration.md, made from the Structs of engine.config: `python -m tools.configuration_page` writes it.

The words around the tables stand here; keys, units, defaults, bounds and meanings come from the Structs, so the page
cannot disagree with what the loader accepts. `--check` writes nothing and fails when the page is not current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from msgspec import NODEFAULT, Struct

from engine.config.load import risk_variables
from engine.config.model import Config, SimulatorConfig, StrategyConfig, VenueConfig
from engine.config.render import toml_value
from engine.config.schema import fields
from engine.config.unbuilt import UNBUILT

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"
HEAD = """# Configuration

One TOML file; `tiercel check CONFIG.toml` prints what it comes to, with the origin of every value, or every error in it
at once with its line and the nearest known key. Later wins: default, file, environment (`RISK_*`, for `[risk]` alone),
command line. Unknown keys are refused. Amounts are decimal numbers and may be written as text (`"0.1"`), which every
program reads exactly; whole numbers may carry underscores.

```toml
[engine]
mode = "live"

[venues.binance_spot]
environment = "embedded"

[[strategies]]
class = "actors.strategy.samples.join_the_bid:JoinTheBid"
instruments = ["BTCUSDT"]
params = {{ quantity = "0.002" }}

[risk]
max_order_value = "50000"
```

An instrument is `venue:SYMBOL`, or `SYMBOL` alone where one configured venue has it. The folder of the file is appended
to `sys.path`, never put first, so `class = "my_idea:MyIdea"` finds `my_idea.py` beside the file.

**Keys of a venue** come from the environment alone and have no place in the file: `TIERCEL_<VENUE>_KEY` with either
`TIERCEL_<VENUE>_SECRET` (HMAC) or `TIERCEL_<VENUE>_KEY_FILE` (an Ed25519 private key as PEM, mode 0600), for example
`TIERCEL_BINANCE_SPOT_KEY`. They are never printed, taped or audited.

**Not built yet**, and refused by name: {unbuilt}.

This page is made by `python -m tools.configuration_page`; a test fails when it is not current.
"""


def page() -> str:
    """Return the whole page."""
    refused = ", ".join(
        f"`{row.where} = {row.value}`" if row.value else f"`{row.where}`" for row in UNBUILT if "." in row.where
    )
    venues = ", ".join(f"`{row.value}`" for row in UNBUILT if row.where == "venues")
    parts = [HEAD.format(unbuilt=f"{refused}, the venues {venues}")]
    for key in fields(Config):
        if key.name == "venues":
            parts += [
                section("venues.binance_spot", VenueConfig),
                section("venues.binance_spot.simulator", SimulatorConfig),
            ]
        elif key.name == "strategies":
            parts.append(section("[strategies]", StrategyConfig))
        else:
            parts.append(section(key.name, key.type))
    names = ", ".join(f"`{name}`" for name in risk_variables())
    parts.append(f"## Environment\n\nEach key of `[risk]` has a variable; lists are separated by commas: {names}.\n")
    return "\n".join(parts)


def section(name: str, struct: type[Struct]) -> str:
    """Return the heading and the table of one section."""
    _, _, meaning = (struct.__doc__ or "").partition(": ")
    lines = [f"## `[{name}]`", "", meaning[:1].upper() + meaning[1:].strip(), ""]
    return "\n".join([*lines, *rows(struct)]) + "\n"


def rows(struct: type[Struct]) -> Iterator[str]:
    """Yield the lines of a section's table."""
    yield "| key | unit | default | accepts | meaning |"
    yield "|---|---|---|---|---|"
    for key in fields(struct):
        if isinstance(key.default, Struct):
            continue
        default = "required" if key.default is NODEFAULT else f"`{toml_value(key.default)}`"
        accepts = key.accepts.replace("|", "\\|")
        yield f"| `{key.name}` | {key.unit} | {default} | {accepts} | {key.description} |"


def main() -> int:
    """Write the page, or compare it with --check."""
    text = page()
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{PAGE} is not current: run python -m tools.configuration_page\n")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
