"""Regular expressions that a person wrote, run against a limit of time: none of them never ends.

Compiles and searches; knows nothing of rules or rows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import regex

_PROBE_SECONDS = 0.25
_MATCH_SECONDS = 1.0
_RUN_SECONDS = 15.0
_MOST_SEEDS = 24


class PatternIsWrong(ValueError):
    """The text is no regular expression; the message says where and why, in the engine's words."""


class PatternTookTooLong(ValueError):
    """A pattern was stopped: on one text, or on all the texts of a run together."""


@dataclass(slots=True)
class Pattern:
    """One pattern, and the seconds that it has used up in this run.

    Of its own work: how long it waited for others, on a busy machine, says nothing of it.
    """

    text: str
    _compiled: regex.Pattern[str]
    _used: float = field(default=0.0, init=False)  # in seconds

    def found_in(self, text: str) -> bool:
        """Return whether the pattern is found in a text. Raises ``PatternTookTooLong``."""
        began = time.thread_time()
        try:
            found = self._compiled.search(text, timeout=_MATCH_SECONDS, concurrent=True)
        except TimeoutError:
            raise PatternTookTooLong(self.text) from None
        self._used += time.thread_time() - began
        if self._used > _RUN_SECONDS:
            raise PatternTookTooLong(self.text)
        return found is not None


def compiled(text: str) -> Pattern:
    """Return a pattern that looks past case. Raises ``PatternIsWrong``."""
    try:
        return Pattern(text, regex.compile(text, regex.IGNORECASE | regex.VERSION0))
    except (regex.error, ValueError, OverflowError, RecursionError) as problem:
        raise PatternIsWrong(str(problem)) from None


def probe(text: str) -> None:
    """Try a pattern on texts that make bad ones run for ages: its own letters, many times over.

    Raises ``PatternIsWrong`` and ``PatternTookTooLong``.
    """
    found = compiled(text)._compiled
    letters = dict.fromkeys(one for one in text if one.isalnum() or one == " ")
    seeds = [*[*letters][:_MOST_SEEDS], "a", "1", " ", "a ", "a1", "".join(letters)[:8] or "x"]
    for seed in seeds:
        try:
            found.search(seed * (160 // len(seed)) + "\N{SECTION SIGN}!", timeout=_PROBE_SECONDS)
        except TimeoutError:
            raise PatternTookTooLong(text) from None
