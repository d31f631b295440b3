"""`copydesk serve`."""

import typer

from worker.cli import options


@options.expanded
def serve(desk: options.Desk) -> None:
    """Run everything on this machine until stopped: broker, intake and workers."""
    import shlex
    import signal
    import threading

    from worker.addresses import hide_password
    from worker.broker import state_file
    from worker.errors import CopydeskError
    from worker.ingest import running
    from worker.lanes import Keys, Lane
    from worker.logs import set_up

    settings = desk.settings()
    set_up(settings)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with running(settings) as (live, supervisor):
        keys = Keys(live.namespace)
        typer.echo(
            f"Serving {keys.raw(Lane.LIVE)} on {hide_password(live.redis_url or '')}", err=True
        )
        typer.echo(f"Store: {live.shown_store()}", err=True)
        if not settings.redis_url:
            file = shlex.quote(str(state_file(live.data_dir)))
            typer.echo(f"Redis URL with its password: jq -r .url {file}", err=True)
        typer.echo("Publish with `copydesk publish PATH…`; stop with Ctrl-C.", err=True)
        while not stopping.wait(1.0):
            supervisor.check()
            if not settings.redis_url and not state_file(live.data_dir).exists():
                raise CopydeskError(
                    f"The command that had started the embedded server in {live.data_dir} has stopped it. "
                    "Start `copydesk serve` again."
                )
        typer.echo("Stopping, once the running batches are finished.", err=True)
