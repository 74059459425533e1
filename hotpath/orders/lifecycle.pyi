def compile_table() -> int:
    """Make the array from the data; done once, when the module is imported."""

def advance(state: int, event: int) -> int:
    """Return the state that `event` makes of `state`, or -1 when the event is illegal there."""

def is_terminal(state: int) -> bool:
    """Return whether an order in `state` is over."""

def check() -> int:
    """Raise AssertionError when the compiled table differs from the data or a terminal state can be left."""
