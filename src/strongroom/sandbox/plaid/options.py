"""What a local Plaid is started with. Reads no environment and no files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Settings of one local Plaid; all state lies in the one file ``state_path``.

    ``client_id`` and ``secret`` empty: any non-empty pair is taken. ``base_url`` (no trailing
    slash) is where browsers find the Link pages; empty: taken from each request's Host.
    Delays are in seconds. ``speed`` divides waiting times (webhook retries), so 60 makes a
    minute a second. A login works for ``login_lifetime_days`` (0: for ever). Webhooks go to
    loopback addresses only, unless ``webhooks_anywhere``.
    """

    state_path: Path
    base_url: str = ""
    client_id: str = ""
    secret: str = ""
    seed: int = 0
    initial_delay_seconds: float = 0.3
    historical_delay_seconds: float = 0.3
    balance_delay_seconds: float = 0.0
    login_lifetime_days: float = 30.0
    speed: float = 1.0
    webhooks_anywhere: bool = False
