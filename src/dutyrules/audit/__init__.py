"""What an auditor needs: logs and outcomes that are sealed and checked, and logs that name nobody."""
