"""Signed exceptions: asked for, signed or denied by governance, and ended."""
