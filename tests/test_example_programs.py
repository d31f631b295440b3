"""The programs of `examples/` run: the scraper, the consumer, and the plugin with its enricher and sink."""

import os
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest

from tests.articles import FERRY, TUNNEL, raw
from worker import enrichment
from worker.broker import EmbeddedBroker
from worker.deadletters import read_letters
from worker.outcomes import Reason
from worker.settings import Settings
from worker.sinks.store import Query
from worker.testing import LATER, LocalDesk, OwnSettings

EXAMPLES = Path(__file__).parents[1] / "examples"
ALL = Query(all_revisions=True)


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
            keys = desk.services.streams.keys
            buried = list(read_letters(desk.services.client, keys))

    assert (["new"], [LATER], ["new"], ["rejected"]) == (first, second, third, fourth)
    urls = [article["url"] for batch in receiver.posted for article in batch]
    assert ["https://a.example/1", "https://a.example/2"] == urls
    assert [Reason.SINK_ERROR] == [letter.reason for letter in buried]
