"""From the files of a package to a tree of nodes that know their places."""
