"""Replays: resumable to the article, at a rate, several at once, safe to repeat."""

import datetime as dt
import threading
import time
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
import typer
from typer.testing import CliRunner

from worker.cli.replay import replay as replay_command
from worker.entries import Entry
from worker.errors import ConfigurationError
from worker.lanes import Keys, Lane
from worker.publisher import ForgottenError, Publisher
from worker.replay import Progress, Replay, ReplayRunningError
from worker.replay_sources import (
    end_of_stream,
    from_archive,
    from_files,
    from_stream,
    stream_id,
)
from worker.settings import Settings
from worker.sinks.archive import RawArchive


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
    assert ["The lane backlog is full: 5 articles wait"] == [why.split(",")[0] for why in said]
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

    assert ["Unsettled in the lane backlog: 1. Waiting until it is less than 1."] == said


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


def test_a_raw_stream_is_replayed_by_source_and_time_and_not_its_own_copies(
    client: "redis.Redis", settings: Settings
) -> None:
    """Given a lane replayed into itself, then only what was there at first is published again."""
    publisher, keys = Publisher(settings, client=client), Keys(settings.namespace)
    for number in range(6):
        publisher.publish(
            {"id": str(number), "source": "ab"[number % 2], "text": "x"}, lane=Lane.BACKLOG
        )
    replay = Replay(client, settings, "a")
    end = end_of_stream(client, keys, Lane.BACKLOG)
    items = from_stream(client, keys, Lane.BACKLOG, until=end, source="b")
    *_, last = replay.run(items, replay.progress())

    assert 3 == last.published
    assert ["1", "3", "5"] == backlog(client, settings)[6:]
    assert not any(b"origin" in fields for _, fields in client.xrange(keys.raw(Lane.BACKLOG)))
    tomorrow = stream_id("2999-01-01")
    assert [] == list(from_stream(client, keys, Lane.BACKLOG, since=tomorrow, until="+"))


def test_files_and_archives_are_replayed_by_source(
    tmp_path: Path, settings: Settings, client: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given articles of two sources, one named by its URL alone, then `--source` publishes one's."""
    rows = [
        {"id": "1", "source": "a.example", "text": "x"},
        {"id": "2", "url": "https://www.a.example/2", "text": "x"},
        {"id": "3", "source": "b.example", "url": "https://a.example/3", "text": "x"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    RawArchive(str(tmp_path / "raw")).add(
        [Entry(Lane.LIVE, f"1{n}-0", orjson.dumps(row)) for n, row in enumerate(rows)]
    )
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    app = typer.Typer()
    app.command()(replay_command)
    run = partial(CliRunner().invoke, app)

    for arguments in ([str(file)], ["--archive", str(tmp_path / "raw")]):
        done = run([*arguments, "--source", "a.example", "--json"])
        assert (2, 2) == (
            orjson.loads(done.stdout)["total"], orjson.loads(done.stdout)["published"]
        )  # fmt: skip
    assert ["1", "2"] * 2 == backlog(client, settings)
    assert 2 == run([str(file), "--since", "2026-11-01"]).exit_code


def test_a_stream_replayed_into_itself_does_not_read_its_own_copies_after_a_kill(
    client: "redis.Redis", settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the command over the backlog, killed after a step, then the next ends where it would have."""
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    with Publisher(settings, client=client) as publisher:
        for _ in publisher.publish_many(
            [{"id": str(n), "text": "x"} for n in range(250)], lane=Lane.BACKLOG
        ):
            pass
    app = typer.Typer()
    app.command()(replay_command)

    def kill(steps: Generator[Progress, None, None]) -> None:
        next(steps)
        steps.close()  # its lock, which would run out, goes at once
        raise SystemExit(9)

    with monkeypatch.context() as dying:
        dying.setattr("worker.cli.replay._shown", kill)
        CliRunner().invoke(app, ["--stream", "backlog"])
    done = CliRunner().invoke(app, ["--stream", "backlog", "--json"])

    assert [str(n) for n in range(250)] * 2 == backlog(client, settings)
    assert (250, 250) == (
        orjson.loads(done.stdout)["total"],
        orjson.loads(done.stdout)["published"],
    )


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


def test_an_archive_is_replayed_by_day(tmp_path: Path) -> None:
    """Given an archive of two days, then one of them is read, from a position on."""
    archive = RawArchive(str(tmp_path))
    first, second = 1_772_438_400_000, 1_772_524_800_000  # 2 and 3 March 2026
    for day in (first, second):
        archive.add([Entry(Lane.LIVE, f"{day}-{n}", b'{"id":"%d"}' % n) for n in range(3)])

    whole = list(from_archive(str(tmp_path)))
    rest = list(from_archive(str(tmp_path), since=dt.date(2026, 3, 3), after=whole[3][0]))

    assert 6 == len(whole)
    assert [b'{"id":"1"}', b'{"id":"2"}'] == [data for _, data in rest]
    assert rest == whole[4:]
    with pytest.raises(ConfigurationError, match="There is no archive at"):
        from_archive(str(tmp_path / "mistyped"))
