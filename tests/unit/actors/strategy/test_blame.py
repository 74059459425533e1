"""An exception is shown with the frames of its author's file, and with the message that led to it."""

from __future__ import annotations

from actors.strategy.blame import MESSAGE_CHARS_MAX, author_frames


def outer() -> None:
    inner()


def inner() -> None:
    raise ValueError("a spread of 0")


def caught() -> BaseException:
    engine_code = compile("def deliver(callback):\n    callback()\n", "engine_loop.py", "exec")
    place: dict[str, object] = {}
    exec(engine_code, place)
    try:
        place["deliver"](outer)  # type: ignore[operator]
    except ValueError as error:
        return error
    raise AssertionError("unreachable")


def test_only_the_authors_frames_are_shown() -> None:
    error = caught()
    assert error.__traceback__ is not None
    error.__traceback__ = error.__traceback__.tb_next  # the frame of this test file is not the engine's
    text = author_frames(error, __file__, "Quote(60000)")
    assert "in outer" in text
    assert "in inner" in text
    assert "engine_loop" not in text
    assert text.splitlines()[0] == "Traceback (in your strategy):"
    assert text.splitlines()[-2:] == ["ValueError: a spread of 0", "while handling 'Quote(60000)'"]


def test_without_the_authors_file_everything_is_shown() -> None:
    text = author_frames(caught(), "/nowhere/else.py")
    assert "engine_loop" in text
    assert "while handling" not in text


def test_a_long_message_is_cut() -> None:
    line = author_frames(caught(), __file__, "x" * 10_000).splitlines()[-1]
    assert len(line) == MESSAGE_CHARS_MAX + len("while handling ")
