"""Online diagnostics: waves of attempts by the pupils who are there.

What enters: the world and its pupils. What leaves: arrays, one attempt a position, by time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.config import Array, World
from synthetic.events import is_there, working_days
from synthetic.frames import NEVER
from synthetic.people import moments
from synthetic.pupils import Pupils


@dataclass(frozen=True)
class Attempts:
    """Truth about attempts; `opened_at` is when the attempt appears, started or not."""

    number: Array
    pupil: Array
    wave: Array
    opened_at: Array
    started_at: Array
    finished_at: Array


def build_attempts(world: World, pupils: Pupils) -> Attempts:
    """All attempts of the year."""
    rng, settings = world.rng("diagnostics"), world.region["diagnostics"]
    quality = np.array([world.share("diagnostics_quality", t) for t in world.territories])
    who, waves, opened = [], [], []
    everyone = np.arange(len(pupils.number))
    for number, wave in enumerate(settings["waves"]):
        days = working_days(world, rng, len(everyone), wave["from"], wave["to"])
        takes = rng.random(len(everyone)) < quality[pupils.territory - 1]
        takes &= (pupils.group >= 0) & is_there(pupils, everyone, days, world.rollover)
        chosen = np.flatnonzero(takes)
        who.append(chosen)
        waves.append(np.full(len(chosen), number, np.int8))
        opened.append(moments(rng, days[chosen], 9, 18))
    pupil, wave_no, at = np.concatenate(who), np.concatenate(waves), np.concatenate(opened)
    order = np.lexsort((pupil, at))
    pupil, wave_no, at = pupil[order].astype(np.int32), wave_no[order], at[order]
    chance = rng.random(len(at))
    started = at.copy()
    started[chance < settings["not_started_share"]] = NEVER
    finished = started + rng.integers(12, 48, len(at)).astype("timedelta64[m]")
    finished[chance < settings["not_started_share"] + settings["unfinished_share"]] = NEVER
    return Attempts(np.arange(1, len(at) + 1), pupil, wave_no, at, started, finished)
