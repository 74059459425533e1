"""Orders that wait for the market, for the clock or for another order, because the venue has none like them."""
