"""What every link does with bytes on their way out: they are counted in, timed if they are an order, and handed over.

Every order passes here last, so it is compiled. What the digest sees stands before what the transport gets: bytes that
left are never missing from the proof.
"""

from engine.tape.sent cimport add_by


cdef class Sender:
    """The way out of one link; a base class."""

    def __init__(self, str name not None, sent not None, transmit not None):
        self.name = name
        self.on_sent = None
        self.sent = sent
        self.transmit = transmit

    def send(self, bytes payload not None, bytes masked=None):
        """Hand one message to the transport. `masked` is what the digest sees when `payload` holds a secret."""
        add_by(self.sent, self.name, payload if masked is None else masked)
        self.transmit(payload)

    def send_order(self, bytes payload not None, bytes masked=None):
        """Hand over an order, or an amend: as `send`, with the `on_sent` hook called in between."""
        cdef object on_sent = self.on_sent
        add_by(self.sent, self.name, payload if masked is None else masked)
        if on_sent is not None:
            on_sent()
        self.transmit(payload)
