"""The reasons why something is refused, each with its cause and what to do next."""


class Refused(Exception):
    """Tell the person who tried what happened, why, and what to do next."""

    status = 400

    def __init__(self, message: str, *, cause: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.next_step = next_step

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.cause, self.next_step) if part)


class Invalid(Refused):
    """What was sent cannot be taken as it is."""

    status = 422


class NotAllowed(Refused):
    """This person may not do it."""

    status = 403


class Missing(Refused):
    """There is nothing of that name."""

    status = 404


class NotPossible(Refused):
    """Nobody can do it as things stand."""

    status = 409


class Changed(Refused):
    """What the person saw is no longer what stands."""

    status = 409


class TooBig(Refused):
    """More was sent than is ever read."""

    status = 413


class TooMany(Refused):
    """It was tried too often; it may be tried again after a while."""

    status = 429

    def __init__(self, message: str, *, wait_s: int, cause: str = "", next_step: str = "") -> None:
        super().__init__(message, cause=cause, next_step=next_step)
        self.wait_s = wait_s


class OwnerRefused(Exception):
    """A process of the application was given the database's owner, before whom no invariant holds."""
