"""The files that run a desk elsewhere name only commands, settings and paths that exist."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from worker import cli
from worker.lanes import GROUP, Keys, Lane
from worker.settings import Settings

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
KUBERNETES = [
    document
    for path in sorted((ROOT / "deploy" / "kubernetes").glob("*.yml"))
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
PODS = {
    document["metadata"]["name"]: document["spec"]["template"]["spec"]
    for document in KUBERNETES
    if document["kind"] == "Deployment"
}
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
# ${REDIS_PASSWORD:?must be set}, ${REDIS_PORT:-6379}; a doubled $ is a plain one: $${REDIS_MAXMEMORY}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:?[-?])?([^}]*)\}")
# Duration as Compose writes it: 45s
SECONDS = re.compile(r"(\d+)s")


def check_command(arguments: list[str]) -> None:
    """Fail unless `copydesk` has the command and its options."""
    if not cli.app.registered_commands:
        cli._register()
    command = typer.main.get_command(cli.app)
    found = command.commands[arguments[0]]  # type: ignore[attr-defined]
    if len(arguments) > 1 and arguments[1] in getattr(found, "commands", {}):  # a group
        found = found.commands[arguments[1]]
    options = {name for parameter in found.params for name in parameter.opts}
    assert set() == {word for word in arguments[1:] if word.startswith("-")} - options


def check_environment(names: list[str]) -> None:
    """Fail unless each COPYDESK_ variable is a setting."""
    settings = {f"COPYDESK_{name.upper()}" for name in Settings.model_fields}
    assert set() == {name for name in names if name.startswith("COPYDESK_")} - settings


@pytest.mark.parametrize("name", OURS)
def test_a_service_runs_a_command_that_exists(name: str) -> None:
    """Given a service of our image; then its command, health check and settings exist."""
    service = OURS[name]

    check_command(service["command"])
    kind, program, *arguments = service["healthcheck"]["test"]
    assert ("CMD", "copydesk") == (kind, program)
    check_command(arguments)
    check_environment(list(service["environment"]))


def test_the_services_are_those_that_the_manual_names() -> None:
    """Given the file; then Redis 8, PostgreSQL 17, an intake and workers that can be scaled."""
    assert {"redis", "postgres", "intake", "worker", "metrics"} == set(SERVICES)
    assert ("redis:8", "postgres:17") == (SERVICES["redis"]["image"], SERVICES["postgres"]["image"])
    assert "container_name" not in SERVICES["worker"]  # a fixed name cannot be scaled
    assert "ports" not in SERVICES["worker"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_locked_down_and_watched(name: str) -> None:
    """Given a service.

    Then it is not root, its root file system is read-only, and it is checked.
    """
    service = SERVICES[name]

    assert service["user"].partition(":")[0] not in ("", "0", "root")
    assert service["read_only"]
    assert ["ALL"] == service["cap_drop"]
    assert service["healthcheck"]["test"]
    assert "unless-stopped" == service["restart"]
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")


def test_secrets_have_no_default() -> None:
    """Given every variable in the file.

    Then a password must be set, and only others have defaults.
    """
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    found = {name: (kind, default) for name, kind, default in VARIABLE.findall(text)}

    assert {"REDIS_PASSWORD", "POSTGRES_PASSWORD"} == {n for n in found if n.endswith("PASSWORD")}
    for name, (kind, default) in found.items():
        assert (":?" if name.endswith("PASSWORD") else ":-") == kind
        assert default
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    values = dict(re.findall(r"^(\w+)=(.*)$", example, re.MULTILINE))
    assert {"REDIS_PASSWORD": "", "POSTGRES_PASSWORD": ""}.items() <= values.items()
    assert set() == set(values) - set(found)


def test_redis_keeps_what_it_is_given() -> None:
    """Given Redis; then it writes its log, evicts nothing, wants a password and has a volume."""
    command = " ".join(SERVICES["redis"]["command"])

    for words in ("--appendonly yes", "--maxmemory-policy noeviction", "requirepass"):
        assert words in command
    for name in ("redis", "postgres"):
        volume = SERVICES[name]["volumes"][0].partition(":")[0]
        assert volume in COMPOSE["volumes"]


def test_a_worker_has_time_to_finish() -> None:
    """Given a stop.

    Then Celery gets the signal for a soft shutdown, and more time than it needs.
    """
    worker = SERVICES["worker"]
    grace = float(worker["environment"]["COPYDESK_GRACE"])
    stop = SECONDS.fullmatch(worker["stop_grace_period"])

    assert "SIGQUIT" == worker["environment"]["REMAP_SIGTERM"]
    assert stop is not None
    assert grace < float(stop[1])


def test_the_image_is_built_of_what_is_there() -> None:
    """Given the Dockerfile.

    Then what it copies exists and is in its context, and it ends unprivileged.
    """
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    context = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]

    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in context
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert OURS["worker"]["user"] == users[-1]
    (entrypoint,) = [json.loads(line[11:]) for line in lines if line.startswith("ENTRYPOINT ")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(entrypoint) <= set(project["scripts"])
    check_environment(re.findall(r"COPYDESK_\w+", "\n".join(lines)))


def test_the_image_runs_a_python_that_we_support() -> None:
    """Given the Dockerfile; then its Python is one that the project allows."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    versions = set(re.findall(r"^FROM python:3\.(\d+)-slim", text, re.MULTILINE))

    assert 1 == len(versions)
    assert int(versions.pop()) >= 11


