"""What a replay reads: raw streams, files and archives, by source and by time."""

import datetime as dt
from collections.abc import Generator
from functools import partial
from pathlib import Path

import orjson
import pytest
import redis
import typer
from typer.testing import CliRunner

from worker.cli.replay import replay as replay_command
from worker.entries import Entry
from worker.errors import ConfigurationError
from worker.lanes import Keys, Lane
from worker.publisher import Publisher
from worker.replay import Progress, Replay
from worker.replay_sources import (
    end_of_stream,
    from_archive,
    from_stream,
    stream_id,
)
from worker.settings import Settings
from worker.sinks.archive import RawArchive


def backlog(client: "redis.Redis", settings: Settings) -> list[str]:
    """Return the producer's ids of what stands in the backlog lane."""
    rows = client.xrange(Keys(settings.namespace).raw(Lane.BACKLOG))
    return [orjson.loads(fields[b"article"])["id"] for _, fields in rows]


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
