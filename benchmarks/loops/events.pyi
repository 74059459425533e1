from hotpath.market.book import Book
from hotpath.market.levels import Levels

def set_levels(book: Book, levels: Levels, sides: bytes) -> int: ...
