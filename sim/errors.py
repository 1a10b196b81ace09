"""Errors that are the user's to mend: one clear sentence, no traceback."""


class FiresaleError(Exception):
    """Something the user can put right. The message names the field or file and the way out."""


class InputError(FiresaleError):
    """A scenario, design, flag or data file that can't be used as it stands."""


class EngineError(FiresaleError):
    """The engine could not start, died, or gave an answer that can't be trusted."""


class OutputError(FiresaleError):
    """A result could not be written."""
