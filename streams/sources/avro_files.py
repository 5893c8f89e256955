"""Avro object container files: their records as paths expect them, by the schema that each file carries."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import fastavro

from metrics.sources.avro import SchemaFault, looked_at
from metrics.sources.natural import natural
from streams.errors import ConfigurationError


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file that is read once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer with what comes next."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        taken = self._rest[: len(buffer)]
        self._rest = self._rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def avro_records(pieces: Iterable[bytes]) -> Iterator[Any]:
    """The records of a file.

    Args:
        pieces: Its bytes.

    Raises:
        ConfigurationError: It is no such file, or damaged; the message says after how many records.
    """
    number = 0
    try:
        for record in _read(_Stream(pieces)):
            yield natural(record)
            number += 1
    except OSError:
        raise  # the file itself cannot be read
    except Exception as error:  # each codec has a library, and errors, of its own
        where = f"after record {number}" if number else "at its beginning"
        raise ConfigurationError(
            f"{where} it is no Avro object container file, or damaged "
            f"({' '.join(str(error).split())[:120] or type(error).__name__})"
        ) from error


def _read(stream: _Stream) -> Iterator[Any]:
    content = io.BufferedReader(stream)
    reader = fastavro.reader(content)
    schema: Any = reader.writer_schema
    if looked_at(schema, _named(schema)):
        raise SchemaFault("its schema refers to itself: flatten it first")
    yield from reader


def _named(schema: Any) -> dict[str, Any]:
    named: dict[str, Any] = {}
    fastavro.parse_schema(schema, named_schemas=named)
    return named
