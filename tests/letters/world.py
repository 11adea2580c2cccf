"""A hand-made data directory: files that came, what a run said of them, a roadmap, addresses."""

from __future__ import annotations

import hashlib
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from expectations.outcomes import SCHEMAS, write_table
from ingest.calendar import month_end
from ingest.deliveries import Delivery, FileFinding, Landed, record_path, write_atomically
from ingest.forms import Sender, load_forms
from ingest.knowledge import load_knowledge
from ingest.landing import delivery_id_of, manifest_path
from ingest.reference import load_reference
from ingest.schedule import duties
from ingest.settings import MOSCOW, Settings

ORDER = "r-423-2024"
POINT: dict[str, Any] = {
    "control_id": "20-2", "item": "20", "item_title": "Регистрация обучающихся",
    "grace_on": date(2024, 9, 30), "territory_name": "Жуковский", "territory_id": 14,
    "status": "due_soon", "evidence_text": "14 из 684, человек", "unit": "человек",
    "is_waived": False,
}  # fmt: skip


def at(day: str, hour: int = 12) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour), tzinfo=MOSCOW)


class World:
    """Writes what the steps before letters leave on disk."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(folder)
        self.rows: list[dict[str, Any]] = []
        self.addresses: list[tuple[str, str, str]] = []

    def file(
        self, form: str, territory: int, period: str, received: datetime, *,
        name: str | None = None, blocked: str = "", day: date | None = None, is_read: bool = True,
    ) -> str:  # fmt: skip
        """A file that came and was read; `blocked` is the title of what stops it."""
        source = f"T{territory:02d}/{name or f'{form}__T{territory:02d}__{period}.xlsx'}"
        sha256 = hashlib.sha256(f"{source}{received}".encode()).hexdigest()
        delivery_id = delivery_id_of("folder", source, sha256)
        landed = Landed(
            delivery_id=delivery_id, sha256=sha256, size=4096, channel="folder", source=source,
            received_at=received, landed_at=received + timedelta(minutes=5),
        )  # fmt: skip
        write_atomically(
            manifest_path(self.settings, delivery_id), landed.model_dump_json().encode()
        )
        found = [FileFinding(code="F-ENCRYPTED", severity="block", title=blocked,
                             message=f"{blocked}: {source}", how_to_fix="")]  # fmt: skip
        delivery = Delivery(
            delivery_id=delivery_id, sha256=sha256, file_name=landed.file_name, channel="folder",
            folder=landed.folder, received_at=received, form_code=form, form_version=1,
            sender_territory_id=territory or None, as_of=day or month_end(period), period=period,
            version=1, is_zero_report=False, n_rows=3,
            file_findings=tuple(found if blocked else ()),
            parsed_path=None if blocked else Path("rows.parquet"),
            read_with=load_knowledge().fingerprint,
        )  # fmt: skip
        if is_read:
            path = record_path(self.settings, delivery_id)
            write_atomically(path, delivery.model_dump_json().encode())
            if delivery.parsed_path:
                (path.parent / delivery.parsed_path).touch()  # a record without rows is unread
        return delivery_id

    def verdict(
        self, delivery_id: str, form: str, territory: int, status: str, **counts: int
    ) -> None:
        """What the next run says of a file."""
        empty = dict.fromkeys(SCHEMAS["deliveries"].names)
        numbers = {name: 0 for name in empty if name.startswith("n_")}
        self.rows.append(
            {**empty, **numbers, "delivery_id": delivery_id, "form_code": form, "status": status,
             "sender_territory_id": territory, **counts}
        )  # fmt: skip

    def run(
        self, as_of: date, known_at: datetime, findings: list[dict[str, Any]] | None = None
    ) -> str:
        """A validated and answered run over all verdicts given so far."""
        run_id = f"{as_of}__{known_at:%Y%m%dT%H%M%S}"
        folder = self.settings.accepted / run_id
        row = {"order_id": ORDER, "as_of": as_of, "known_at": known_at.replace(tzinfo=None),
               "run_id": run_id, "load_id": "x", "rules_version": "x"}  # fmt: skip
        write_table(folder, "deliveries", self.rows)
        rule = {"rule_id": "V-1", "form_code": "M11", "title_ru": "Числа не отрицательные"}
        write_table(folder, "rules", [{**dict.fromkeys(SCHEMAS["rules"].names), **rule}])
        columns = {
            name: pa.string() for name in ("delivery_id", "form_code", "rule_id", "severity")
        }
        table = pa.Table.from_pylist(findings or [], schema=pa.schema(columns))
        pq.write_table(table, folder / "findings.parquet")
        for code in {f"T{row['sender_territory_id']:02d}" for row in self.rows}:
            answer = self.settings.returned / run_id / code / f"Ответ__{code}__{as_of}.xlsx"
            write_atomically(answer, f"answer of {code}".encode())
        write_table(folder, "run", [row])
        os.utime(self.settings.returned / run_id)
        return run_id

    def roadmap(self, as_of: date, *points: dict[str, Any]) -> None:
        """A publication; each point is `POINT` with what differs."""
        version = self.settings.marts / f"{ORDER}-{as_of}"
        version.mkdir(parents=True)
        rows = [POINT | point for point in points]
        table = pa.Table.from_pylist(rows)
        pq.write_table(table, version / "mart_roadmap.parquet")
        links = self.settings.marts / "by_date"
        links.mkdir(exist_ok=True)
        os.symlink(f"../{version.name}", links / f"{ORDER}__{as_of}")

    def address(self, code: str, role: str, address: str) -> None:
        """One more line of the address book."""
        self.addresses.append((code, role, address))
        lines = ["code,role,address", *(",".join(line) for line in self.addresses)]
        path = self.settings.data_dir / "addresses.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")

    def sent_all(self, territory: int, *but: tuple[str, str]) -> None:
        """A territory's files of the whole year came long ago, except these of (form, period)."""
        reference = load_reference(ORDER)
        place = reference.territory(territory)
        for duty in duties(reference):
            is_hers = load_forms()[duty.form_code].sender is Sender.TERRITORY
            if is_hers and duty.is_owed_by(place) and (duty.form_code, duty.period) not in but:
                self.file(duty.form_code, territory, duty.period, at("2024-05-01"))
