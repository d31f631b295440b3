"""`python -m worker` is the `copydesk` command."""

import sys


def main() -> None:
    """Run the command; Ctrl-C while its modules are still being read ends it without a traceback."""
    try:
        from worker.cli import main as run  # noqa: PLC0415 - reading it takes half a second
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
