"""The audit record: who did what, to what, why, when; written in the transaction of the change."""
