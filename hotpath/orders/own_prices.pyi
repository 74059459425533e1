"""Nothing for Python: compiled code alone calls this."""
