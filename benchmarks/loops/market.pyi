from typing import final

from hotpath.market.book_l3 import BookL3
from hotpath.market.matching import MatchingEngine

@final
class Chance:
    def __init__(self, seed: int) -> None: ...

@final
class OrderStream:
    count: int
    resting: int
    def __init__(self, resting: int, count: int, seed: int) -> None: ...
    def begin(self, book: BookL3) -> None: ...
    def play(self, book: BookL3, first: int, count: int) -> int: ...

@final
class RequestStream:
    count: int
    orders_count: int
    resting: int
    def __init__(self, resting: int, count: int, seed: int) -> None: ...
    def begin(self, engine: MatchingEngine) -> None: ...
    def play(self, engine: MatchingEngine, first: int, count: int) -> int: ...
