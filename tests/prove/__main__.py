"""The command: which proof, how many cases, from which seed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.prove.running import PROOFS, prove


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(PROOFS))
    parser.add_argument("count", nargs="?", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lanes", type=int)
    wish = parser.parse_args(arguments)
    if wish.name is None:
        for name, proof in PROOFS.items():
            print(f"{name:10} {proof.says} (by default {proof.count})")
        return 0
    proof = PROOFS[wish.name]
    count = proof.count if wish.count is None else wish.count
    if count < 1:
        parser.error("COUNT must be 1 or more")
    return prove(wish.name, count, wish.seed, wish.lanes)


if __name__ == "__main__":
    sys.exit(main())
