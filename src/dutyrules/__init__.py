"""Applies declarative duty regulations to events."""
