"""The detention and re-integration plan: goals from needs, how far they are, and what they do.

A person sets goals together with whoever they are for; nothing here sets one.
"""

from risicoscreener.reentry.plan.definition import Goal, GoalCatalogue, Need
from risicoscreener.reentry.plan.liberties import Outlook, if_reached, liberties_if_reached
from risicoscreener.reentry.plan.many import list_plans
from risicoscreener.reentry.plan.measuring import (
    days_of_course,
    plan_progress,
    progress_over,
)
from risicoscreener.reentry.plan.planned import Plan, PlanGoal, read_plan
from risicoscreener.reentry.plan.progress import GOAL_STATES, GoalProgress, PlanProgress
from risicoscreener.reentry.plan.proposing import Proposal, Proposals, propose_goals

__all__ = [
    "GOAL_STATES",
    "Goal",
    "GoalCatalogue",
    "GoalProgress",
    "Need",
    "Outlook",
    "Plan",
    "PlanGoal",
    "PlanProgress",
    "Proposal",
    "Proposals",
    "days_of_course",
    "if_reached",
    "liberties_if_reached",
    "list_plans",
    "plan_progress",
    "progress_over",
    "propose_goals",
    "read_plan",
]
