"""Whether a desk consumes what it is given, or one role of it on one machine."""

from worker.status import ALIVE, Status


def problems(state: Status, *, patience: float) -> list[str]:
    """Return what keeps the desk from consuming; empty: it is healthy, though it may have nothing to do.

    `patience` is the time without an outcome, in seconds, that is still healthy while articles wait.
    """
    found = [
        f"the breaker {breaker.name} stopped the intake: {breaker.why}"
        for breaker in state.breakers
    ]
    for role, living in (("intake", state.intakes), ("worker", state.workers)):
        if not living:
            found.append(f"no {role} has said within {ALIVE:g} s that it lives")
    return found + _stalled(state, patience)


def role_problems(state: Status, role: str, host: str, *, patience: float) -> list[str]:
    """Return why the `intake` or `worker` of one machine should be started again; empty: it should not.

    What another role, a service or the articles are to blame for is not among it.
    """
    living = state.intakes if role == "intake" else state.workers
    if not living.get(host):
        return [f"no {role} on {host} has said within {ALIVE:g} s that it lives"]
    if role == "worker" and state.intakes and not state.breakers:
        return _stalled(state, patience)
    return []


def _stalled(state: Status, patience: float) -> list[str]:
    found = []
    for lane in state.lanes:
        idle = lane.oldest_seconds
        if lane.idle_seconds is not None:
            idle = min(idle, lane.idle_seconds)
        if lane.waiting and idle > patience:
            wait = "1 article waits" if lane.waiting == 1 else f"{lane.waiting:,} articles wait"
            found.append(f"{wait} in the {lane.lane} lane, and none was settled for {idle:.0f} s")
    return found
