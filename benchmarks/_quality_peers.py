# mypy: ignore-errors
"""pandera and Great Expectations on the same file; runs in a virtual environment of its own.

`python _quality_peers.py pandera|great_expectations FILE` prints seconds of the check alone and failed counts.
"""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import pandas as pd  # noqa: E402

SEXES = ["0", "1", "2", "9"]
SHAPE = r"^[0-9]{17}[0-9X]$"


def pandera(frame: pd.DataFrame) -> dict[str, int]:
    import pandera.pandas as pa

    schema = pa.DataFrameSchema(
        {
            "id": pa.Column(str, [pa.Check.str_matches(SHAPE)], unique=True, nullable=True),
            "name": pa.Column(str, nullable=False),
            "sex": pa.Column(str, pa.Check.isin(SEXES), nullable=True),
            "age": pa.Column(float, pa.Check.in_range(0, 130), nullable=True, coerce=True),
        }
    )
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        found = error.failure_cases.groupby(["column", "check"]).size()
        return {str(key): int(number) for key, number in found.items()}
    return {}


def great_expectations(frame: pd.DataFrame) -> dict[str, int]:
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    batch = (
        context.data_sources.add_pandas("p")
        .add_dataframe_asset("a")
        .add_batch_definition_whole_dataframe("b")
    )
    suite = gx.ExpectationSuite(
        name="s",
        expectations=[
            gx.expectations.ExpectColumnValuesToMatchRegex(column="id", regex=SHAPE),
            gx.expectations.ExpectColumnValuesToBeUnique(column="id"),
            gx.expectations.ExpectColumnValuesToNotBeNull(column="name"),
            gx.expectations.ExpectColumnValuesToBeInSet(column="sex", value_set=SEXES),
            gx.expectations.ExpectColumnValuesToBeBetween(column="age", min_value=0, max_value=130),
        ],
    )
    result = batch.get_batch(batch_parameters={"dataframe": frame}).validate(suite)
    return {
        f"{one.expectation_config.type}:{one.expectation_config.kwargs['column']}": int(
            one.result.get("unexpected_count", 0)
        )
        for one in result.results
    }


def main() -> None:
    which, path = sys.argv[1:]
    frame = pd.read_parquet(path)
    started = time.perf_counter()
    found = {"pandera": pandera, "great_expectations": great_expectations}[which](frame)
    print(json.dumps({"seconds": time.perf_counter() - started, "failed": found}))


if __name__ == "__main__":
    main()
