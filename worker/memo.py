"""Cleans and fingerprints a body once, however many copies of it come to this process.

Wires' customers publish a story word for word, markup and all, and scrapers fetch pages again that have not
changed. What cleaning returns depends on the raw article alone, and a fingerprint on the cleaned text, so
that a body that was here a moment ago need not be parsed again: the result is the same, field by field.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Unpack

import xxhash

from worker import cleaning
from worker.articles import RawArticle
from worker.cleaning.base import Cleaned
from worker.dedup.fingerprint import Fingerprint, fingerprints
from worker.settings import Bounds

KEPT = 256
"""Bodies that are remembered, the most recently used ones."""
LONGEST = 100_000
"""Characters of the longest body that is remembered: 50 MB in all at the most, 5 MB with usual news."""

# A link whose target depends on the page's own URL: href="/news/2", src=logo.png; also anything with a blank
# before the `=`. The pattern begins with the `=`, of which a body has few, to be quick.
_RELATIVE = re.compile(
    r"=(?:(?<=href=)|(?<=src=)|(?<=\s=))\s*+[\"']?+\s*+(?!https?://)", re.IGNORECASE
)


_values = attrgetter(*(field.name for field in fields(Cleaned)))


class Memo:
    """Remembers the last bodies and texts of one process."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._cleaned: OrderedDict[tuple[object, ...], Cleaned] = OrderedDict()
        self._signed: OrderedDict[tuple[str, str | None], Fingerprint] = OrderedDict()
        self._free: dict[tuple[bytes, str | None], bool] = {}

    def clean(self, raw: RawArticle, **bounds: Unpack[Bounds]) -> Cleaned:
        """Return the result of cleaning `raw` within `bounds`.

        Raises:
            RejectedError: see `worker.cleaning.clean`; a rejection is not remembered.
        """
        body = raw.html or raw.text or ""
        if len(body) > LONGEST:
            return cleaning.clean(raw, **bounds)
        digest = xxhash.xxh3_128_digest(body.encode("utf-8", "surrogatepass"))
        free = self._is_free(raw, digest)
        address = None if free else (raw.url, raw.source)
        key = (digest, *bounds.items(), *_rest(raw), address)
        found = self._cleaned.get(key)
        if found is None:
            found = self._cleaned[key] = cleaning.clean(raw, **bounds)
            if free:  # its address and outlet are those of `raw` already
                found.sources = _sources_at(found, raw)
            if len(self._cleaned) > self._kept:
                self._cleaned.popitem(last=False)
            return found
        self._cleaned.move_to_end(key)
        found.known.again = True
        return _at_address(found, raw) if free else found

    def sign(self, cleaned: Sequence[Cleaned]) -> list[tuple[Fingerprint, bool]]:
        """Return the fingerprints, and whether each text was here before.

        Texts that are not remembered are fingerprinted in one call.
        """
        keys = [(one.text, one.title) for one in cleaned]
        known = {key: self._signed[key] for key in keys if key in self._signed}
        seen = set(known)
        fresh = list({key: None for key in keys if key not in known})
        known |= zip(fresh, fingerprints(fresh), strict=True)
        for key, print_ in known.items():
            if len(key[0]) <= LONGEST:
                self._signed[key] = print_
                self._signed.move_to_end(key)
        while len(self._signed) > self._kept:
            self._signed.popitem(last=False)
        signed = []
        for key in keys:
            signed.append((known[key], key in seen))
            seen.add(key)
        return signed

    def _is_free(self, raw: RawArticle, digest: bytes) -> bool:
        """Whether `url` and `source` have no influence on cleaning except on the fields of these names."""
        if raw.html is None:
            return True
        free = self._free.get((digest, raw.kind))
        if free is None:
            if len(self._free) >= 4 * self._kept:
                self._free.clear()
            fragment = (raw.kind or cleaning.kind_of(raw.html)) == "fragment"
            free = self._free[digest, raw.kind] = fragment and not _RELATIVE.search(raw.html)
        return free


def _rest(raw: RawArticle) -> tuple[object, ...]:
    """Return everything that cleaning reads except the body, the URL and the source."""
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
    """Return the same result for another URL and source."""
    again = Cleaned(*_values(cleaned))
    again.url, again.outlet = raw.url or None, raw.source or None
    again.sources = _sources_at(cleaned, raw)
    return again


def _sources_at(cleaned: Cleaned, raw: RawArticle) -> dict[str, str]:
    sources = {name: how for name, how in cleaned.sources.items() if name not in ("url", "outlet")}
    if raw.url:
        sources["url"] = "raw"
    if raw.source:
        sources["outlet"] = "raw"
    return sources
