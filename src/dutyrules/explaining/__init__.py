"""Why an outcome stands and why another one does not, with every value that decided it."""

from __future__ import annotations
