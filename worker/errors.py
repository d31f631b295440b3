"""Exceptions that cross module borders. Their text is written for the person who reads it."""

from worker.outcomes import Reason, Stage

VALUE_ERROR = "Value error, "
"""What pydantic puts before the words of a check of ours."""


class CopydeskError(Exception):
    """Something a person has to put right; the text says what, where, and what to do."""


class RejectedError(CopydeskError):
    """This input can never succeed: it becomes a dead letter and is not retried."""

    def __init__(self, reason: Reason, message: str, stage: Stage = Stage.READ) -> None:
        super().__init__(message)
        self.reason = reason
        self.stage = stage


class TransientError(CopydeskError):
    """A service is away or busy: the same work may succeed later."""


class NotFoundError(CopydeskError):
    """What was asked for is not there."""


class ConfigurationError(CopydeskError):
    """A setting, file or service is not as it must be."""


class BatchRefusedError(CopydeskError):
    """A sink refuses an article of this batch and cannot tell which: deliver them one by one."""
