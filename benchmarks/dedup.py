"""Deduplication beside datasketch (memory and Redis), rensa and SimHash.

`python -m benchmarks.dedup [DOCUMENTS] [STREAM.jsonl[.gz]]`. DOCUMENTS is how many the index is filled
with before it is measured (100,000 unless given). STREAM holds rows `{id, title, text, cluster_id}` in the
order of their coming; with it the quality of each way is measured too.
"""

import sys

from benchmarks import dedup_index, dedup_quality, dedup_signing, harness


def main() -> None:
    """Print everything."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(harness.machine())
    dedup_signing.measure().print()
    for report in dedup_index.measure(documents):
        report.print()
    if len(sys.argv) > 2:
        dedup_quality.measure(sys.argv[2]).print()


if __name__ == "__main__":
    main()
