"""Everything that must hold of a package beyond its schemas; `packages.check_package` is the door."""
