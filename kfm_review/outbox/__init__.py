"""Work for others, posted in the transaction that makes it necessary: late perhaps, never lost."""
