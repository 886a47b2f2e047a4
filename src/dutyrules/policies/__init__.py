"""The pack language: YAML with positions, its small languages, checking, the checked model."""
