"""Refusals about persons and their membership, in order of precedence. See refusals.py."""

from ledger.refusal import Refusal


class PersonErased(Refusal):
    """The person's data were erased on request; nothing new is recorded of it."""

    CODE = "person_erased"
    CLAUSE = "GX-07"


class Suspended(Refusal):
    """A participant who is suspended keeps the history; earning, drawing and redeeming are refused."""

    CODE = "suspended"
    CLAUSE = "GX-05"


class NotOnRoster(Refusal):
    """Only somebody on the roster can activate; the detail says whom to ask."""

    CODE = "not_on_roster"
    CLAUSE = "ZG-01"


class AlreadyActivated(Refusal):
    """A person activates once ever."""

    CODE = "already_activated"
    CLAUSE = "ZG-03"


class MembershipNeeded(Refusal):
    """The person is no member of a union, or the membership is not reviewed yet."""

    CODE = "membership_needed"
    CLAUSE = "SJ-04"


class Restricted(Refusal):
    """Abuse restricts re-joining and transferring."""

    CODE = "restricted"
    CLAUSE = "SJ-05"


class AlreadyMember(Refusal):
    """The person is a member already."""

    CODE = "already_member"
    CLAUSE = "SJ-09"


class ConsentMissing(Refusal):
    """A document must be agreed to, in the version that is in force."""

    CODE = "consent_missing"
    CLAUSE = "SJ-02"


class EmploymentUnknown(Refusal):
    """The rulebook has no such type of employment or trade, or the trade is missing."""

    CODE = "employment_unknown"
    CLAUSE = "SJ-01"


class NothingToReview(Refusal):
    """There is no application that waits for a review."""

    CODE = "nothing_to_review"
    CLAUSE = "SJ-03"


class TransferWaiting(Refusal):
    """A transfer waits for its review already, or would not move anything."""

    CODE = "transfer_waiting"
    CLAUSE = "SJ-06"


class NotRestricted(Refusal):
    """There is no restriction or suspension to lift, or there is one already."""

    CODE = "not_restricted"
    CLAUSE = "SJ-05"


class FieldFixed(Refusal):
    """Name and identity number cannot be changed once they stand."""

    CODE = "field_fixed"
    CLAUSE = "SJ-06"


class AlreadyOne(Refusal):
    """The two participants are one person already, or one of them was joined to somebody else."""

    CODE = "already_one"
    CLAUSE = "EC-12"


class ParticipantUnknown(Refusal):
    """Nothing is known of a participant who is to be one with another."""

    CODE = "participant_unknown"
    CLAUSE = "EC-12"


class IdentityTaken(Refusal):
    """The identity belongs to somebody else, and the two cannot be joined by themselves."""

    CODE = "identity_taken"
    CLAUSE = "EC-12"


class NothingKept(Refusal):
    """The vault keeps nothing of this person."""

    CODE = "nothing_kept"
    CLAUSE = "GX-07"


class NothingExpired(Refusal):
    """No points of the wallet, or no entitlement, have expired."""

    CODE = "nothing_expired"
    CLAUSE = "ZG-08"
