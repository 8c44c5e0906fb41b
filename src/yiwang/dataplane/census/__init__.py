"""Census 普查: drafts a catalogue from existing databases and files, without taking their values along."""
