"""Files from channels: one pass over one channel, for the command line and for the DAG.

What enters: a channel's name. What leaves: landed files and an outcome without names of files.
"""

from __future__ import annotations

from collections.abc import Callable
from time import sleep

from bvb.clock import moscow_now
from channels.memory import alone
from channels.pull import Outcome, pull, reported, words
from channels.spec import load_specs
from ingest.settings import Settings, load_settings


class NoSuchChannel(Exception):
    """A channel was named that `channels.yml` does not have."""


def channel_names(settings: Settings | None = None) -> list[str]:
    """Names of the channels that are described, in the order of the file."""
    return list(load_specs(settings or load_settings()))


def pull_channel(
    name: str, settings: Settings | None = None, pause: Callable[[float], None] = sleep
) -> Outcome:
    """Take everything new from a channel and keep the outcome in `outcomes/channels/`.

    Raises:
        ChannelUnreachable: nobody answers; trying again may help.
        ChannelRefused, ChannelBusy, NoSuchChannel, DiskFull: somebody has to do something.
    """
    from bvb.connections import opened

    settings = settings or load_settings()
    specs = load_specs(settings)
    if name not in specs:
        raise NoSuchChannel(f"expected one of {sorted(specs)}, found {name!r}")
    spec = specs[name]
    outcome = Outcome(name, spec.kind, moscow_now().isoformat())
    with alone(settings, name), reported(settings, outcome), opened(spec, settings) as channel:
        pull(settings, outcome, spec, channel, pause)
    return outcome


def in_words(outcome: Outcome) -> str:
    """What a pass did, in one line without the channel's name."""
    left = "; ".join(f"{words()[why]}: {count}" for why, count in outcome.left.items())
    line = f"в списке {outcome.listed}, принято {outcome.taken}, известно {outcome.known}"
    return f"{line}, оставлено: {left}" if left else line
