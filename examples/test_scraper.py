"""How a scraper is tested: what it makes of a feed goes through a whole desk, in this process.

`OwnSettings` reads neither the environment nor a `.env` file, so that no test ever writes to a real desk.
"""

from pathlib import Path

from scraper import articles

from worker.testing import LocalDesk, OwnSettings

FEED = b"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
  <item>
    <title>The ferry is back</title>
    <link>https://herald.example/7?utm_source=rss</link>
    <pubDate>Mon, 16 Nov 2026 09:12:00 GMT</pubDate>
    <content:encoded><![CDATA[<p>The ferry is back in the harbour after a night of storms.</p>.<p><strong>Also
      read: <a href="https://herald.example/6">The storm</a></strong></p>]]></content:encoded>
  </item>
  <item><title>Nothing but a title</title><link>https://herald.example/8</link></item>
</channel></rss>"""


def test_a_feed(tmp_path: Path) -> None:
    """Given a feed with an article and an empty item: one is delivered clean, the other is a dead letter."""
    with LocalDesk(OwnSettings(data_dir=tmp_path), enrichers=[]) as desk:
        first = desk.run(*articles(FEED, "herald.example"))
        again = desk.run(*articles(FEED, "herald.example"))
        [article] = desk.delivered()

    assert first == ["new", "rejected"]
    assert again == ["unchanged", "rejected"]
    assert article["text"] == "The ferry is back in the harbour after a night of storms."
    assert article["links"][0]["href"] == "https://herald.example/6"
