def timestamp_text(time_ns: int) -> str:
    """Return a moment as RFC 3339 with nine digits and Z. ValueError before 1970."""
