"""The closed sets of the pipeline: outcomes, stages, reasons for a dead letter."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an article ended. Each published article has exactly one, counted once."""

    NEW = "new"
    UPDATE = "update"
    DUPLICATE = "duplicate"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    FAILED = "failed"

    @property
    def delivered(self) -> bool:
        """Whether an article of this outcome goes to the sinks as a full revision."""
        return self in (Outcome.NEW, Outcome.UPDATE)

    @property
    def dead(self) -> bool:
        """Whether an article of this outcome becomes a dead letter."""
        return self in (Outcome.REJECTED, Outcome.FAILED)


class Stage(StrEnum):
    """How far an article has come."""

    READ = "read"
    CLEAN = "clean"
    DEDUPLICATE = "deduplicate"
    ENRICH = "enrich"
    DELIVER = "deliver"


class Reason(StrEnum):
    """Why an article became a dead letter."""

    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    INVALID_FIELD = "invalid_field"
    NO_CONTENT = "no_content"
    NO_TEXT = "no_text"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    BINARY = "binary"
    TIMEOUT = "timeout"
    WORKER_DIED = "worker_died"
    STAGE_ERROR = "stage_error"
    SINK_ERROR = "sink_error"
