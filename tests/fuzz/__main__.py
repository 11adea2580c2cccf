"""The long run: `python -m tests.fuzz --minutes 10 --seed 1`; `--only N` reads one again."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.seeds import good
from tests.fuzz.variants import variant
from tests.fuzz.worker import Report, Worker


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="number of the first variant")
    parser.add_argument("--only", type=int, help="read this variant and show its fault")
    parser.add_argument("--keep", type=Path, help="folder for the files that were not survived")
    return parser.parse_args()


def _said(number: int, how: str, name: str, report: Report) -> None:
    lines = report.fault.strip().splitlines()
    print(f"#{number} {how} {name}: {lines[-1]}", flush=True)
    for line in lines[-9:-1]:
        print("      ", line.strip(), flush=True)


def main() -> int:
    """Read variants until the time is over; how many were not survived is the exit code."""
    asked = _arguments()
    worker, faults, hows = Worker(good()), 0, Counter[str]()
    slowest, largest = (0.0, -1), (0, -1)
    codes: Counter[str] = Counter()
    end = time.monotonic() + asked.minutes * 60
    number = asked.start if asked.only is None else asked.only
    while time.monotonic() < end:
        one = variant(asked.seed, number)
        report = worker.read(one.sent, is_checked=one.is_checked)
        hows[one.how] += 1
        codes.update(report.codes)
        slowest, largest = (
            max(slowest, (report.seconds, number)),
            max(largest, (report.grown, number)),
        )
        if report.fault:
            faults += 1
            _said(number, one.how, one.sent.name, report)
            if asked.keep:
                asked.keep.mkdir(parents=True, exist_ok=True)
                (asked.keep / f"{asked.seed}-{number}").write_bytes(one.sent.data)
        number += 1
        if asked.only is not None:
            print(report)
            break
    worker.close()
    print(f"{sum(hows.values())} variants {dict(hows)}, not survived: {faults}")
    print(
        f"slowest {slowest[0]:.1f} s (#{slowest[1]}), largest {largest[0] >> 20} MB (#{largest[1]})"
    )
    print(f"answers: {dict(codes.most_common())}")
    return min(faults, 100)


if __name__ == "__main__":
    sys.exit(main())
