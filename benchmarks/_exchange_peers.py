# mypy: ignore-errors
"""ADBC and dlt copy the same table; runs in a virtual environment of its own.

`python _exchange_peers.py adbc|dlt-pyarrow|dlt-connectorx SOURCE TARGET FOLDER` prints the seconds of the copy alone.
"""

import json
import os
import sys
import time


def adbc(source: str, target: str) -> None:
    """Arrow batches from one connection's reader into the other's COPY; a table as the driver makes it."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(source) as here, dbapi.connect(target) as there:
        with here.cursor() as reading, there.cursor() as writing:
            # the driver reads numeric as text: cast, as one who needs numbers would
            reading.execute(
                "SELECT id, idno, name, sex, birth, division, address, phone, income::float8 AS income, registered, active,"
                " score FROM src"
            )
            writing.adbc_ingest("by_adbc", reading.fetch_record_batch(), mode="create")
        there.commit()


def dlt(source: str, target: str, folder: str, backend: str) -> None:
    """dlt's SQL source with a columnar backend into its PostgreSQL destination."""
    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "DLT_DATA_DIR": folder,
    }
    import dlt as library
    from dlt.sources.sql_database import sql_table

    words = {"backend_kwargs": {"conn": source}} if backend == "connectorx" else {}
    table = sql_table(
        credentials=source,
        table="src",
        backend=backend,
        chunk_size=100_000,
        reflection_level="full_with_precision",
        **words,
    )
    pipeline = library.pipeline(
        "bench",
        destination=library.destinations.postgres(target),
        dataset_name="by_dlt",
        pipelines_dir=folder,
    )
    pipeline.run(table, write_disposition="replace", loader_file_format="csv")


def main() -> None:
    which, source, target, folder = sys.argv[1:]
    started = time.perf_counter()
    if which == "adbc":
        adbc(source, target)
    else:
        dlt(source, target, folder, which.partition("-")[2])
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
