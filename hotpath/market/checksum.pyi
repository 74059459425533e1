from hotpath.market.book import Book
from hotpath.market.book_l3 import BookL3

def checksum(book: Book) -> int:
    """Return Kraken's checksum of a book whose scale has the decimals that the venue prints; 0 for an empty one."""

def orders_checksum(book: BookL3) -> int:
    """Return Kraken's level-3 checksum; an order's `unprinted_zeros` tell how its quantity was printed."""
