"""The digest of what was sent depends on every byte, its order and its link, and on nothing else."""

from __future__ import annotations

import pytest

from engine.tape import sent
from engine.tape.sent import SentDigest


def digest(*payloads: tuple[str, bytes], flush_each: bool = False) -> str:
    made = SentDigest()
    for link, payload in payloads:
        made.add(link, payload)
        if flush_each:
            made.flush()
    assert made.payloads == len(payloads)
    return made.hexdigest()


A, B = ("api", b"one"), ("api", b"two")


def test_the_same_payloads_make_the_same_digest() -> None:
    assert digest(A, B) == digest(A, B, flush_each=True)
    assert len({digest(A, B), digest(B, A), digest(A), digest(), digest(A, ("rest", b"two"))}) == 5


def test_payloads_cannot_run_into_each_other() -> None:
    assert digest(("api", b"onetwo")) != digest(A, B)
    assert digest(("ap", b"ione")) != digest(("api", b"one"))


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "WAITING_MAX", 2)
    assert digest(A, B, A) == digest(A, B, A, flush_each=True)
