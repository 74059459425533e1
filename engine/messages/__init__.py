"""Every message that actors exchange: frozen msgspec Structs, one file for each direction of travel.

Prices are ticks, quantities are lots, money is int64 of 1e-8 of its currency, times are nanoseconds since the
Unix epoch on the engine's clock. An instrument is its index, given by the order of configuration; text is made
at the edges only. A message never changes after it was made, so it may be shared by any number of mailboxes.
"""
