"""Nodes that work as one: peers, their signed event journal, what travels up and down, disputes."""
