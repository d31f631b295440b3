"""Addresses of Redis, also of one that Sentinel watches."""

import pytest
from pydantic import ValidationError
from redis.sentinel import MasterNotFoundError

from worker.addresses import Watched, client_at
from worker.app import build_app
from worker.settings import Settings


def test_an_address_names_sentinels_service_database_and_logins() -> None:
    """Given everything that an address may say, then it is read, percent signs too."""
    watched = Watched.parse(
        "redis+sentinel://desk:p%40ss@one,two:26380,[::1]:5/news%2Fwire/3"
        "?sentinel_user=eye&sentinel_password=s%26t"
    )

    assert (("one", 26379), ("two", 26380), ("::1", 5)) == watched.sentinels
    assert ("news/wire", 3) == (watched.name, watched.db)
    assert {"username": "desk", "password": "p@ss"} == watched.login
    assert {"username": "eye", "password": "s&t"} == watched.sentinel_login


def test_celery_is_told_the_same() -> None:
    """Given such an address for the streams, then Celery's queues follow the same master."""
    url = "redis+sentinel://:p%40ss@one,[::1]:5/news/3?sentinel_password=eye"
    app = build_app(Settings(redis_url=url))

    assert "sentinel://:p%40ss@one:26379/3;sentinel://:p%40ss@[::1]:5/3" == app.conf.broker_url
    options = app.conf.broker_transport_options
    assert "news" == options["master_name"]
    assert "eye" == options["sentinel_kwargs"]["password"]
    assert app.conf.worker_disable_prefetch, "a batch that waits could run elsewhere"


def test_a_broker_of_its_own_is_left_alone() -> None:
    """Given RabbitMQ for the queues, then the sentinels are for the streams alone."""
    app = build_app(Settings(redis_url="redis+sentinel://one/news", broker_url="amqp://rabbit"))

    assert "amqp://rabbit" == app.conf.broker_url
    assert not app.conf.broker_transport_options.keys() & {"master_name", "sentinel_kwargs"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis+sentinel://one", "it has the form"),
        ("redis+sentinel:///news", "it has the form"),
        ("redis+sentinel://one/news/two", "it has the form"),
        ("redis+sentinel://one/news?pasword=x", "it has the form"),
        ("redis+sentinel://one:port/news", "'one:port' is not HOST or HOST:PORT"),
    ],
)
@pytest.mark.parametrize("name", ["redis_url", "index_url"])
def test_another_form_is_refused_with_the_right_one(name: str, url: str, reason: str) -> None:
    """Given an address that cannot be read, then the setting says which form is wanted."""
    with pytest.raises(ValidationError, match=reason):
        Settings(**{name: url})  # type: ignore[arg-type]


def test_sentinels_that_do_not_answer_are_named_without_passwords() -> None:
    """Given nobody at the address, then the error is one line that names whom it asked."""
    client = client_at("redis+sentinel://:secret@127.0.0.1:1,127.0.0.1:2/news")

    asked = "no sentinel of 127.0.0.1:1, 127.0.0.1:2 answers and knows a master 'news'"
    with pytest.raises(MasterNotFoundError, match=f"^{asked}$"):
        client.ping()
