"""Declared systems: packages of YAML are read, checked, compared and compiled here; nothing of it reaches a database.

The doors of the room:

- `yiwang.systems.loading`: `load_package(folder)` and `package_from_snapshot(snapshot)` give a `Loaded`: the
  `Package` and its faults.
- `yiwang.systems.model`: the package as frozen dataclasses (`Package`, `Entity`, `Field`, `Expr` …).
- `yiwang.systems.checking`: `check_package(loaded, others)` gives every fault, warnings included.
- `yiwang.systems.cel`: `row_condition(...)` compiles an expression to SQL of PostgreSQL or DuckDB;
  `Evaluator` runs one on values.
- `yiwang.systems.planning`: `snapshot_of(package)`, `plan(before, after)`, `compatibility(before, after)`.
- `yiwang.systems.starting`: `new_package(name, folder)` writes a small working package.

The format is described for authors in docs/specs/packages.md.
"""
