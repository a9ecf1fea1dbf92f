"""The two ways a command ends badly, with the exit code of each."""


class UsageError(Exception):
    """The request cannot be carried out as it stands: exit code 2."""
    code = 2


class Failed(Exception):
    """It was tried and did not work: exit code 1."""
    code = 1


class TimedOut(Failed):
    """Something did not happen in time: exit code 3."""
    code = 3
