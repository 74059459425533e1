"""A measurement comes in once and goes to both who decide by it."""

from __future__ import annotations

import msgspec

from actors.health.actor import HealthDesk
from engine.messages.control import Health, Start, Stop
from engine.runtime.port import InputKind
from engine.telemetry.vitals import Measured
from tiercel.recording import Recorder, RecordingContext


def test_risk_and_safety_hear_each_measurement_at_the_time_of_its_frame() -> None:
    desk = HealthDesk()
    desk.context = RecordingContext(77)
    desk.risk, desk.safety = Recorder(), Recorder()
    for message in (Start(), Stop("the run ends")):
        desk.handlers()[type(message)](message)
    desk.on_input(InputKind.MEASURED, msgspec.json.encode(Measured(1, 2, 3, 4, -5, 6)))
    told = [Health(1, 2, 3, 4, 77, -5, 6)]
    assert desk.risk.messages == desk.safety.messages == told
