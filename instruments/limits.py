"""How large a file may be, checked before it is read. Files are hostile until read.

What a workbook may unpack to, and the memory of the process that opens it, stand in
`workbook_child`, which is started alone and imports nothing of ours.
"""

MB = 1024 * 1024

FILE_BYTES = 50 * MB
CELLS = 4_000_000
COLUMNS = 10_000
LINES = 1_000_000
PLATE_COLUMNS = 48
CPU_SECONDS = 30
