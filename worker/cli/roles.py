"""`copydesk intake` and `copydesk worker`: the roles one by one, for many machines."""

from typing import Annotated

import typer

from worker.cli import options


def intake(
    redis: options.Redis = None,
    data_dir: options.DataDir = None,
    low_latency: options.LowLatency = None,
) -> None:
    """Run an intake, which reads the raw streams and hands batches of entry ids to workers."""
    import os
    import signal

    from worker.services import check_others

    settings = options.reachable(
        options.settings(redis_url=redis, data_dir=data_dir, low_latency=low_latency)
    )
    check_others(settings)
    os.environ.update(settings.environment())

    from worker.app import app
    from worker.dispatch import CeleryDispatch
    from worker.intake import Intake
    from worker.logs import set_up
    from worker.services import connect

    set_up(settings)
    client = connect(settings)
    running = Intake(settings, client, CeleryDispatch(app, client))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop())
    running.run()


@options.expanded
def worker(
    desk: options.Desk,
    arguments: Annotated[
        list[str] | None,
        typer.Argument(help="More options for `celery worker`, after --.", metavar="ARGUMENT"),
    ] = None,
    queues: Annotated[
        str | None,
        typer.Option(
            help="`process`, `enrich` or both, if enrichment is split. (COPYDESK_QUEUES)",
            metavar="NAMES",
        ),
    ] = None,
) -> None:
    """Run Celery workers for both lanes. `celery -A worker worker` works too."""
    import os

    from worker.services import check_others
    from worker.supervisor import worker_command

    settings = desk.settings(queues=queues)
    if settings.direct and arguments:
        raise typer.BadParameter("Options after -- are for Celery, which --direct does not use.")
    settings = options.reachable(settings)
    check_others(settings)
    if settings.direct:
        from worker.direct import DirectWorkers

        DirectWorkers(settings).run()
        return
    command = worker_command(settings, arguments)
    os.execve(command[0], command, {**os.environ, **settings.environment()})  # noqa: S606 - our own command
