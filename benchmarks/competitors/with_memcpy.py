"""A copy of the memory of the tables: what no way of reading them passes."""

from __future__ import annotations

import numpy as np

from competitors._features import People
from competitors._interface import Competitor


class Copy(Competitor):
    name = "memcpy of all tables"
    task = "batch"
    does = "nothing but copy each column that is not empty, one after the other"
    tuned = "numpy's copy into memory that is there; one thread"
    kind_only = "the limit of the memory, not a way to screen"

    def prepare(self, data: People) -> tuple[list[np.ndarray], np.ndarray]:
        columns = [
            np.frombuffer(buffer, np.uint8)
            for table in data.dossiers.tables.values()
            for column in table.columns
            for chunk in column.chunks
            if chunk.null_count < len(chunk)
            for buffer in chunk.buffers()
            if buffer is not None and buffer.size
        ]
        return columns, np.empty(max(map(len, columns)), np.uint8)

    def run(self, prepared: tuple[list[np.ndarray], np.ndarray]) -> int:
        columns, scratch = prepared
        for column in columns:
            np.copyto(scratch[: len(column)], column)
        return int(scratch[: len(columns[-1])].sum())

    def reference(self, prepared: tuple[list[np.ndarray], np.ndarray]) -> int:
        return int(prepared[0][-1].sum())


COMPETITORS = (Copy(),)
