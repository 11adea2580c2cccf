"""The duty on the server: names of a withdrawn consent go, the audit survives the server."""

from __future__ import annotations

from pathlib import Path

from duty.server_rows import forget_on, keep_audit, restore_audit
from ingest.settings import Settings
from tests.warehouse.server import SURNAME, Region, with_a_name

ASKED = "select last_name from lookup.person('{}', 'сверка согласия № 17')"


def test_a_withdrawn_name_is_gone_and_the_audit_comes_back(region: Region, tmp_path: Path) -> None:
    key, settings = with_a_name(region.built), Settings(tmp_path)
    region.serve()
    assert (SURNAME,) in region.ask(ASKED.format(key), "bvb_restricted")
    others = region.ask("select count(*) from restricted.pupil")[0][0]

    assert forget_on(region.server, {key}) >= 1
    assert region.ask(ASKED.format(key), "bvb_restricted") == []
    assert region.ask("select count(*) from restricted.pupil")[0][0] < others
    assert forget_on(region.server, {key}) == 0

    assert forget_on(region.server, None) >= 1
    assert region.ask("select count(*) from restricted.pupil") == [(0,)]

    known = "select role_name, person_key, reason, n_found from audit.access order by accessed_at"
    asked = region.ask(known)
    assert keep_audit(settings, region.server) == 2
    assert restore_audit(settings, region.server) == 0  # nothing is doubled
    with region.session("bvb_admin") as cursor:
        cursor.execute("delete from audit.access")
    assert restore_audit(settings, region.server) == len(asked) == 2
    assert region.ask(known) == asked
