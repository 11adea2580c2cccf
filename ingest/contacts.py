"""Where the blanks lie and whom to ask: what an operator wants at the end of every answer.

What enters: `contacts.txt` of the data directory, as Notepad saves it. What leaves: its lines, as
they are; without the file nothing is said.
"""

from __future__ import annotations

from ingest.settings import Settings
from ingest.text import clean, decoded

FILE_NAME = "contacts.txt"
MOST_LINES, LONGEST = 6, 200  # an answer ends with them: they are no letter of their own


def load_contacts(settings: Settings) -> tuple[str, ...]:
    """The lines that answers and letters end with; none when nobody wrote them down."""
    path = settings.data_dir / FILE_NAME
    if not path.exists():
        return ()
    lines = (clean(line) for line in decoded(path.read_bytes()).splitlines())
    written = [line[:LONGEST] for line in lines if line and not line.startswith("#")]
    return tuple(written[:MOST_LINES])
