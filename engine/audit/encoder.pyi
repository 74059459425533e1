from collections.abc import Callable
from typing import final

from engine.audit.record import type_of_rendering
from engine.messages.control import Action
from hotpath.core.fact import AuditEvent

@final
class Plan: ...

@final
class Encoder:
    def __init__(self, node: str, epoch: int, rendering_of: Callable[[Action, type], type_of_rendering]) -> None: ...
    def body(self, event: AuditEvent, prev_hash: str) -> bytes: ...
