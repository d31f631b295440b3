"""Every figure of enrichment, one part after the other.

python -m benchmarks.enrichment
"""

from importlib import import_module

from benchmarks.harness import installed, machine

PARTS = ("language", "entities", "quotes", "places", "topics", "keywords", "stories", "speed")


def main() -> None:
    """Print all figures; a part whose program is not here is left out."""
    print(machine())
    for part in PARTS:
        module = f"benchmarks.enrichment_{part}"
        if installed(module):
            import_module(module).main()


if __name__ == "__main__":
    main()
