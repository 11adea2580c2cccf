"""What can go wrong for the duty engineer: one class a case, each says what to do.

What enters: what was expected and what was found. What leaves: exceptions worded for a reader.
"""

from __future__ import annotations


class BackupDamaged(Exception):
    """Files of a backup are missing or hold other bytes than were put there."""


class NoBackup(Exception):
    """A folder that holds no finished backup."""


class WrongKey(Exception):
    """The key does not open the backup, or one is missing or too much."""


class NotEmpty(Exception):
    """A folder that would be overwritten."""


class BackupInside(Exception):
    """A backup that would lie in the data it is made of, or the other way round."""


class BackupBusy(Exception):
    """Another process works on the same backup."""


class RetentionUnclear(Exception):
    """`retention.yml` does not fit its model."""


class PersonUnknown(Exception):
    """Nobody in the data has this key or id."""


class StillThere(Exception):
    """What had to be removed is still found somewhere."""


class DateAhead(Exception):
    """A purge of a day that has not come: terms would be cut short."""
