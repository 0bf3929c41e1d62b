"""The verbs of this room."""

from xiuhua.cases.actions.clearing import remove_origin
from xiuhua.cases.actions.evidence import add_evidence
from xiuhua.cases.actions.moving import make_move
from xiuhua.cases.actions.opening import open_case, open_for_alarm, open_for_rows
from xiuhua.cases.actions.rounds import close_round, fill_item, round_from_run, start_round
from xiuhua.cases.actions.running import start_run

__all__ = [
    "add_evidence",
    "close_round",
    "fill_item",
    "make_move",
    "open_case",
    "open_for_alarm",
    "open_for_rows",
    "remove_origin",
    "round_from_run",
    "start_round",
    "start_run",
]
