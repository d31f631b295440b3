"""Replays: resumable to the article, at a rate, several at once, safe to repeat."""

import threading
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
import typer
from typer.testing import CliRunner

from worker.cli.replay import replay as replay_command
from worker.lanes import Keys, Lane
from worker.publisher import ForgottenError, Publisher
from worker.replay import Replay, ReplayRunningError
from worker.replay_sources import (
    from_files,
)
from worker.settings import Settings


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file of 950 articles."""
    path = tmp_path / "backlog.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps({"id": str(n), "text": "x"}) for n in range(950)))
    return str(path)


def backlog(client: "redis.Redis", settings: Settings) -> list[str]:
    """Return the producer's ids of what stands in the backlog lane."""
    rows = client.xrange(Keys(settings.namespace).raw(Lane.BACKLOG))
    return [orjson.loads(fields[b"article"])["id"] for _, fields in rows]


def test_a_replay_that_is_killed_goes_on_behind_the_last_article(
    client: "redis.Redis", settings: Settings, file: str
) -> None:
    """Given a replay that ends amid its steps, then the next publishes the rest, and none twice."""
    first = Replay(client, settings, "a")
    steps = first.run(from_files([file]), first.progress())
    next(steps)
    next(steps)
    client.delete(f"{settings.namespace}:replay:a:lock")  # a killed one's lock expires

    second = Replay(client, settings, "a")
    progress = second.progress()
    assert (400, "400") == (progress.published, progress.position)
    *_, last = second.run(from_files([file], progress.position), progress)

    assert (950, True) == (last.published, last.done)
    rows = client.xrange(Keys(settings.namespace).raw(Lane.BACKLOG))
    assert [f"{file}:{n}".encode() for n in range(1, 951)] == [one[b"origin"] for _, one in rows]
    assert [str(n) for n in range(950)] == backlog(client, settings)


def test_two_of_one_name_do_not_run_at_once_but_two_names_do(
    client: "redis.Redis", settings: Settings, file: str
) -> None:
    """Given a replay that runs, then a second of its name is refused, and one of another name is not."""
    running = Replay(client, settings, "a")
    steps = running.run(from_files([file]), running.progress())
    next(steps)
    again, other = Replay(client, settings, "a"), Replay(client, settings, "b")

    with pytest.raises(ReplayRunningError, match="another process"):
        next(again.run(from_files([file]), again.progress()))
    assert 200 == next(other.run(from_files([file]), other.progress())).published


def test_a_step_whose_answer_is_lost_is_not_published_again(
    client: "redis.Redis", settings: Settings, file: str
) -> None:
    """Given a server that goes away after it published a step, then the replay goes on behind that step."""
    replay, lost = Replay(client, settings, "a"), [True]
    script = replay._script

    def deaf(**call: Any) -> Any:
        answer = script(**call)
        if lost and answer > 0:
            lost.pop()
            raise redis.ConnectionError("the answer is lost")
        return answer

    replay._script = deaf  # type: ignore[assignment]
    *_, last = replay.run(from_files([file]), replay.progress())

    assert (950, [str(n) for n in range(950)]) == (last.published, backlog(client, settings))


def test_a_replay_that_stood_still_leaves_its_place_to_the_one_that_took_it(
    client: "redis.Redis", settings: Settings, file: str
) -> None:
    """Given a replay that stops for longer than its lock holds, when another goes on, then it ends."""
    first, second = Replay(client, settings, "a"), Replay(client, settings, "a")
    still = first.run(from_files([file]), first.progress())
    next(still)
    client.delete(f"{settings.namespace}:replay:a:lock")  # it ran out
    progress = second.progress()
    list(second.run(from_files([file], progress.position), progress))

    with pytest.raises(ReplayRunningError):
        next(still)
    assert [str(n) for n in range(950)] == backlog(client, settings)


@pytest.mark.parametrize("left", [b"200", None], ids=["a step", "all"])
def test_a_server_without_its_last_writes_is_told_and_the_replay_goes_on_from_there(
    client: "redis.Redis", settings: Settings, file: str, left: bytes | None
) -> None:
    """Given a new master without the last steps, then an error says so, and nothing is passed over."""
    replay = Replay(client, settings, "a")
    steps = replay.run(from_files([file]), replay.progress())
    next(steps)
    key, raw = f"{settings.namespace}:replay:a", Keys(settings.namespace).raw(Lane.BACKLOG)
    copied = client.hgetall(key) if left else {}
    next(steps)
    client.delete(key)
    if copied:
        client.hset(key, mapping=copied)
    client.xtrim(raw, maxlen=0)

    with pytest.raises(ForgottenError, match=f"has {int(left or 0)} of the 400 articles"):
        next(steps)

    progress = replay.progress()
    *_, last = replay.run(from_files([file], progress.position), progress)
    assert (950, True) == (last.published, last.done)
    assert [str(n) for n in range(int(left or 0), 950)] == backlog(client, settings)


