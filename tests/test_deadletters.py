"""Dead letters: selected, published again once, purged."""

import time

import orjson
import pytest
import redis
from typer.testing import CliRunner

from worker.cli.dlq import app
from worker.deadletters import Selection, purge, read_letters, requeue, select, write_letter
from worker.entries import Entry
from worker.failures import Failure, Kind
from worker.lanes import Keys, Lane
from worker.outcomes import Outcome, Reason, Stage
from worker.settings import Settings
from worker.streams import RawStreams


@pytest.fixture
def keys(client: "redis.Redis", settings: Settings) -> Keys:
    """Three dead letters: one of each of two sources, and one that holds no article."""
    keys = Keys(settings.namespace)
    bodies = [b'{"source":"a","html":"x"}', b'{"source":"b"}\xff', None]
    reasons = [Reason.STAGE_ERROR, Reason.NOT_JSON, Reason.NO_CONTENT]
    for number, (data, reason) in enumerate(zip(bodies, reasons, strict=True)):
        entry = Entry(
            Lane.BACKLOG,
            f"{number}-1",
            data,
            origin=f"a.jsonl:{number}",
            history=({"kind": "error", "at": 1.0},),
        )
        failure = Failure(Kind.ERROR, Stage.CLEAN, reason, "it broke")
        client.xadd(keys.dead, {"letter": write_letter(entry, Outcome.FAILED, failure, reason)})
    return keys


def test_letters_are_selected(client: "redis.Redis", keys: Keys) -> None:
    """Given selections, then the letters that match all of them are meant."""
    first = next(read_letters(client, keys, newest_first=False))

    def found(**wanted: object) -> list[str]:
        return [one.reason for one in select(client, keys, Selection(**wanted))]  # type: ignore[arg-type]

    assert ["stage_error"] == found(source="a")
    assert ["not_json"] == found(reason=Reason.NOT_JSON, stage=Stage.CLEAN)
    assert [] == found(older=60.0)
    assert 3 == len(found(newer=60.0))
    assert ["stage_error"] == found(ids=frozenset([first.id]))


def test_a_letter_without_a_source_is_selected_by_its_host(
    client: "redis.Redis", settings: Settings
) -> None:
    """Given letters that name a URL alone, then `--source` takes its host."""
    keys = Keys(settings.namespace)
    for url in ("https://www.herald.example/1", "https://[herald.example/2"):
        entry = Entry(Lane.LIVE, "1-1", orjson.dumps({"url": url}))
        failure = Failure(Kind.PERMANENT, Stage.READ, Reason.NO_CONTENT, "it is empty")
        letter = write_letter(entry, Outcome.REJECTED, failure, Reason.NO_CONTENT)
        client.xadd(keys.dead, {"letter": letter})

    found = select(client, keys, Selection(source="herald.example"))

    assert ["https://www.herald.example/1"] == [one.url for one in found]


def test_ids_that_are_no_letters_are_counted(
    client: "redis.Redis", keys: Keys, settings: Settings
) -> None:
    """Given an id that is there and one that is not, then one is requeued and the other is told of."""
    first = next(read_letters(client, keys, newest_first=False))
    environment = {
        "COPYDESK_NAMESPACE": settings.namespace,
        "COPYDESK_REDIS_URL": settings.redis_url,
    }

    done = CliRunner().invoke(app, ["requeue", first.id, "1-1"], env=environment)

    assert "1 dead letter requeued." in done.stdout
    assert "1 of the ids given does not match a dead letter." in done.stderr
    assert "no intake and no worker is running" in done.stderr


def test_requeueing_twice_publishes_once(client: "redis.Redis", keys: Keys) -> None:
    """Given letters that are requeued twice, then each stands once in its lane, byte for byte."""
    letters = list(read_letters(client, keys, newest_first=False))

    assert [2] == list(requeue(client, keys, letters))
    assert [0] == list(requeue(client, keys, letters))

    published = [fields for _, fields in client.xrange(keys.raw(Lane.BACKLOG))]
    assert [
        {b"article": b'{"source":"a","html":"x"}', b"origin": b"a.jsonl:0"},
        {b"article": b'{"source":"b"}\xff', b"origin": b"a.jsonl:1"},
    ] == published
    assert ["no_content"] == [letter.reason for letter in read_letters(client, keys)]


