"""`copydesk metrics`."""

from typing import Annotated

import typer

from worker.cli import options


def metrics(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Serve at /metrics on this port; 0: any free port."),
    ] = None,
    bind: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
) -> None:
    """Print metrics for Prometheus, or serve them. One exporter per installation is enough."""
    import signal
    import threading

    from prometheus_client import generate_latest, start_http_server

    from worker.dedup.connect import index_of
    from worker.errors import ConfigurationError
    from worker.exporter import registry

    settings = options.settings(redis_url=redis, data_dir=data_dir)
    with options.connected(settings) as client:
        desk = registry(client, settings.namespace, index_of(settings, client))
        if port is None:
            typer.echo(generate_latest(desk).decode(), nl=False)
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        try:
            server, _ = start_http_server(port, bind, desk)
        except OSError as error:
            message = (
                f"Cannot serve on {bind}:{port}: {error.strerror}. Choose another --port or --bind."
            )
            raise ConfigurationError(message) from error
        where = f"[{bind}]" if ":" in bind else bind
        typer.echo(f"Serving http://{where}:{server.server_port}/metrics", err=True)
        stopping.wait()
        server.shutdown()
