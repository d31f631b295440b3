"""IPTC ninjs 3.1, News in JSON (https://iptc.org/standards/ninjs/, schema ninjs-schema_3.1.json).

ninjs allows no fields of our own. What it has no place for (evidence, provenance, quotes, money, …)
stays in the article itself, which `altIds` names by its id.
"""

from typing import Any

from worker.articles import Article, Image, Mention, Subject
from worker.formats.common import filled, moment, uri_of, web_address

STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
MEDIA_TOPICS = "http://cv.iptc.org/newscodes/mediatopic/"
GEONAMES = "https://sws.geonames.org/"


def to_ninjs(article: Article) -> dict[str, Any]:
    """Return the article as a ninjs 3.1 object of the type `text`."""
    return filled(
        {
            "uri": uri_of(article.id),
            "type": "text",
            "representationType": "partial" if article.paywalled else "full",
            "profile": "copydesk",
            "version": str(article.revision),
            "firstCreated": moment(article.published_at),
            "versionCreated": moment(
                article.modified_at or article.published_at or article.processed_at
            ),
            "contentCreated": moment(article.published_at),
            "language": article.language.code if article.language else None,
            "headlines": [{"role": "main", "value": article.title}] if article.title else None,
            "descriptions": _descriptions(article),
            "bodies": _bodies(article),
            "by": ", ".join(article.authors),
            "located": article.dateline.place if article.dateline else None,
            "people": _named(article, "person"),
            "organisations": _named(article, "organisation"),
            "places": _places(article),
            "subjects": _topics(article),
            "infoSources": _sources(article),
            "renditions": _renditions(article),
            "associations": _associations(article),
            "altIds": [
                filled({"role": role, "value": value})
                for role, value in (("copydesk", article.id), ("source", article.source_id))
                if value
            ],
            "standard": STANDARD,
        }
    )


def _descriptions(article: Article) -> list[dict[str, Any]]:
    if not article.summary:
        return []
    return [{"role": "summary", "contentType": "text/plain", "value": article.summary}]


def _bodies(article: Article) -> list[dict[str, Any]]:
    size = {"charCount": len(article.text), "wordCount": article.word_count}
    bodies = [{"role": "main", "contentType": "text/plain", **size, "value": article.text}]
    if article.html:
        bodies.append({"role": "main", "contentType": "text/html", **size, "value": article.html})
    return bodies


def _named(article: Article, label: str) -> list[dict[str, Any]]:
    return [{"name": name, "rel": "mentions"} for name in names(article, label)]


def names(article: Article, label: str) -> list[str]:
    """Return the names of one kind in the article: joined entities, else the distinct mentions."""
    found: list[Subject] | list[Mention] = article.subjects or article.entities or []
    spoken = (
        entity.name if isinstance(entity, Subject) else entity.text
        for entity in found
        if entity.label == label
    )
    return list(dict.fromkeys(spoken))


def _places(article: Article) -> list[dict[str, Any]]:
    resolved = {
        place.geonames_id: {
            "name": place.name,
            "rel": "mentions",
            "uri": f"{GEONAMES}{place.geonames_id}/",
            "geoJSON": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        }
        for place in article.places or []
    }
    known = {name for place in article.places or [] for name in (place.name, place.text)}
    others = [place for place in _named(article, "place") if place["name"] not in known]
    return [*resolved.values(), *others]


def _topics(article: Article) -> list[dict[str, Any]]:
    return [
        {
            "name": topic.name,
            "rel": "about",
            "uri": MEDIA_TOPICS + topic.code.removeprefix("medtop:"),
            "literal": topic.code,
            "creator": "copydesk",
            "confidence": round(100 * min(1.0, max(0.0, topic.score))),
        }
        for topic in article.topics or []
    ]


def _sources(article: Article) -> list[dict[str, Any]]:
    name = article.outlet or article.source
    return [{"name": name, "role": "publisher"}] if name else []


def _renditions(article: Article) -> list[dict[str, Any]]:
    href = web_address(article.url)
    return [{"name": "web", "href": href, "contentType": "text/html"}] if href else []


def _associations(article: Article) -> list[dict[str, Any]]:
    pictures = [
        _picture(n, image)
        for n, image in enumerate(article.images, start=1)
        if web_address(image.url)
    ]
    if article.duplicate_of:
        canonical = uri_of(article.duplicate_of)
        name = "canonical"
        alt = [{"role": "copydesk", "value": article.duplicate_of}]
        pictures.append({"name": name, "rel": "copyOf", "uri": canonical, "altIds": alt})
    return pictures


def _picture(number: int, image: Image) -> dict[str, Any]:
    caption = [{"role": "caption", "value": image.caption}] if image.caption else None
    return filled(
        {
            "name": f"picture-{number}",
            "rel": "illustrates",
            "uri": image.url,
            "type": "picture",
            "descriptions": caption,
            "by": image.credit,
            "renditions": [{"name": "original", "href": image.url}],
        }
    )
