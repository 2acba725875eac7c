"""Shims between a trainer and the server, one file each. None imports its trainer, and none makes a number of a fault."""
