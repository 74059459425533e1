# Nothing here is called from Python: zlib.crc32 is at hand there.
