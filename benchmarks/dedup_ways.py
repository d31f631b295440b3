"""The other ways to find copies, each behind `seen(id, text) -> id of the copy's canonical or None`."""

import re
from collections.abc import Callable
from typing import Any

import xxhash

Seen = Callable[[str, str], str | None]
WORD = re.compile(r"\w+")


def shingles(text: str, size: int) -> list[str]:
    """Return the runs of `size` words."""
    words = WORD.findall(text.lower())
    return [" ".join(words[n : n + size]) for n in range(max(1, len(words) - size + 1))]


def datasketch_sign(text: str) -> Any:
    """Sign as datasketch's documentation does: 128 permutations, here of word-3-grams."""
    from datasketch import MinHash

    sketch = MinHash(num_perm=128, hashfunc=xxhash.xxh32_intdigest)
    sketch.update_batch([part.encode() for part in shingles(text, 3)])
    return sketch


def datasketch(storage: dict[str, Any] | None = None, threshold: float = 0.5) -> Seen:
    """MinHashLSH in memory, or in Redis with `storage`."""
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=128, storage_config=storage)

    def seen(id_: str, text: str) -> str | None:
        sketch = datasketch_sign(text)
        found = index.query(sketch)
        if found:
            return str(min(found))
        index.insert(id_, sketch)
        return None

    return seen


def rensa_sign(text: str) -> Any:
    """Sign with rensa's R-MinHash."""
    from rensa import RMinHash

    sketch = RMinHash(num_perm=128, seed=42)
    sketch.update(shingles(text, 3))
    return sketch


def rensa() -> Seen:
    """Rensa's LSH of 32 bands."""
    from rensa import RMinHashLSH

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    sketches: list[tuple[str, Any]] = []

    def seen(id_: str, text: str) -> str | None:
        sketch = rensa_sign(text)
        for place in index.query(sketch):
            if sketches[place][1].jaccard(sketch) >= 0.5:
                return sketches[place][0]
        index.insert(len(sketches), sketch)
        sketches.append((id_, sketch))
        return None

    return seen


def simhash_sign(text: str) -> int:
    """Return the 64 bits of Charikar's SimHash over word-3-grams."""
    import numpy as np

    hashes = np.array(
        [xxhash.xxh64_intdigest(part.encode()) for part in shingles(text, 3)], dtype=np.uint64
    )
    bits = np.unpackbits(hashes.view(np.uint8).reshape(-1, 8), axis=1)
    return int.from_bytes(np.packbits(2 * bits.sum(axis=0) > len(hashes)).tobytes())


def simhash(distance: int = 3) -> Seen:
    """SimHash with four tables of 16 bits, as Manku et al. (2007) look it up."""
    tables: list[dict[int, list[tuple[str, int]]]] = [{} for _ in range(distance + 1)]

    def seen(id_: str, text: str) -> str | None:
        sign = simhash_sign(text)
        keys = [sign >> (16 * part) & 0xFFFF for part in range(distance + 1)]
        for key, table in zip(keys, tables, strict=True):
            for other, its in table.get(key, ()):
                if (sign ^ its).bit_count() <= distance:
                    return other
        for key, table in zip(keys, tables, strict=True):
            table.setdefault(key, []).append((id_, sign))
        return None

    return seen
