"""A package as frozen dataclasses; every declared thing knows its place.

Keys that are words of Python carry a trailing underscore (`from_`, `for_`, `as_`, `in_`, `with_`, `is_`). Two keys
collide with the place that every class carries: a process's `place` is `place_of`, that of calendar, fusion and story
`place_code`, of a map view `place_field`.
"""
