"""Stories on a labelled stream of invented news: `python -m benchmarks.enrichment_stories`.

`benchmarks/story_stream.py` tells how the stream is built. BCubed precision, recall and F1 (Bagga &
Baldwin 1998), beside grouping by the exact set of the headline's names, and by nothing.
"""

import re
import time
from collections import defaultdict

from benchmarks.harness import folder, machine
from benchmarks.story_stream import Labelled, stream
from worker.broker import EmbeddedBroker
from worker.enrichment.stories import Stories
from worker.services import connect
from worker.settings import Settings

BATCH = 64


def bcubed(gold: list[str], found: list[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1: each article's share of neighbours that are right."""
    events, stories = defaultdict(set), defaultdict(set)
    for place, (event, story) in enumerate(zip(gold, found, strict=True)):
        events[event].add(place)
        stories[story].add(place)
    precision = recall = 0.0
    for event, story in zip(gold, found, strict=True):
        shared = len(events[event] & stories[story])
        precision += shared / len(stories[story]) / len(gold)
        recall += shared / len(events[event]) / len(gold)
    return precision, recall, 2 * precision * recall / (precision + recall)


def by_names(labelled: list[Labelled]) -> list[str]:
    """Return the capitalised words of each headline but the first, as its story."""
    titles = [item.article.title or "" for item in labelled]
    return [" ".join(sorted(re.findall(r"(?<!^)\b[A-Z]\w+", title))) for title in titles]


def main() -> None:
    """Print the figures for three streams."""
    print(machine())
    with folder() as place, EmbeddedBroker(place) as broker:
        client = connect(Settings(redis_url=broker.url))
        for seed in (11, 12, 13):
            labelled = stream(events=400, days=10, seed=seed)
            gold = [item.event for item in labelled]
            stories = Stories(client, Settings(namespace=f"benchmark-{seed}"))
            started = time.perf_counter()
            found: list[str] = []
            for at in range(0, len(labelled), BATCH):
                found += stories.assign([item.article for item in labelled[at : at + BATCH]])
            rate = len(labelled) / (time.perf_counter() - started)
            print(f"\nstream {seed}: {len(labelled)} articles of {len(set(gold))} events")
            ways = {
                "Copydesk": found,
                "names of headline": by_names(labelled),
                "each alone": [item.article.id for item in labelled],
            }
            for way, stories_found in ways.items():
                precision, recall, f1 = bcubed(gold, stories_found)
                print(f"  {way:18} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}")
            print(f"  {rate:,.0f} articles/s")


if __name__ == "__main__":
    main()
