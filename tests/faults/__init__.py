"""The fault suite: real processes, a real server, faults thrown at random times from a seed."""
