"""Exceptions that cross module boundaries. Their text is written for the person who reads it."""

from pydantic import ValidationError

from worker.outcomes import Reason, Stage

VALUE_ERROR = "Value error, "
"""What pydantic puts before the message of our own checks."""


class CopydeskError(Exception):
    """Something that a person has to fix; the text says what, where, and what to do."""


class RejectedError(CopydeskError):
    """This input can never succeed: it becomes a dead letter and is not retried."""

    def __init__(self, reason: Reason, message: str, stage: Stage = Stage.READ) -> None:
        super().__init__(message)
        self.reason = reason
        self.stage = stage


class TransientError(CopydeskError):
    """A service is away or busy: the same work may succeed later."""


class NotFoundError(CopydeskError):
    """What was asked for does not exist."""


class ConfigurationError(CopydeskError):
    """A setting, file or service is wrong or missing."""


class BatchRefusedError(CopydeskError):
    """A sink refuses an article of this batch and cannot tell which: deliver them one by one."""


def first_problem(error: ValidationError) -> str:
    """Return where the first thing is that pydantic finds wrong, and what."""
    problem = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg'].removeprefix(VALUE_ERROR)}"
