"""What an answer sets in motion: the detractor's Task, the promoter's invitation, the timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from tooling.spec.section import Section
from tooling.spec.values import Duration, Name, Username

Text = Annotated[str, Field(min_length=1)]


class DetractorFollowUp(Section):
    assign: tuple[Literal["success_manager", "account_owner", "lead_owner"], ...] = ("success_manager", "account_owner", "lead_owner")
    """In order; the first active user gets the Task, else follow_up.default_user."""
    due: Duration = timedelta(hours=24)
    """From the moment the Task is created, that is within a second of the response's arrival."""
    business_days: bool = False
    """A due moment on a Saturday or Sunday becomes Monday's, in the running user's time zone. Needs a `due` of whole days."""
    priority: Text = "High"
    """A value of Task.Priority in the org."""
    max_age: Duration = timedelta(days=14)
    """An answer older than this when it reaches the org starts no follow-up."""
    acknowledge: bool = True
    """The person gets emails.acknowledge at once. Without the section emails, nothing is sent."""
    notify: bool = True
    """Whoever gets the Task also gets a notification in Salesforce."""


class InvitationCondition(Section):
    tier: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Values of the Account's tier field."""


class Invitation(Section):
    """What a promoter may be invited to."""

    ask: Name
    """appexchange_review, g2_review, case_study, or a name of your own; its words are emails.invitations."""
    when: InvitationCondition | None = None
    """Only for these; without it, for everybody."""


class PromoterFollowUp(Section):
    """A thank-you with exactly one invitation. Needs the section emails."""

    thank_within: Duration = timedelta(hours=48)
    """From the answer. While a detractor of the company waits for an answer it waits too, and is skipped after this."""
    invitations: Annotated[tuple[Invitation, ...], Field(min_length=1)] = (Invitation(ask="appexchange_review"),)
    """In order; the first that fits is the one."""


class Activity(Section):
    """The timeline: one completed Task for each answer."""

    log: Literal["all", "none"] = "all"
    backfill: bool = True
    """Also for answers that were loaded as history."""


class FollowUp(Section):
    default_user: Username | None = None
    """Who gets the Task when nobody else can; without it, the owner of the response (the user the bridge logs in as)."""
    detractor: DetractorFollowUp = DetractorFollowUp()
    promoter: PromoterFollowUp | None = None
    """Without it, promoters are not written to."""
    activity: Activity = Activity()