def test_a_replay_keeps_its_lock_while_its_lane_is_full(
    client: "redis.Redis", settings: Settings, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a replay that waits for room for longer than its lock holds, then it is still the one."""
    monkeypatch.setattr("worker.replay.LOCK_LIFE", 4.0)
    settings.waiting_limit = 5
    with Publisher(settings, client=client) as publisher:
        for number in range(5):
            publisher.publish({"id": f"before {number}", "text": "x"}, lane=Lane.BACKLOG)
    said: list[str] = []
    waiting, other = Replay(client, settings, "a", say=said.append), Replay(client, settings, "a")
    steps = waiting.run(from_files([file]), waiting.progress())
    thread = threading.Thread(target=next, args=(steps,))
    thread.start()
    time.sleep(5)

    with pytest.raises(ReplayRunningError):
        next(other.run(from_files([file]), other.progress()))
    client.delete(Keys(settings.namespace).raw(Lane.BACKLOG))
    thread.join(30)
    assert ["The lane backlog is full: 5 articles are waiting"] == [w.split(";")[0] for w in said]
    assert [str(n) for n in range(200)] == backlog(client, settings)


def test_a_replay_says_once_that_the_desk_is_behind(
    client: "redis.Redis", settings: Settings, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a lane that holds as much as a replay runs ahead, then it says why nothing moves."""
    monkeypatch.setattr("worker.replay.PATIENCE", 0.3)
    with Publisher(settings, client=client) as publisher:
        publisher.publish({"id": "before", "text": "x"}, lane=Lane.BACKLOG)
    said: list[str] = []
    replay = Replay(client, settings, "a", say=said.append)
    steps = replay.run(from_files([file]), replay.progress(), ahead=1)
    thread = threading.Thread(target=next, args=(steps,))
    thread.start()
    time.sleep(1.5)
    client.delete(Keys(settings.namespace).raw(Lane.BACKLOG))
    thread.join(30)

    assert ["Waiting until fewer than 1 articles are unsettled in the lane backlog; now 1."] == said


def test_a_replay_waits_for_a_server_that_is_full(
    client: "redis.Redis", settings: Settings, file: str
) -> None:
    """Given a server that is out of memory, then the replay says so, and goes on when there is room."""
    said: list[str] = []
    before = client.config_get("maxmemory")["maxmemory"]

    def make_room(why: str) -> None:
        said.append(why)
        client.config_set("maxmemory", before)

    client.config_set("maxmemory", 1)
    try:
        replay = Replay(client, settings, "a", say=make_room)
        *_, last = replay.run(from_files([file]), replay.progress())
    finally:
        client.config_set("maxmemory", before)

    assert (1, True) == (len(said), "OOM" in said[0] or "maxmemory" in said[0])
    assert (950, 950) == (last.published, len(backlog(client, settings)))


def test_a_replay_keeps_to_its_rate(client: "redis.Redis", settings: Settings, file: str) -> None:
    """Given 50 articles a second, then the first 25 take no less than half a second."""
    replay = Replay(client, settings, "a")
    items = (item for number, item in enumerate(from_files([file])) if number < 25)
    started = time.monotonic()
    *_, last = replay.run(items, replay.progress(), rate=50)

    assert time.monotonic() - started >= 0.5
    assert 25 == last.published


def test_the_command_is_safe_to_run_twice(
    settings: Settings, client: "redis.Redis", file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the command twice, then both publish all: the second is a replay of its own."""
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    app = typer.Typer()
    app.command()(replay_command)
    first = CliRunner().invoke(app, [file, "--json"])
    second = CliRunner().invoke(app, [file, "--json"])
    wrong = CliRunner().invoke(app, [])

    assert [(950, True), (950, True)] == [
        (done["published"], done["done"])
        for done in map(orjson.loads, (first.stdout, second.stdout))
    ]
    assert 2 == wrong.exit_code
