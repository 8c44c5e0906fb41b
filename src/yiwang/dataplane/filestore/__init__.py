"""Files on disk in chunks of 4 MiB, each stored once under its digest, and uploads on their way into them."""
