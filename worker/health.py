"""Whether a desk, or one of its roles on one machine, is consuming articles."""

from worker.status import ALIVE, Status


def problems(state: Status, *, patience: float) -> list[str]:
    """Return what keeps the desk from consuming; empty: it is healthy, even if it has nothing to do.

    `patience` is how many seconds may pass without an outcome while articles wait.
    """
    found = [
        f"breaker {breaker.name} has stopped the intake: {breaker.why}"
        for breaker in state.breakers
    ]
    for role, living in (("intake", state.intakes), ("worker", state.workers)):
        if not living:
            found.append(f"no {role} has reported within {ALIVE:g} s")
    return found + _stalled(state, patience)


def role_problems(state: Status, role: str, host: str, *, patience: float) -> list[str]:
    """Return why the `intake` or `worker` of one machine should be restarted; empty: it should not.

    Problems that another role, a service or the articles cause are left out.
    """
    living = state.intakes if role == "intake" else state.workers
    if not living.get(host):
        return [f"no {role} on {host} has reported within {ALIVE:g} s"]
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
            wait = "1 article is" if lane.waiting == 1 else f"{lane.waiting:,} articles are"
            found.append(
                f"{wait} waiting in the {lane.lane} lane, and none has settled for {idle:.0f} s"
            )
    return found
