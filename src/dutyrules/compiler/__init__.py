"""Packs as programs: one pass over a log in order of time."""
