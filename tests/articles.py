"""Made-up articles for the tests, in the shape that scrapers hand over."""

from typing import Any

FERRY = (
    "<p>The ferry across Lake Ansel will sail again from Friday, the harbour office in Brunnby said. "
    "It had been out of service since a crack was found in its hull in March.</p>."
    '<p>"We would not have let her sail a day before she was safe," harbour master Ida Lund told reporters '
    "on the quay.</p>."
    '<p><strong>Also read: <a href="https://lake.example/crack" target="_blank">How the crack was found'
    "</a></strong></p>."
    "<p>The repair cost 1.3 million euros -- twice what the county had set aside. Tickets stay at four "
    "euros, and cyclists travel free until the end of August.</p>"
)

TUNNEL = (
    "<p>Engineers have finished drilling the second tube of the Greyhorn tunnel, four months early, the "
    "railway company announced on Tuesday.</p>."
    "<p>Trains are to run through it from December next year. Until then both directions share the old "
    "tube, which was opened in 1931.</p>."
    "<p>The drill, 140 metres long, is to be taken apart and sold.</p>"
)


def raw(html: str, url: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a raw article."""
    return {"html": html, **({"url": url} if url else {}), **fields}
