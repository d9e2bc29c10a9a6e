"""``wsgi.file_wrapper`` (PEP 3333, "Optional Platform-Specific File Handling")."""

from __future__ import annotations

import io
import os
from stat import S_ISREG


class FileWrapper:
    """Iterates over ``filelike`` in blocks of ``blksize`` bytes. Returned by the application as it
    is, a regular file is sent by the operating system without reading it into Python."""

    __module__ = "mod_wsgi"

    def __init__(self, filelike, blksize: int = 8192) -> None:
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self) -> FileWrapper:
        return self

    def __next__(self) -> bytes:
        data = self.filelike.read(self.blksize)
        if data:
            return data
        raise StopIteration


def regular_file(wrapper: FileWrapper) -> tuple[int, int, int] | None:
    """(descriptor, offset, size of the rest) if ``wrapper`` holds a plain binary file. Objects that
    only have a ``fileno()`` don't count: what they read may differ from what the file holds. Nor do
    files of size 0: those of ``/proc`` have it, whatever they hold."""
    filelike = wrapper.filelike
    raw = getattr(filelike, "raw", filelike)
    if not isinstance(raw, io.FileIO) or isinstance(filelike, io.TextIOBase):
        return None
    try:
        fd = raw.fileno()
        if filelike.writable():
            filelike.flush()
        offset = filelike.tell()
        found = os.fstat(fd)
    except (OSError, ValueError, AttributeError):
        return None
    if not S_ISREG(found.st_mode) or found.st_size == 0 or offset > found.st_size:
        return None
    return fd, offset, found.st_size - offset
