"""Reports: a log under a pack as one page to look at, and its rows as CSV and as a workbook."""

from __future__ import annotations

from dutyrules.report.collect import collect
from dutyrules.report.rows import Report, Row

__all__ = ["Report", "Row", "collect"]
