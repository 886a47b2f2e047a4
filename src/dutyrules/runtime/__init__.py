"""The engine's rooms: facts and their readers, records, counts, cases, relations."""
