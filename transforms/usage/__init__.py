"""What roles are needed for, by the code and the wiring of a template."""
