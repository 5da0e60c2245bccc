"""What happened about a resident, in the order in which it was written down, with what people said at each point."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from core.alerts import tellers
from core.organisation import users
from core.organisation.users import User
from core.residents import disclosure, fact_log
from core.store.crypto import Keys
from core.store.models import Resident

# Words of people, for whoever has to act; the others read that something was said (A32).
_WORDS: Final = ("words", "note", "result", "narrative")
_RESIDENT: Final = "street_code = :street AND resident_id = :resident"
_OF_TASKS: Final = (
    "FROM task_event e JOIN task t ON t.street_code = e.street_code AND t.task_id = e.task_id"
    " WHERE e.street_code = :street AND t.street_code = :street AND t.resident_id = :resident"
)
_TIMELINE: Final = text(
    "SELECT * FROM ("
    " SELECT received_at AS at, 'alert' AS what, jsonb_build_object('alert_id', alert_id, 'type', type,"
    "  'source', source, 'status', status) AS details, alert_id AS id, 0 AS version, CAST(NULL AS bytea) AS words"
    "  FROM alert"
    f"  WHERE {_RESIDENT}"
    " UNION ALL SELECT recorded_at, 'fact', jsonb_build_object('type', type, 'source', source, 'entry', entry),"
    f"  entry_id, 0, words FROM fact_entry WHERE {_RESIDENT}"
    " UNION ALL SELECT recorded_at, 'decision', jsonb_build_object('from_on', from_on, 'tier', tier, 'rules',"
    "  rules, 'policy', policy_id, 'version', policy_version, 'superseded_at', superseded_at), decision_id, 0, NULL"
    f"  FROM decision WHERE {_RESIDENT}"
    " UNION ALL SELECT recorded_at, 'duty', jsonb_build_object('duty_id', duty_id, 'kind', kind, 'tier', tier,"
    "  'period', period, 'due_on', due_on, 'from', from_state, 'to', state, 'because', because, 'words', words,"
    "  'by_user_id', by_user_id, 'visit_id', visit_id, 'late_entry', late_entry, 'face_to_face', face_to_face,"
    f"  'made_up_on', made_up_on), duty_id, version, NULL FROM duty_history WHERE {_RESIDENT}"
    " UNION ALL SELECT created_at, 'task', jsonb_build_object('task_id', task_id, 'kind', kind, 'why', why,"
    f"  'due_on', due_on, 'state', state), task_id, 0, NULL FROM task WHERE {_RESIDENT}"
    " UNION ALL SELECT e.at, CASE WHEN e.what = 'excused' THEN 'excuse' WHEN e.what IN ('done', 'completed')"
    "  THEN 'task' ELSE 'assignment' END, jsonb_build_object('task_id', e.task_id, 'kind', t.kind, 'did', e.what,"
    "  'by_user_id', e.by_user_id) || coalesce(e.details, '{}'), e.event_id, 0, NULL"
    f" {_OF_TASKS} AND (e.what IN ('assigned', 'pulled', 'claimed', 'released', 'handed_over', 'handover_reverted',"
    "  'undone', 'excused') OR e.details->>'result' IS NOT NULL)"
    " UNION ALL SELECT created_at, 'attempt', jsonb_build_object('task_id', task_id, 'outcome', outcome, 'on', \"on\","
    f"  'note', note, 'by_user_id', by_user_id), attempt_id, 0, NULL FROM attempt WHERE {_RESIDENT}"
    " UNION ALL SELECT fired_at, 'escalation', jsonb_build_object('task_id', task_id, 'level', level,"
    f"  'action', action, 'to', \"to\"), task_id, 0, NULL FROM escalation WHERE {_RESIDENT}"
    " UNION ALL SELECT m.entered_at, 'visit', jsonb_build_object('visit_id', m.visit_id, 'service_date',"
    "  m.service_date, 'mode', m.mode, 'met', m.met, 'narrative', v.form->>'narrative', 'by_user_id', v.recorded_by,"
    "  'voided', m.voided),"
    "  m.visit_id, 0, NULL FROM visit_resident m"
    "  JOIN visit v ON v.street_code = m.street_code AND v.visit_id = m.visit_id"
    "  WHERE m.street_code = :street AND v.street_code = :street AND m.resident_id = :resident"
    "  AND m.merged_into IS NULL"
    ") AS story ORDER BY at, what, id, version"
)


def of(session: Session, resident: Resident, keys: Keys, *, by: User) -> list[dict[str, object]]:
    """The whole story; who reads no narratives learns that something was said, and not what."""
    rows = session.execute(_TIMELINE, {"street": resident.street_code, "resident": resident.resident_id}).all()
    sources = tellers.names(session, {row.details["source"] for row in rows if row.details.get("source")})
    colleagues = users.names(session, sorted({UUID(by_id) for row in rows if (by_id := row.details.get("by_user_id"))}))
    is_theirs = resident.paired_user_id == by.user_id or by.committees is not None
    is_full = disclosure.is_full(by, resident.committee_code, is_theirs=is_theirs)
    story = []
    for row in rows:
        told = {**row.details}
        if row.words is not None:
            told["words"] = fact_log.open_words(keys, row.id, row.words)
        if told.get("source"):
            told["told_by"] = sources[told["source"]]
        told |= _by(told.pop("by_user_id", None), colleagues)
        withheld = () if is_full else _WORDS
        line = {name: said for name, said in told.items() if name not in withheld}
        story.append({"at": row.at, "what": row.what, **line})
    return story


def _by(user_id: str | None, colleagues: Mapping[UUID, str]) -> dict[str, object]:
    if user_id is None:
        return {}
    return {"by": {"user_id": user_id, "name": colleagues.get(UUID(user_id), "")}}
