"""Coverage-guided fuzzing: `python tests/cleaning/fuzz.py [-max_total_time=SECONDS]`, needs atheris."""

import sys

import atheris

with atheris.instrument_imports(include=["worker.cleaning"]):
    from worker.articles import RawArticle
    from worker.cleaning import clean
    from worker.errors import RejectedError


def one(data: bytes) -> None:
    """Clean one input; only a rejection may be raised."""
    provider = atheris.FuzzedDataProvider(data)
    kind = provider.PickValueInList(["fragment", "page", None])
    html = provider.ConsumeUnicode(100_000)
    try:
        cleaned = clean(RawArticle(html=html, kind=kind, url="https://news.example/a"))
    except RejectedError:
        return
    cleaned.text.encode()
    if not cleaned.text.strip():
        raise AssertionError("an article came out empty instead of rejected")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
