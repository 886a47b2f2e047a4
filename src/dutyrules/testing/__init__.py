"""Lets policy authors test their packs."""
