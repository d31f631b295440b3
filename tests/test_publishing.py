"""The examples of docs/publishing.md work as they stand there."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from worker.articles import RawArticle
from worker.broker import EmbeddedBroker
from worker.publisher import Publisher
from worker.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "publishing.md"
# A fenced block with its language: ```python … ```
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def blocks(language: str) -> list[str]:
    """The examples in one language."""
    found = [code for name, code in BLOCKS if name == language]
    assert found
    return found


@pytest.fixture
def raw(tmp_path: Path):
    """Runs a program against a server of its own; returns the article that it published."""
    with EmbeddedBroker(tmp_path) as broker, redis.Redis.from_url(broker.url) as client:

        def run(*command: str, code: str | None = None) -> RawArticle:
            environment = {**os.environ, "COPYDESK_REDIS_URL": broker.url}
            done = subprocess.run(
                command, input=code, env=environment, text=True, capture_output=True, check=False
            )
            assert 0 == done.returncode, done.stderr
            ((_, fields),) = client.xrange("copydesk:raw:live")
            return RawArticle.model_validate_json(fields[b"article"])

        yield run


@pytest.mark.parametrize("example", [0, 1])
def test_python(raw, example: int) -> None:
    """Given the Python examples, with our publisher and without; then each publishes an article."""
    article = raw(sys.executable, "-", code=blocks("python")[example])

    assert f"https://herald.example/{7 + example}" == article.url


def test_shell(raw) -> None:
    """Given redis-cli; then the first shell example publishes an article."""
    if not shutil.which("redis-cli"):
        pytest.skip("redis-cli is not installed")

    assert "https://herald.example/9" == raw("bash", "-c", blocks("bash")[0]).url


def test_shell_with_a_page(raw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given curl that brings a page; then the second shell example publishes all of it."""
    missing = [program for program in ("redis-cli", "jq") if not shutil.which(program)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    page = '<p>The "ferry"\nis back.</p>'
    curl = tmp_path / "curl"  # no network in tests
    curl.write_text(f"#!/bin/sh\nprintf '%s' '{page}'\n")
    curl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    article = raw("bash", "-c", blocks("bash")[1])

    assert ("https://herald.example/10", page) == (article.url, article.html)


def test_node(raw, tmp_path: Path) -> None:
    """Given Node with its package `redis` (NODE_PATH tells where); then the example publishes."""
    packages = os.environ.get("NODE_PATH", "")
    if not shutil.which("node") or not (Path(packages) / "redis").is_dir():
        pytest.skip("node, or its package redis in NODE_PATH, is not installed")
    (tmp_path / "node_modules").symlink_to(packages)
    program = tmp_path / "publish.mjs"
    program.write_text(blocks("js")[0])

    assert "https://herald.example/11" == raw("node", str(program)).url


def test_the_publisher_finds_the_desk_of_this_machine(tmp_path: Path) -> None:
    """Given no URL and a desk that runs in the data folder; then the publisher reaches it."""
    with EmbeddedBroker(tmp_path), Publisher(Settings(data_dir=tmp_path)) as publisher:
        publisher.publish({"text": "The ferry is back."})

        assert 1 == publisher.client.xlen("copydesk:raw:live")


def test_a_desk_whose_server_another_one_stopped_ends(tmp_path: Path) -> None:
    """Given a desk that joined the server of another process, which stops it; then it ends and says why."""
    with EmbeddedBroker(tmp_path), (tmp_path / "said").open("w+") as said:
        command = [sys.executable, "-m", "worker", "serve", "--data-dir", str(tmp_path), "--direct"]
        environment = {**os.environ, "COPYDESK_PROFILE": "light", "COPYDESK_CONCURRENCY": "1"}
        serving = subprocess.Popen(command, env=environment, stderr=said)
        while "Serving" not in (tmp_path / "said").read_text():
            assert serving.poll() is None
            time.sleep(0.1)

    assert 1 == serving.wait(60)
    assert "has stopped it. Start `copydesk serve` again." in (tmp_path / "said").read_text()


def test_serve_says_where_its_url_stands(tmp_path: Path) -> None:
    """Given `copydesk serve` with a server of its own, then the file that it names leads others there."""
    command = [sys.executable, "-m", "worker", "serve", "--data-dir", str(tmp_path)]
    environment = {**os.environ, "COPYDESK_PROFILE": "light", "COPYDESK_CONCURRENCY": "1"}
    with subprocess.Popen(
        [*command, "--direct"], env=environment, stderr=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stderr
        line = ""
        while not line.startswith("Redis URL with its password: jq -r .url "):
            line = serving.stderr.readline()
            assert line, "it ended without a word on its URL"
        url = json.loads(Path(line.split()[-1]).read_text(encoding="utf-8"))["url"]
        with redis.Redis.from_url(url) as client:
            client.xadd("copydesk:raw:live", {"article": '{"text": "The ferry is back."}'})
        serving.terminate()
        serving.communicate(timeout=60)

    assert 0 == serving.returncode
