"""How much a fetch brings: little enough for memory, and of all partitions alike."""

from typing import Any, Final

OF_ALL: Final = 8 * 1024 * 1024
"""Bytes of all partitions in one answer, which stays until its last record is handed out."""
OF_ONE: Final = 1536 * 1024
"""The most of one partition: about what is taken at once."""
LEAST_OF_ONE: Final = 128 * 1024
"""Of a partition among many: each run of records costs, however short it is."""


def of_each(partitions: int) -> int:
    """Bytes that a fetch brings of each of so many partitions: all of them have room in one answer.

    Otherwise an answer is filled by a few, each far ahead of the rest. Of a history that is published with timestamps
    of its own each insert then spans all of it: a part for each month, and several times the merges.

    >>> of_each(1), of_each(16), of_each(1000)
    (1572864, 524288, 131072)
    """
    return max(LEAST_OF_ONE, min(OF_ONE, OF_ALL // max(1, partitions)))


def fetch_evenly(consumer: Any, partitions: int) -> None:
    """Makes a consumer that has started fetch so much of each of its partitions."""
    consumer._fetcher._max_partition_fetch_bytes = of_each(partitions)
