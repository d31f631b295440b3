"""Identity of an article: the same article is known again when it is scraped again.

The id is a hash of the canonical URL, else of source and the producer's own id, else of source and
content. It is deterministic, so that a replay gives the same ids.
"""

import base64
import hashlib
import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import xxhash

from worker.articles import RawArticle
from worker.cleaning.base import Cleaned

# Parameters that say how a reader came, not what is shown: utm_source=…, fbclid=…, at_medium=…
_TRACKING = re.compile(
    r"(?:utm_.*|at_(?:medium|campaign|custom\d*|link.*|format|bbc_team)|mc_[ce]id|_hs(?:enc|mi)|"
    r"fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|li_fat_id|"
    r"ocid|cmpid|cmp|ncid|smid|smtyp|sref|taid|xtor|wt_mc|wt\.mc_id|ito|ns_(?:mchannel|source|campaign|linkname|fee)|"
    r"ref_?src|ref_url|spm|share_id|_ga|_gl|oly_(?:anon|enc)_id|vero_id|mkt_tok|amp_?|outputtype)",
    re.IGNORECASE,
)
# What most addresses are, without parameters, and nothing in them is to be read in another way:
# https://www.example.com/news/storm. What stands behind the host has no "?" and no "#".
_PLAIN = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)*)((?:/[!\"$->@-~]*)?)")
_PORTS = {"http": 80, "https": 443}
# Hosts that show the same page for another screen: m.example.com, amp.example.com, www.example.com
_VARIANT_HOST = re.compile(r"(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.]+)")
# The AMP page of an article: /storm/amp, /amp/storm, /storm.amp, /storm.amp.html
_AMP_END = re.compile(r"(?:/amp|\.amp)(?=/?$|\.html?$)")
_AMP_START = re.compile(r"^/amp(?=/.)")


def canonical_url(url: str) -> str | None:
    """Return the form of `url` that all addresses of one page share; None: it is no web address.

    >>> canonical_url("HTTPS://WWW.Example.com:443/News/storm/?utm_source=x&id=7#top")
    'https://example.com/News/storm?id=7'
    >>> canonical_url("http://m.example.com/amp/news/storm")
    'https://example.com/news/storm'
    >>> canonical_url("https://example.com/?p=2&lang=en") == canonical_url("https://example.com/?lang=en&p=2")
    True
    >>> canonical_url("mailto:desk@example.com") is None
    True
    """
    plain = _PLAIN.fullmatch(url)
    if plain:
        return f"https://{_usual_host(plain[1])}{_usual_path(plain[2])}"
    try:
        parts = urlsplit(url.strip())
        port = parts.port if ":" in parts.netloc else None
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host:
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    host = _usual_host(host)
    if port is not None and port != _PORTS[parts.scheme]:
        host = f"{host}:{port}"
    query = ""
    if parts.query:
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        # The order of parameters says nothing.
        query = urlencode(sorted(pair for pair in pairs if not _TRACKING.fullmatch(pair[0])))
    # http and https show the same page.
    return urlunsplit(("https", host, _usual_path(parts.path), query, ""))


def _usual_host(host: str) -> str:
    return _VARIANT_HOST.sub("", host, count=1) if _VARIANT_HOST.match(host) else host


def _usual_path(path: str) -> str:
    if "//" in path:
        path = re.sub(r"/{2,}", "/", path)
    if "amp" in path:
        path = _AMP_START.sub("", _AMP_END.sub("", path))
    path = path.rstrip("/")
    return path if path[:1] in ("", "/") else f"/{path}"  # "/amp.html"


def identify(raw: RawArticle, cleaned: Cleaned) -> str:
    """Return the article's id: 20 characters of base32 (100 bits), safe in URLs and shells."""
    url = cleaned.url or raw.url
    known = id_of_url(url) if url else None
    if known:
        return known
    source = raw.source or cleaned.outlet or ""
    if raw.id:
        return _id("producer", source, raw.id)
    content = xxhash.xxh3_128_hexdigest(
        " ".join(f"{cleaned.title or ''}\n{cleaned.text}".casefold().split()).encode(
            "utf-8", "replace"
        )
    )
    return _id("content", source, content)


def id_of_url(url: str) -> str | None:
    """Return the id of the article at `url`, however it is written; None: it is no web address.

    >>> id_of_url("https://example.com/a") == id_of_url("http://www.example.com/a/?utm_source=x")
    True
    """
    canonical = canonical_url(url)
    return _id("url", canonical) if canonical else None


def _id(*parts: str) -> str:
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=13).digest()
    return base64.b32encode(digest).decode("ascii").lower()[:20]
