"""The reason that a deed has in the record: some words, and no book."""

from kfm_review.errors import Invalid

LONGEST_WHY = 4000  # signs


def is_text(said: str) -> bool:
    """Answer whether words can be written down: no zero, and no half of a character."""
    return not any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in said)


def check_why(why: str, *, most: int = LONGEST_WHY) -> str:
    """Return the reason without blanks around it; refuse none, or a book."""
    said = why.strip()
    if not said or len(said) > most or not is_text(said):
        raise Invalid(
            "The reason cannot be kept." if said else "Say why.",
            cause=f"It has {len(said):,} signs, or one that is not text."
            if said
            else "The reason is part of the record.",
            next_step=f"Write a sentence, at most {most:,} signs.",
        )
    return said
