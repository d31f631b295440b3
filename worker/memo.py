"""Cleans and fingerprints a body once, however many copies of it come to this process.

Wires' customers publish a story word for word, markup and all, and scrapers fetch pages again that have not
changed. What cleaning and fingerprinting return depends on the raw article alone, so that a body that was
here a moment ago need not be parsed again: the result is the same, field by field.
"""

import re
from collections import OrderedDict
from dataclasses import replace
from typing import Unpack

import xxhash

from worker import cleaning
from worker.articles import RawArticle
from worker.cleaning.base import Cleaned
from worker.dedup.fingerprint import Fingerprint, fingerprint
from worker.settings import Bounds

KEPT = 256
"""Bodies that are remembered, the ones used last."""
LONGEST = 100_000
"""Characters of a body that is remembered: some 50 MB in all at the very most, 5 MB as news goes."""

# A link whose target depends on the page's own address: href="/news/2", src=logo.png
_RELATIVE = re.compile(r"(?:href|src)\s*+=\s*+[\"']?+\s*+(?!https?://)", re.IGNORECASE)

Reading = tuple[Cleaned, Fingerprint]


class Memo:
    """Remembers the last bodies of one process."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._readings: OrderedDict[tuple[object, ...], Reading] = OrderedDict()
        self._free: dict[tuple[bytes, str | None], bool] = {}

    def read(self, raw: RawArticle, **bounds: Unpack[Bounds]) -> Reading:
        """Return what cleaning makes of `raw` within `bounds`, and its fingerprint.

        Raises:
            RejectedError: see `worker.cleaning.clean`; that is not remembered.
        """
        body = raw.html or raw.text or ""
        if len(body) > LONGEST:
            return _read(raw, bounds)
        digest = xxhash.xxh3_128_digest(body.encode("utf-8", "surrogatepass"))
        free = self._is_free(raw, digest)
        address = None if free else (raw.url, raw.source)
        key = (digest, *sorted(bounds.items()), *_rest(raw), address)
        found = self._readings.get(key)
        if found is None:
            found = self._readings[key] = _read(raw, bounds)
            if len(self._readings) > self._kept:
                self._readings.popitem(last=False)
        else:
            self._readings.move_to_end(key)
        return (_at_address(found[0], raw), found[1]) if free else found

    def _is_free(self, raw: RawArticle, digest: bytes) -> bool:
        """Whether cleaning reads neither `url` nor `source` for anything but the fields of these names."""
        if raw.html is None:
            return True
        free = self._free.get((digest, raw.kind))
        if free is None:
            if len(self._free) >= 4 * self._kept:
                self._free.clear()
            fragment = (raw.kind or cleaning.kind_of(raw.html)) == "fragment"
            free = self._free[digest, raw.kind] = fragment and not _RELATIVE.search(raw.html)
        return free


def _read(raw: RawArticle, bounds: Bounds) -> Reading:
    cleaned = cleaning.clean(raw, **bounds)
    return cleaned, fingerprint(cleaned.text, cleaned.title, cleaned.language)


def _rest(raw: RawArticle) -> tuple[object, ...]:
    """Return all that cleaning reads besides the body, the address and the source."""
    return (
        bool(raw.html),
        raw.kind,
        raw.title,
        raw.language,
        raw.published_at,
        raw.modified_at,
        raw.section,
        tuple(raw.authors),
        tuple(raw.tags),
        tuple((image.url, image.caption, image.credit) for image in raw.images),
    )


def _at_address(cleaned: Cleaned, raw: RawArticle) -> Cleaned:
    """Return the same reading for another address and source."""
    sources = {name: how for name, how in cleaned.sources.items() if name not in ("url", "outlet")}
    if raw.url:
        sources["url"] = "raw"
    if raw.source:
        sources["outlet"] = "raw"
    return replace(cleaned, url=raw.url or None, outlet=raw.source or None, sources=sources)
