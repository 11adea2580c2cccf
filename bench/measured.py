"""Runs a module as `__main__` and prints seconds, CPU seconds and peak memory of its process."""

from __future__ import annotations

import json
import resource
import runpy
import sys
import time


def main() -> None:
    """Run `sys.argv[1]` with the remaining arguments."""
    module, sys.argv = sys.argv[1], sys.argv[1:]
    started = time.perf_counter()
    if module == "bvb.cli":
        from bvb.cli import cli

        cli(args=sys.argv[1:], standalone_mode=False)
    else:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    facts = {
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(sum(u.ru_utime + u.ru_stime for u in (own, children)), 2),
        "peak_mb": round(max(own.ru_maxrss, children.ru_maxrss) / 1024),
    }
    sys.stdout.flush()
    print(json.dumps(facts | getattr(sys, "bench_extra", {})))


if __name__ == "__main__":
    main()
