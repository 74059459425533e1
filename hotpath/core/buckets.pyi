from typing import final

DEPTH_NS_MAX: int

@final
class RateBuckets:
    """Buckets of request weight and of orders, full at the start; before `silent_until_ns` they give nothing."""

    silent_until_ns: int
    refused_count: int

    def add(self, token_ns: int, tokens_max: int, reserve_tokens: int, orders: bool) -> None:
        """Add a bucket of `tokens_max` tokens that come back in `token_ns` each. ValueError when it cannot work."""
    def take_order(self, now_ns: int, weight: int) -> bool:
        """Take one order and its weight; False and nothing taken in silence, or when a bucket has no room."""
    def take_weight(self, now_ns: int, weight: int, reserved: bool) -> bool:
        """Take weight alone; `reserved` may take the reserve as well."""
    def check(self) -> int:
        """Return 0 when every bucket is sound; AssertionError otherwise."""
