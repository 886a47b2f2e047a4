"""What durable-rules cannot express, as an exception that the survey of a pack makes into a diagnostic."""

from __future__ import annotations


class InexpressibleError(ValueError):
    """A condition has a part that durable-rules cannot express; the text says which."""
