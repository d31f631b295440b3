"""What the documentation says exists."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.test_compose import check_command, check_environment
from worker import cli
from worker.articles import Article
from worker.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "examples" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# [text](docs/formats.md), ![picture](docs/way.svg); not an address with a scheme, not an anchor
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)(?:#[^)]*)?\)")
# [text](scaling.md#what-a-day-needs), [text](#dates)
ANCHOR = re.compile(r"\]\((?!\w+:)([^)#]*)#([^)]+)\)")
# A command in a line of a block or in backticks: copydesk export --format ninjs | head
COMMAND = re.compile(r"(?:^\$? ?|`|&& )copydesk ([a-z][^`\n|#]*)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere(page: Path) -> None:
    """Given a page; then every relative link leads to a file or folder of the project."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_anchors_are_headings(page: Path) -> None:
    """Given a page; then every link to a part of a page leads to a heading there."""
    for target, anchor in ANCHOR.findall(page.read_text(encoding="utf-8")):
        text = (page.parent / target if target else page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        assert anchor in {_anchor(heading) for heading in headings}, f"{target}#{anchor}"


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_settings_are_settings(page: Path) -> None:
    """Given a page; then every COPYDESK_ variable in it is a setting."""
    found = re.findall(r"\bCOPYDESK_[A-Z_]+\b", page.read_text(encoding="utf-8"))

    # Variables of the tests and benchmarks, which the program itself does not read.
    others = ("COPYDESK_TEST_", "COPYDESK_EVAL")
    check_environment([name for name in found if not name.startswith(others)])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_commands_are_commands(page: Path) -> None:
    """Given a page; then every command line in it names a command and options that exist."""
    text = page.read_text(encoding="utf-8")
    for line in COMMAND.findall(text):
        words = shlex.split(line.replace("…", ""), comments=True)
        check_command([word for word in words if word != "PATH"])


def test_the_readme_names_every_command() -> None:
    """Given the README; then no command of the program is left out."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:copydesk )?([a-z]+)\b", text))

    assert set() == {name for _, name, _, _ in cli.COMMANDS} - named


def test_the_map_of_the_code_names_every_module() -> None:
    """Given the package; then docs/architecture.md says what each of its modules and folders holds."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)(?:\.py|/)`", text))
    package = ROOT / "worker"
    modules = {path.stem for path in package.glob("*.py") if not path.stem.startswith("__")}
    folders = {path.parent.name for path in package.glob("*/__init__.py")}

    assert set() == (modules | folders) - named


def test_the_examples_of_extending_work(tmp_path: Path) -> None:
    """Given docs/extending.md; then its enrichers enrich, its sink can be built, and its test passes."""
    text = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"connect_to_the_engine": lambda: None}
    for code in blocks:
        exec(compile(code, "docs/extending.md", "exec"), names)
    article = Article(id="a", text="The ferry is back")
    names["SearchSink"](Settings(), None).ping()
    names["test_my_scraper"](tmp_path)

    assert [{"cloud": ["The", "back", "ferry", "is"]}] == names["WordCloud"](None).enrich([article])
    loud = Article(id="b", text="STOP it, SAYS mayor. NOW and HERE")
    assert [{"shouted": 0}, {"shouted": 3}] == names["Shouting"](None).enrich([article, loud])
