"""The platform's export P11 on a date, as typed columns.

What enters: a cut of the truth. What leaves: a dictionary column → array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc

from synthetic.cut import Cut
from synthetic.frames import NEVER
from synthetic.texts import numbered, strings_where
from synthetic.training import period_of


def training(cut: Cut) -> dict[str, Any]:
    """P11: navigators under the ids of P02, administrators under their own."""
    courses = cut.truth.courses
    known = np.flatnonzero(courses.enrolled_on <= cut.on)
    number, is_navigator = courses.participant[known], courses.is_navigator[known]
    starts, ends = courses.enrolled_on[known], courses.finished_on[known]
    finished = ends <= cut.on
    span = np.maximum((ends - starts).astype(int), 1)
    done = np.where(np.isnat(ends), 40, (cut.on - starts).astype(int) * 100 // span)
    programmes = courses.programme[known]
    closes = {name: period_of(cut.truth.world, name)[1] for name in set(programmes)}
    over = np.array([closes[name] for name in programmes], "datetime64[D]") < cut.on
    status = np.where(starts == cut.on, "not_started", "studying")
    status = np.where(np.isnat(ends) & over, "expelled", status)
    ids = pc.if_else(
        is_navigator,
        numbered("N", np.where(is_navigator, number, -1), 6),
        numbered("D", np.where(is_navigator, -1, number), 5),
    )
    year = cut.truth.world.year
    documents = np.array([f"УД-{year}-{n:05d}" for n in courses.document[known]], object)
    return {
        "participant_id": ids,
        "role": np.where(is_navigator, "navigator", "administrator"),
        "programme": programmes,
        "school_id": cut.truth.schools.code[courses.school[known]],
        "hours": courses.hours[known],
        "enrolled_on": starts,
        "progress_pct": np.where(finished, 100, np.clip(done, 0, 95)),
        "finished_on": np.where(finished, ends, NEVER),
        "status": np.where(finished, "finished", status),
        "document_no": strings_where(finished, documents),
        "document_on": np.where(finished, ends, NEVER),
    }
