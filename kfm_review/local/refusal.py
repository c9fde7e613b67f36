"""Why a stack does not start, or ended: one sentence for the person at the terminal, with what to do."""


class NotStarted(Exception):
    """The stack cannot run here."""


class Ended(Exception):
    """A part of the running stack has ended by itself."""
