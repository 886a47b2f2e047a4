"""Tests of compiled packs."""