def test_what_fails_again_meanwhile_is_not_requeued_again(
    client: "redis.Redis", keys: Keys
) -> None:
    """Given letters that come while letters are requeued, then those are left for the next time."""
    published = []
    for letter in select(client, keys, Selection(source="a")):
        published.append(letter.id)
        client.xadd(keys.dead, {"letter": letter.model_dump_json(exclude={"id"})})

    assert 1 == len(published)


def test_dead_letters_are_bounded_by_their_bytes(
    client: "redis.Redis", keys: Keys, settings: Settings
) -> None:
    """Given letters of 2 MB in all, when they may take half of it, then the oldest go."""
    for number in range(200):
        client.xadd(keys.dead, {"letter": b"x" * 10_000}, id=f"9999999999999-{number}")
    settings.dead_letter_max_bytes = 1_000_000

    gone = RawStreams(client, settings).bound_letters()

    kept = [letter_id.decode() for letter_id, _ in client.xrange(keys.dead)]
    assert 200 + 3 == gone + len(kept)
    assert 50 < len(kept) < 150
    assert [f"9999999999999-{number}" for number in range(200)][-len(kept) :] == kept
    assert client.memory_usage(keys.dead, samples=0) < 1_300_000


def test_requeueing_keeps_to_its_rate(client: "redis.Redis", keys: Keys) -> None:
    """Given a rate, then so many letters a second go out and no more."""
    started = time.monotonic()
    list(requeue(client, keys, list(read_letters(client, keys)), rate=10.0))

    assert time.monotonic() - started >= 0.2


def test_purging_deletes(client: "redis.Redis", keys: Keys) -> None:
    """Given letters that are purged, then they are gone and the others are not."""
    assert 1 == purge(client, keys, select(client, keys, Selection(source="a")))

    assert 2 == len(list(read_letters(client, keys)))


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line of this desk."""
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    return CliRunner()


def test_the_command_line(run: CliRunner, client: "redis.Redis", keys: Keys) -> None:
    """Given the commands, then a dry run does nothing, and nothing is purged without a selection."""
    dry = run.invoke(app, ["requeue", "--source", "a", "--dry-run", "--json"])
    bare = run.invoke(app, ["purge"])
    done = run.invoke(app, ["requeue", "--all", "--json"])
    purged = run.invoke(app, ["purge", "--reason", "no_content"])
    listed = run.invoke(app, ["list", "--newer", "1h"])

    assert {"requeued": 1, "dry_run": True, "without_article": 0} == orjson.loads(dry.stdout)
    assert 2 == bare.exit_code
    assert {"requeued": 2, "dry_run": False, "without_article": 1} == orjson.loads(done.stdout)
    assert "1 dead letter purged.\n" == purged.stdout
    assert "No dead letters.\n" == listed.stdout


def test_a_letter_is_shown_to_people_and_to_programs(
    run: CliRunner, client: "redis.Redis", keys: Keys
) -> None:
    """Given letters, then `show` tells what is wrong, whence it came, what was tried; --json all of it."""
    empty_id, _, failed = (letter.id for letter in read_letters(client, keys))

    people = run.invoke(app, ["show", failed]).stdout
    program = run.invoke(app, ["show", failed, "--json"]).stdout
    empty = run.invoke(app, ["show", empty_id]).stdout

    for told in (
        "Failed at clean: stage_error",
        "it broke",
        "a.jsonl:0",
        '{"source":"a","html":"x"}',
    ):
        assert told in people
    assert f"copydesk dlq requeue {failed}" in people
    assert "1970-01-01 00:00:01 UTC  error" in people
    assert ("a.jsonl:0", 2) == (orjson.loads(program)["origin"], orjson.loads(program)["attempts"])
    assert "It holds no article" in empty


def test_a_long_list_says_that_it_is_cut(run: CliRunner, keys: Keys) -> None:
    """Given more letters than asked for, then it is said, and not among the letters."""
    cut, whole = (run.invoke(app, ["list", "-n", number, "--json"]) for number in ("2", "3"))

    assert 2 == len(cut.stdout.splitlines())
    assert "Only the newest 2 are shown. See more with --limit.\n" == cut.stderr
    assert "" == whole.stderr
