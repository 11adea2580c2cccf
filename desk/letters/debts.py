"""Who owes what on a day: files by the order's schedule, points by the published roadmap.

What enters: a day, what was received by its end, the newest roadmap. What leaves: `Debt` objects,
open ones only. A form is owed until a file of it was not refused; absence is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta

from desk.letters.config import Points, load_config
from desk.letters.notices import Debt
from desk.verdicts import FileVerdict
from expectations.protocol import protocol_words
from ingest.deliveries import Delivery, Status, load_delivery
from ingest.forms import Form, Sender, load_forms
from ingest.landing import all_landed
from ingest.orders import Validity, nearest_order, orders
from ingest.reference import Reference, load_reference
from ingest.schedule import MONTH_END, Duty, duties
from ingest.settings import MOSCOW, Settings
from reports.formats import month
from warehouse.watch import OpenPoint, open_points

OPERATOR = "operator"
Verdicts = Mapping[str, FileVerdict]
Came = dict[tuple[str, int], list[Delivery]]


def code_of(territory_id: int, otherwise: str = OPERATOR) -> str:
    """A territory's code in the address book; the region is somebody else's business."""
    return f"T{territory_id:02d}" if territory_id else otherwise


def _came(settings: Settings, reference: Reference, day: date) -> Came:
    """What was received and read by the end of a day, by form and sender."""
    until = datetime.combine(day, time.max, tzinfo=MOSCOW)
    found: Came = {}
    for landed in all_landed(settings):
        delivery = load_delivery(settings, landed.delivery_id)
        if landed.received_at > until or delivery is None or delivery.form_code is None:
            continue
        if delivery.as_of and nearest_order(delivery.as_of).order_id != reference.order_id:
            continue
        sender = delivery.sender_territory_id or 0
        found.setdefault((delivery.form_code, sender), []).append(delivery)
    return found


def _answers(duty: Duty, form: Form, delivery: Delivery) -> bool:
    """Whether a file is the one that a duty asks for."""
    if form.kind == "snapshot":
        return delivery.as_of is not None and delivery.as_of >= duty.content_on
    if form.kind == "period":
        return delivery.period == duty.period
    # A register is the full list of its day: a newer one tells all that an older one would have.
    return duty.rule != MONTH_END or (delivery.period or "") >= duty.period


def _is_overtaken(duty: Duty, form: Form, day: date, scheduled: Iterable[Duty]) -> bool:
    """Whether the next full list or export is owed already: nobody needs this one any more."""
    return (
        form.kind != "period"
        and duty.due_on < day
        and any(
            (later.form_code, later.senders) == (duty.form_code, duty.senders)
            and duty.content_on < later.content_on <= day
            for later in scheduled
        )
    )


def _is_refused(delivery: Delivery, verdicts: Verdicts) -> bool:
    verdict = verdicts.get(delivery.delivery_id)
    return not delivery.is_readable or (verdict is not None and verdict.status is Status.REJECTED)


def _form_title(form: Form, duty: Duty) -> str:
    """A form as the sender knows it, with the time it is about."""
    title = f"{form.code} {form.title}"
    if form.kind == "snapshot":
        return f"{title} на {duty.content_on:%d.%m.%Y}"
    if form.kind == "period" or duty.rule == MONTH_END:
        return f"{title} за {month(duty.period)} {duty.content_on.year} г."
    return title


def _file_state(came: list[Delivery]) -> str:
    statuses = protocol_words()["statuses"]
    if not came:
        return str(statuses["not_received"]["label"])
    newest = max(came, key=lambda item: (item.received_at, item.delivery_id))
    received = newest.received_at.astimezone(MOSCOW)
    return f"файл от {received:%d.%m.%Y} {statuses['rejected']['label']}"


def _files(reference: Reference, day: date, came: Came, verdicts: Verdicts) -> Iterator[Debt]:
    forms, calendar = load_forms(), reference.calendar
    for duty in duties(reference):
        form = forms[duty.form_code]
        if _is_overtaken(duty, form, day, duties(reference)):
            continue
        is_from_territory = form.sender is Sender.TERRITORY
        places = [t for t in reference.territories if is_from_territory and duty.is_owed_by(t)]
        senders = [(t.territory_id, t.name) for t in places] if is_from_territory else [(0, "")]
        for territory_id, name in senders:
            sent = [d for d in came.get((form.code, territory_id), []) if _answers(duty, form, d)]
            if any(not _is_refused(item, verdicts) for item in sent):
                continue
            yield Debt(
                key=("form", form.code, f"{duty.content_on}"),
                debtor=code_of(territory_id, str(form.sender)),
                place=name,
                title=_form_title(form, duty),
                due_on=duty.due_on,
                left=calendar.working_days_between(day, duty.due_on),
                state=_file_state(sent),
            )


def _owner_codes(reference: Reference) -> dict[str, set[str]]:
    return {
        row["control_id"]: {code.split("(")[0] for code in row["owner_codes"].split(";")}
        for row in reference.control_points
    }


def _proved_by_files(reference: Reference) -> set[str]:
    """Points for which the schedule asks a file of their owner: the file is reminded of instead."""
    forms = load_forms()
    return {
        row["control_id"]
        for row in reference.schedule
        if row["control_id"] and forms[row["form_code"]].sender is not Sender.PLATFORM
    }


def _is_operators(point: OpenPoint, owners: set[str], rules: Points) -> bool:
    return point.unit in rules.operator_units or owners <= set(rules.operator_owners)


def _points(reference: Reference, day: date, as_of: date, found: list[OpenPoint]) -> Iterator[Debt]:
    owners, by_files = _owner_codes(reference), _proved_by_files(reference)
    rules, calendar = load_config().points, reference.calendar
    for point in found:
        # Without the data nobody knows: an export that is missing is the exporter's debt.
        is_judged = point.status == "overdue" if point.due_on < day else point.status != "no_data"
        if point.control_id in by_files or not is_judged:
            continue
        is_operators = _is_operators(point, owners.get(point.control_id, set()), rules)
        yield Debt(
            key=("point", point.control_id, f"{point.territory_id}"),
            debtor=OPERATOR if is_operators else code_of(point.territory_id),
            place=point.territory_name if point.territory_id else "",
            title=f"п. {point.item}. {point.title}",
            due_on=point.due_on,
            left=calendar.working_days_between(day, point.due_on),
            state=point.measure,
            known_on=as_of,
        )


def _orders(day: date) -> list[Validity]:
    """Orders whose deadlines may be near: those of an order's last month come after its end."""
    lingers = timedelta(days=load_config().order_lingers_days)
    return [order for order in orders() if order.first <= day <= order.last + lingers]


def debts(settings: Settings, day: date, verdicts: Verdicts) -> list[Debt]:
    """Everything that is open on a day, near or far, by due day; nothing far outside an order.

    Args:
        settings: where the data lies.
        day: what was received by its end counts.
        verdicts: the newest verdict of each delivery.
    """
    found: list[Debt] = []
    for order in _orders(day):
        reference = load_reference(order.order_id)
        found += _files(reference, day, _came(settings, reference, day), verdicts)
        as_of, points = open_points(settings, order.order_id, day)
        if as_of:
            found += _points(reference, day, as_of, points)
    return sorted(found, key=lambda debt: (debt.due_on, debt.key, debt.debtor))
