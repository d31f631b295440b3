"""Stories of our own, and candidates made of them."""

from worker.dedup.base import Candidate
from worker.dedup.fingerprint import fingerprint

HARBOUR = (
    "The harbour authority of Kelmouth closed its northern basin on Tuesday after divers found "
    "cracks in the quay wall that had been repaired only last spring. Ships bound for the grain "
    "terminal were sent to the outer anchorage, and the ferry to the islands left from the fish "
    "dock instead. Engineer Marta Oyelaran said the cracks ran along the joints of the new "
    "concrete and that nobody could tell yet how deep they went. The city council meets on "
    "Thursday to decide who pays for another repair. A spokesman for the builder said the work "
    "had been inspected and approved at every step."
)
ORCHARD = (
    "Late frost destroyed about a third of the apple blossom in the Varn valley, growers said, "
    "the worst loss there since the cold spring eleven years ago. Fires burned between the rows "
    "for three nights, yet the wind carried the warmth away. The cooperative expects to press "
    "far less cider this autumn and has asked the province for bridging loans. Smaller farms, "
    "which carry no insurance, fear that they will have to sell land before the next harvest. "
    "The agriculture minister promised to visit the valley next week."
)


def candidate(
    name: str,
    text: str,
    *,
    holder: str | None = None,
    title: str | None = None,
    version_at: float = 0.0,
    outlet: str | None = None,
    url: str | None = None,
    known: bool = False,
) -> Candidate:
    """Return a candidate whose entry is named like its id, unless told otherwise."""
    return Candidate(
        id=name,
        holder=holder or f"live/{name}",
        fingerprint=fingerprint(text, title),
        version_at=version_at,
        outlet=outlet,
        url=url,
        known=known,
    )