@pytest.mark.parametrize("name", PODS)
def test_a_pod_runs_a_command_that_exists(name: str) -> None:
    """Given a deployment; then its command, probe and settings exist, and it is locked down."""
    (container,) = PODS[name]["containers"]

    check_command(container["args"])
    environment = {variable["name"]: variable["value"] for variable in container.get("env", [])}
    check_environment(list(environment))
    assert PODS[name]["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    if "livenessProbe" in container:
        check_command(container["livenessProbe"]["exec"]["command"][1:])
    if "COPYDESK_GRACE" in environment:
        grace = float(environment["COPYDESK_GRACE"])
        assert grace < PODS[name]["terminationGracePeriodSeconds"]


def test_keda_watches_the_streams_there_are() -> None:
    """Given the scaler; then it names our streams, our consumer group and our deployment."""
    (scaler,) = [document for document in KUBERNETES if document["kind"] == "ScaledObject"]
    triggers = [trigger["metadata"] for trigger in scaler["spec"]["triggers"]]

    assert scaler["spec"]["scaleTargetRef"]["name"] in PODS
    assert [Keys("copydesk").raw(lane) for lane in Lane] == [t["stream"] for t in triggers]
    assert {GROUP} == {trigger["consumerGroup"] for trigger in triggers}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_a_command_that_exists(path: Path) -> None:
    """Given a systemd unit; then its command and settings exist, and a stop has time enough."""
    text = path.read_text(encoding="utf-8")
    (started,) = re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE)

    program, *arguments = shlex.split(started)
    assert program.endswith("/copydesk")
    check_command(arguments)
    check_environment(re.findall(r"\b(COPYDESK_[A-Z_]+)=", text))
    for grace in re.findall(r"COPYDESK_GRACE=(\d+)", text):
        (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
        assert int(grace) < int(stop)


def compose_program() -> list[str]:
    """Return the words that run Compose here; skip where there is none."""
    if shutil.which("docker"):
        found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if found.returncode == 0:
            return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("neither docker compose nor docker-compose is installed")


def config(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Let Compose itself read the file."""
    file = str(ROOT / "docker-compose.yml")
    nothing = folder / "env"  # a developer's own .env must not decide what the test sees
    nothing.touch()
    command = [*compose_program(), "--env-file", str(nothing), "--file", file, "config"]
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    return subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, check=False
    )


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    """Given both passwords; then Compose reads the file and puts them in."""
    done = config(tmp_path, REDIS_PASSWORD="r3dis", POSTGRES_PASSWORD="p0stgres")

    assert 0 == done.returncode, done.stderr
    worker = yaml.safe_load(done.stdout)["services"]["worker"]
    assert "redis://:r3dis@redis:6379/0" == worker["environment"]["COPYDESK_REDIS_URL"]


def test_compose_refuses_to_run_without_passwords(tmp_path: Path) -> None:
    """Given no password; then Compose stops and says where to look."""
    done = config(tmp_path, POSTGRES_PASSWORD="p0stgres")

    assert 0 != done.returncode
    assert "must be set, see the top of docker-compose.yml" in done.stderr
