"""What pages accept: every field named, bounded and read once."""

from typing import Any, TypeVar

from django import forms

from kfm_review.errors import Invalid

LONGEST_REASON = 4000
LONGEST_WORD = 200
LONGEST_ANSWER = 32_000  # of a passkey, in base64url


class Decide(forms.Form):
    manifest = forms.RegexField(r"^[0-9a-f]{64}$")
    verdict = forms.ChoiceField(
        choices=[(verdict, verdict) for verdict in ("approve", "return", "reject", "abstain")]
    )
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)


class Reveal(forms.Form):
    manifest = forms.RegexField(r"^[0-9a-f]{64}$")
    why = forms.CharField(required=False, max_length=LONGEST_REASON)


class Reason(forms.Form):
    why = forms.CharField(required=False, max_length=LONGEST_REASON)


class RollBack(Reason):
    number = forms.IntegerField(min_value=1)


class Withdraw(Reason):
    number = forms.IntegerField(min_value=1)
    successor = forms.IntegerField(required=False, min_value=1)


class Standing(Reason):
    until = forms.DateField()


class EndStanding(Reason):
    approval = forms.IntegerField(min_value=1)


class Promote(Reason):
    review = forms.IntegerField(min_value=1)
    replay = forms.BooleanField(required=False)


class Request(Reason):
    family = forms.CharField(max_length=LONGEST_WORD)
    edition = forms.CharField(required=False, max_length=LONGEST_WORD)
    named = forms.CharField(required=False, max_length=LONGEST_WORD)
    partition = forms.CharField(required=False, max_length=LONGEST_WORD)
    answers = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class Invite(forms.Form):
    username = forms.CharField(max_length=150)
    full_name = forms.CharField(max_length=LONGEST_WORD)
    email = forms.EmailField(required=False)


class Grant(forms.Form):
    role = forms.CharField(max_length=32)
    family = forms.CharField(required=False, max_length=LONGEST_WORD)


class Clear(forms.Form):
    label = forms.CharField(max_length=LONGEST_WORD)
    until = forms.DateField()


class AskException(forms.Form):
    manifest = forms.RegexField(r"^[0-9a-f]{64}$")
    kind = forms.CharField(max_length=32)
    reason_code = forms.CharField(max_length=40)
    justification = forms.CharField(max_length=LONGEST_REASON)
    reach = forms.ChoiceField(choices=[("manifest", "manifest"), ("asset", "asset")])
    keys = forms.CharField(required=False, max_length=200_000)
    west = forms.FloatField(required=False)
    south = forms.FloatField(required=False)
    east = forms.FloatField(required=False)
    north = forms.FloatField(required=False)
    findings_max = forms.IntegerField(required=False, min_value=0, max_value=1_000_000)
    value_worst = forms.FloatField(required=False)
    expires = forms.DateField()
    obligations = forms.CharField(required=False, max_length=12_000)


class Answer(forms.Form):
    decision = forms.ChoiceField(choices=[("approve", "approve"), ("deny", "deny")])


class Enrol(forms.Form):
    name = forms.CharField(max_length=LONGEST_WORD)
    until = forms.DateField()


class Passkey(Enrol):
    attestation = forms.CharField(max_length=LONGEST_ANSWER)
    client_data = forms.CharField(max_length=LONGEST_ANSWER)


class SshKey(Enrol):
    line = forms.CharField(max_length=2000)
    signature = forms.CharField(max_length=LONGEST_ANSWER)


class Assertion(forms.Form):
    credential = forms.CharField(max_length=400)
    authenticator_data = forms.CharField(max_length=LONGEST_ANSWER)
    client_data = forms.CharField(max_length=LONGEST_ANSWER)
    signature = forms.CharField(max_length=LONGEST_ANSWER)


class Named(forms.Form):
    digest = forms.RegexField(r"^[0-9a-f]{64}$")


class Password(forms.Form):
    old = forms.CharField(max_length=1000, strip=False)
    new = forms.CharField(max_length=1000, strip=False)


class SignIn(forms.Form):
    username = forms.CharField(max_length=150)
    password = forms.CharField(max_length=1000, strip=False)


class Events(forms.Form):
    """The auditor's filters."""

    who = forms.CharField(required=False, max_length=150)
    what = forms.CharField(required=False, max_length=LONGEST_WORD)
    target = forms.CharField(required=False, max_length=LONGEST_WORD)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)


F = TypeVar("F", bound=forms.Form)


def read(form: type[F], given: Any, files: Any = None) -> dict[str, Any]:
    """Return what was typed, checked and typed; refuse with every field that is wrong."""
    filled = form(given, files)
    if not filled.is_valid():
        raise Invalid(said(filled))
    return filled.cleaned_data


def said(filled: forms.Form) -> str:
    """Say in one line what is wrong with which field."""
    return " ".join(
        f"{field.capitalize()}: {' '.join(map(str, wrongs))}" for field, wrongs in filled.errors.items()
    )
