"""A scraper: the items of an RSS feed, published to the desk that runs here or at COPYDESK_REDIS_URL.

    python examples/scraper.py https://herald.example/rss

Run it every minute if you like: what the desk knows already ends as `unchanged`.
"""

import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from worker.publisher import Publisher

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
AUTHOR = "{http://purl.org/dc/elements/1.1/}creator"


def articles(feed: bytes, source: str) -> Iterator[dict[str, Any]]:
    """Yield the items of an RSS feed as raw articles. What a feed leaves out is left out here as well."""
    for item in ET.fromstring(feed).iter("item"):
        yield {
            "url": item.findtext("link"),
            "source": source,
            "title": item.findtext("title"),
            "html": item.findtext(CONTENT) or item.findtext("description"),
            "authors": [author.text for author in item.findall(AUTHOR)],
            "published_at": item.findtext("pubDate"),
            "tags": [category.text for category in item.findall("category")],
        }


def main(address: str) -> None:
    """Fetch one feed and publish what is in it."""
    with urllib.request.urlopen(address, timeout=30) as answer:
        feed = answer.read()
    source = urllib.parse.urlsplit(address).hostname or address
    with Publisher() as publisher:
        published = max(publisher.publish_many(articles(feed, source)), default=0)
    print(f"Published from {source}: {published}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the address of one feed: python scraper.py https://herald.example/rss")
    main(sys.argv[1])
