"""Health of one part of Airflow, as the API server reports it: exit code 0 or a sentence.

Asking it costs a tenth of a second; a command of Airflow itself would cost seconds each time.
"""

from __future__ import annotations

import json
import sys
import urllib.request

URL = "http://api-server:8080/api/v2/monitor/health"
SECONDS = 5.0


def main() -> None:
    """Say whether the part named on the command line is healthy."""
    part = sys.argv[1]
    try:
        with urllib.request.urlopen(URL, timeout=SECONDS) as answer:
            state = json.load(answer).get(part) or {}
    except (OSError, ValueError) as error:
        sys.exit(f"{URL}: expected an answer, found {type(error).__name__}: {error}")
    if state.get("status") != "healthy":
        sys.exit(f"{part}: expected healthy, found {state}; see `docker compose logs`")


if __name__ == "__main__":
    main()
