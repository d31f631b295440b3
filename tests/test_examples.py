"""The example files and programs: what a new user runs, and copies, first."""

import os
import re
import subprocess
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.articles import FERRY, TUNNEL, raw
from worker import enrichment
from worker.broker import EmbeddedBroker
from worker.deadletters import DeadLetter, read_letters
from worker.files import read_files
from worker.outcomes import Reason
from worker.settings import Settings
from worker.sinks.store import Query, Store
from worker.testing import LATER, LocalDesk, OwnSettings

EXAMPLES = Path(__file__).parents[1] / "examples"
ALL = Query(all_revisions=True)


@pytest.fixture
def desk(settings: Settings) -> Iterator[LocalDesk]:
    """A desk without enrichers."""
    with LocalDesk(settings, []) as desk:
        yield desk


def publish(desk: LocalDesk, name: str) -> list[str]:
    """Publish an example file a line at a time, as a feed would; return the outcomes."""
    return [desk.run(article)[0] for article in read_files([str(EXAMPLES / name)])]


def letters(desk: LocalDesk) -> list[DeadLetter]:
    """The dead letters, oldest first."""
    return list(read_letters(desk.services.client, desk.services.streams.keys, newest_first=False))


def test_the_articles_show_every_good_outcome(desk: LocalDesk, settings: Settings) -> None:
    """Given the example articles; then copies, an update and a re-scrape are each known as such."""
    outcomes = publish(desk, "articles.jsonl")

    expected = {"new": 9, "update": 1, "duplicate": 2, "unchanged": 1}
    assert expected == Counter(outcomes)
    with Store.of(settings) as store:
        flood = next(store.articles(ALL))
        assert ["lowland-post.example", "tyne-echo.example"] == [
            copy.outlet for copy in store.copies(flood.id)
        ]


def test_the_articles_come_out_clean(desk: LocalDesk, settings: Settings) -> None:
    """Given bodies with stray full stops and promotion.

    Then neither is left, nor is any navigation.
    """
    publish(desk, "articles.jsonl")

    with Store.of(settings) as store:
        for article in store.articles(ALL):
            for unwanted in ("Also read", "Lesen Sie auch", "Lea también", "newsletter", "<p"):
                assert unwanted not in article.text
            assert "." not in article.paragraphs
            assert len(article.paragraphs) >= 3


def test_the_readme_shows_what_comes_out(settings: Settings) -> None:
    """Given the README's article through the full profile; then what stands there is among its values."""
    text = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    with LocalDesk(
        settings, enrichment.build(settings.model_copy(update={"profile": "full"}))
    ) as desk:
        publish(desk, "articles.jsonl")
    with Store.of(settings) as store:
        article = next(store.articles(ALL))

    assert_among(orjson.loads(shown), orjson.loads(article.model_dump_json()), "")


