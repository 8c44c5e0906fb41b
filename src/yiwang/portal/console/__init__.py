"""运维: how the exchange runs: the monitor of the last days, processes and logs, grants, errors by request id."""
