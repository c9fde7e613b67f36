"""The evidence of one release or refused review as one archive that anybody can check, years later, alone."""