def assert_among(shown: Any, found: Any, place: str) -> None:
    """Assert that values stand among others; "…" stands for the rest of a text."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert_among(value, found[name], f"{place}.{name}")
    elif isinstance(shown, list):
        for item in shown:
            assert any(is_among(item, other) for other in found), f"{place}: {item} of {found}"
    elif isinstance(shown, str):
        beginning, rest, _ = shown.partition(" …")
        assert found.startswith(beginning) if rest else shown == found, f"{place}: {found}"
    else:
        assert shown == found, place


def is_among(shown: Any, found: Any) -> bool:
    """Whether values stand among others."""
    try:
        assert_among(shown, found, "")
    except (AssertionError, KeyError, TypeError):
        return False
    return True


def test_the_articles_twice_bring_nothing_new(desk: LocalDesk, settings: Settings) -> None:
    """Given the example articles once more; then nothing is stored a second time."""
    publish(desk, "articles.jsonl")
    with Store.of(settings) as store:
        before = store.count(ALL)
    again = publish(desk, "articles.jsonl")

    assert {"unchanged"} == set(again)
    with Store.of(settings) as store:
        assert before == store.count(ALL)


def test_each_broken_line_is_a_dead_letter_with_its_reason(
    desk: LocalDesk, settings: Settings
) -> None:
    """Given the broken examples.

    Then each is buried for its own reason, and the good one is delivered.
    """
    outcomes = publish(desk, "broken.jsonl")

    assert ["rejected"] * 4 + ["new"] + ["rejected"] * 6 == outcomes
    assert [
        Reason.NOT_JSON,
        Reason.NOT_AN_OBJECT,
        Reason.NO_CONTENT,
        Reason.NO_CONTENT,
        Reason.NOT_JSON,
        Reason.NOT_JSON,
        Reason.INVALID_FIELD,
        Reason.TOO_DEEP,
        Reason.BINARY,
        Reason.BINARY,
    ] == [letter.reason for letter in letters(desk)]
    with Store.of(settings) as store:
        assert ["The town clock runs again"] == [article.title for article in store.articles()]


class Receiver:
    """A web server of the test: it hands out a feed, and keeps what is posted or refuses it."""

    def __init__(self, feed: bytes = b"") -> None:
        self.status, self.posted = 200, list[list[dict[str, object]]]()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(feed)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.status)
                self.end_headers()
                if receiver.status == 200:
                    receiver.posted.append(orjson.loads(body))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def run(*command: str, **variables: str) -> str:
    """Run a program as a user does; return what it prints."""
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def test_the_test_of_the_scraper_passes() -> None:
    """Given the test that shows how a scraper is tested, then it passes, whatever the environment names."""
    printed = run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull,
        "--rootdir", str(EXAMPLES), str(EXAMPLES / "test_scraper.py"),
        COPYDESK_REDIS_URL="redis://127.0.0.1:1/0", COPYDESK_STORE="postgresql://127.0.0.1:1/x",
        PYTEST_ADDOPTS="",
    )  # fmt: skip

    assert "1 passed" in printed


def test_the_scraper_publishes_and_the_consumer_reads(tmp_path: Path) -> None:
    """Given a feed, then the scraper publishes its items, and the consumer reads each article once."""
    body = FERRY.replace("<", "&lt;")
    item = f"<link>https://a.example/1</link><title>Back</title><description>{body}</description>"
    feed = f"<rss><channel><item>{item}</item></channel></rss>"
    consumer = str(EXAMPLES / "consumer.py")
    with (
        Receiver(feed.encode()) as receiver,
        EmbeddedBroker(tmp_path) as broker,
        LocalDesk(OwnSettings(redis_url=broker.url, data_dir=tmp_path), []) as desk,
    ):
        said = run(str(EXAMPLES / "scraper.py"), receiver.url, COPYDESK_REDIS_URL=broker.url)
        desk.run()
        first = run(consumer, "--once", COPYDESK_REDIS_URL=broker.url)
        second = run(consumer, "--once", COPYDESK_REDIS_URL=broker.url)

    assert "Published from 127.0.0.1: 1\n" == said
    assert (first.startswith("new "), first.endswith(" Back\n"), "") == (True, True, second)


def test_the_consumer_ends_quietly_when_nobody_reads_what_it_prints(tmp_path: Path) -> None:
    """Given articles and a reader that has gone, then it ends, and has acknowledged none of them."""
    reading, writing = os.pipe()
    os.close(reading)
    with (
        EmbeddedBroker(tmp_path) as broker,
        LocalDesk(OwnSettings(redis_url=broker.url, data_dir=tmp_path), []) as desk,
    ):
        desk.run(raw(FERRY, "https://a.example/1"), raw(TUNNEL, "https://a.example/2"))
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / "consumer.py"), "--once"],
            env={**os.environ, "COPYDESK_REDIS_URL": broker.url},
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=100,
            check=False,
        )
        waiting = desk.services.client.xpending("copydesk:articles", "newsletter")["pending"]
    os.close(writing)

    assert (0, b"", 2) == (done.returncode, done.stderr, waiting)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package of the example, as an installer leaves it: beside its metadata and entry points."""
    project = tomllib.loads((EXAMPLES / "plugin" / "pyproject.toml").read_text("utf-8"))["project"]
    info = tmp_path / "site" / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.syspath_prepend(str(EXAMPLES / "plugin"))


@pytest.mark.usefixtures("plugin")
def test_the_enricher_of_the_plugin_runs(settings: Settings) -> None:
    """Given the plugin's enricher beside the light ones, then articles know their desk, or why not."""
    settings.enrichers = ["light", "desk"]
    goal = "<p>The striker scored two goals in the final match, and the team won the football league.</p>"
    with LocalDesk(settings, enrichment.build(settings)) as desk:
        desk.run({"url": "https://a.example/1", "html": goal * 3}, {"id": "2", "text": "Hm."})
        sport, none = desk.delivered()

    assert {"desk": "sport"} == sport["extra"]
    assert "skipped" == none["provenance"]["enrichers"]["desk"]["status"]


@pytest.mark.usefixtures("plugin")
def test_the_sink_of_the_plugin_delivers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the plugin's sink: a batch is posted, an away receiver waited for, a refused article buried."""
    settings.sinks = ["stream", "webhook"]
    with Receiver() as receiver:
        monkeypatch.setenv("NEWSROOM_WEBHOOK", receiver.url)
        with LocalDesk(settings, []) as desk:
            first = desk.run(raw(FERRY, "https://a.example/1"))
            receiver.status = 503
            second = desk.run(raw(TUNNEL, "https://a.example/2"))
            receiver.status = 200
            third = desk.retry()
            receiver.status = 422
            fourth = desk.run({"id": "4", "text": "The mayor of the lake town is a swimmer."})
            buried = letters(desk)

    assert (["new"], [LATER], ["new"], ["rejected"]) == (first, second, third, fourth)
    urls = [article["url"] for batch in receiver.posted for article in batch]
    assert ["https://a.example/1", "https://a.example/2"] == urls
    assert [Reason.SINK_ERROR] == [letter.reason for letter in buried]
