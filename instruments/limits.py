"""How large a file may be, checked before it is read. Files are hostile until read."""

MB = 1024 * 1024

FILE_BYTES = 50 * MB
UNPACKED_BYTES = 100 * MB
UNPACKED_RATIO = 100
RATIO_FREE_BYTES = 1 * MB  # a small part of an archive may be as repetitive as it likes
CELLS = 4_000_000
COLUMNS = 10_000
LINES = 1_000_000
PLATE_WELLS = 1536
PLATE_COLUMNS = 48
CPU_SECONDS = 30
MEMORY_BYTES = 1024 * MB
