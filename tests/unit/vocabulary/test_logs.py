"""A log tells what went wrong and where, and of a database's error nothing that quotes a value."""

from __future__ import annotations

import io
import logging
import sys

import asyncpg
import psycopg
from django.db import IntegrityError

from yiwang.vocabulary.logs import Line, words_of

VALUE = "王小明"


def written(error: BaseException) -> str:
    record = logging.LogRecord("yw", logging.ERROR, "x.py", 1, "it failed", None, (type(error), error, None))
    return Line().format(record)


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except Exception as caught:
        return caught


def test_words_of_a_database_are_left_out_in_the_whole_chain() -> None:
    server = raised(
        psycopg.errors.CheckViolation(f"new row\nDETAIL:  Failing row contains ({VALUE},\n{VALUE}).")
    )
    django = raised(IntegrityError(f"DETAIL: {VALUE}"), server)
    outer = raised(ValueError("the step failed"), django)
    text = written(outer)
    assert VALUE not in text
    assert "psycopg.errors.CheckViolation: 23514" in text
    assert "django.db.utils.IntegrityError\n" in text
    assert text.endswith("ValueError: the step failed")
    assert text.count("The above exception was the direct cause") == 2
    assert "test_logs.py" in text


def test_an_error_met_on_the_way_to_another_is_told_without_its_words_too() -> None:
    server = raised(asyncpg.UniqueViolationError(f"DETAIL: ({VALUE}) already exists"))
    seen, hidden = KeyError("number"), KeyError("number")
    seen.__context__ = hidden.__context__ = server
    hidden.__suppress_context__ = True
    assert "UniqueViolation" not in written(hidden)
    text = written(seen)
    assert "asyncpg.exceptions.UniqueViolationError: 23505" in text
    assert "During handling of the above exception" in text
    assert VALUE not in text


def test_other_errors_and_plain_lines_are_as_they_were() -> None:
    assert words_of(ValueError("twice")) == "ValueError: twice"
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line())
    logger = logging.Logger("yw.test")
    logger.addHandler(handler)
    logger.info("%d rows", 3)
    logger.error("no error at hand", exc_info=sys.exc_info())
    assert stream.getvalue().splitlines()[0].endswith("INFO yw.test 3 rows")
    assert len(stream.getvalue().splitlines()) == 2
