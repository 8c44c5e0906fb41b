"""The sandbox: the gateway's own protocol, answered with made-up rows. It reaches no source and no evidence log."""
