"""What an order asks for beyond side, price and quantity, as the trail tells it, and read back from there.

Both ways stand in one file so that they cannot disagree: what an order that waits is rebuilt from after a restart is
what its record says. Prices and quantities are decimal text, moments RFC 3339; what was not asked for is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.audit.timestamps import timestamp_ns
from engine.messages.orders import OrderTerms, TriggerBy
from hotpath.core.text import timestamp_text
from hotpath.core.units import Scale

NUMBERS = ("trail_ppm", "group", "entry", "parent", "urgency", "fired_by")


def terms_of(terms: OrderTerms, scale: Scale) -> dict[str, Any]:
    """Return terms as values of a record."""
    said: dict[str, Any] = {}
    if terms.trigger_ticks:
        said["trigger"] = scale.price_text(terms.trigger_ticks)
    if terms.trigger_by is not TriggerBy.BID_ASK:
        said["trigger_by"] = terms.trigger_by.name
    if terms.trail_ticks:
        said["trail"] = scale.price_text(terms.trail_ticks)
    if terms.good_till_ns:
        said["good_till"] = timestamp_text(terms.good_till_ns)
    if terms.display_lots:
        said["display"] = scale.lots_text(terms.display_lots)
    if terms.edge_bps is not None:
        said["edge_bps"] = terms.edge_bps
    for name in NUMBERS:
        value = getattr(terms, name)
        if value:
            said[name] = value
    return said


def terms_from(said: Mapping[str, Any], scale: Scale) -> OrderTerms:
    """Return the terms that values of a record tell. ValueError, TypeError or KeyError when they tell none."""
    return OrderTerms(
        trigger_ticks=scale.price_ticks(said["trigger"]) if "trigger" in said else 0,
        trigger_by=TriggerBy[said.get("trigger_by", "BID_ASK")],
        trail_ticks=scale.price_ticks(said["trail"]) if "trail" in said else 0,
        good_till_ns=timestamp_ns(said["good_till"]) if "good_till" in said else 0,
        display_lots=scale.lots(said["display"]) if "display" in said else 0,
        edge_bps=said.get("edge_bps"),
        **{name: said[name] for name in NUMBERS if name in said},
    )
