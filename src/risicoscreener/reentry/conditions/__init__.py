"""A shortened screening on the five basic conditions, and continuity of care."""

from risicoscreener.reentry.conditions.care import (
    CareFlag,
    CareFlags,
    care_flags,
    list_care_flags,
    read_consents,
)
from risicoscreener.reentry.conditions.definition import (
    CONDITIONS,
    Action,
    BasicConditions,
    Question,
)
from risicoscreener.reentry.conditions.holidays import PublicHoliday, public_holidays
from risicoscreener.reentry.conditions.listing import (
    HANDED_OVER,
    TO_DO,
    ActionFound,
    ActionList,
)
from risicoscreener.reentry.conditions.making import action_list, action_lists
from risicoscreener.reentry.conditions.moving import Moved, moved
from risicoscreener.reentry.conditions.situation import (
    AnswerFound,
    Done,
    Situation,
    read_situation,
    situation_of,
)

__all__ = [
    "CONDITIONS",
    "HANDED_OVER",
    "TO_DO",
    "Action",
    "ActionFound",
    "ActionList",
    "AnswerFound",
    "BasicConditions",
    "CareFlag",
    "CareFlags",
    "Done",
    "Moved",
    "PublicHoliday",
    "Question",
    "Situation",
    "action_list",
    "action_lists",
    "care_flags",
    "list_care_flags",
    "moved",
    "public_holidays",
    "read_consents",
    "read_situation",
    "situation_of",
]
