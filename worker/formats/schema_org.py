"""schema.org NewsArticle as JSON-LD (https://schema.org/NewsArticle)."""

from typing import Any

from worker.articles import Article, Image
from worker.formats.common import filled, moment, uri_of, web_address
from worker.formats.ninjs import GEONAMES, MEDIA_TOPICS, names


def to_json_ld(article: Article) -> dict[str, Any]:
    """Return the article as a JSON-LD object of the type NewsArticle."""
    address = web_address(article.url)
    return {"@context": "https://schema.org", "@type": "NewsArticle"} | filled(
        {
            "@id": uri_of(article.id),
            "identifier": article.id,
            "version": article.revision,
            "url": address,
            "headline": article.title,
            "abstract": article.summary,
            "articleBody": article.text,
            "articleSection": article.section,
            "wordCount": article.word_count,
            "timeRequired": f"PT{article.reading_seconds}S" if article.reading_seconds else None,
            "inLanguage": article.language.code if article.language else None,
            "datePublished": moment(article.published_at),
            "dateModified": moment(article.modified_at),
            "dateline": article.dateline.text if article.dateline else None,
            "author": [{"@type": "Person", "name": name} for name in article.authors],
            "publisher": _publisher(article),
            "image": [_image(image) for image in article.images if web_address(image.url)],
            "keywords": [keyword.text for keyword in article.keywords or []] or article.tags,
            "about": _topics(article),
            "mentions": _mentions(article),
            "isAccessibleForFree": False if article.paywalled else None,
            "isBasedOn": uri_of(article.duplicate_of) if article.duplicate_of else None,
        }
    )


def _publisher(article: Article) -> dict[str, Any] | None:
    name = article.outlet or article.source
    return {"@type": "Organization", "name": name} if name else None


def _image(image: Image) -> dict[str, Any]:
    fields = {"url": image.url, "caption": image.caption, "creditText": image.credit}
    return {"@type": "ImageObject"} | filled(fields)


def _topics(article: Article) -> list[dict[str, Any]]:
    return [
        {
            "@type": "DefinedTerm",
            "@id": MEDIA_TOPICS + topic.code.removeprefix("medtop:"),
            "name": topic.name,
            "termCode": topic.code,
            "inDefinedTermSet": "http://cv.iptc.org/newscodes/mediatopic/",
        }
        for topic in article.topics or []
    ]


def _mentions(article: Article) -> list[dict[str, Any]]:
    kinds = {"person": "Person", "organisation": "Organization"}
    mentions = [
        {"@type": kind, "name": name}
        for label, kind in kinds.items()
        for name in names(article, label)
    ]
    resolved = {
        place.geonames_id: {
            "@type": "Place",
            "name": place.name,
            "sameAs": f"{GEONAMES}{place.geonames_id}/",
            "geo": {
                "@type": "GeoCoordinates",
                "latitude": place.latitude,
                "longitude": place.longitude,
                "addressCountry": place.country_code,
            },
        }
        for place in article.places or []
    }
    known = {name for place in article.places or [] for name in (place.name, place.text)}
    others = [
        {"@type": "Place", "name": name} for name in names(article, "place") if name not in known
    ]
    return [*mentions, *resolved.values(), *others]
