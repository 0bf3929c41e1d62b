"""From a file to rows of a register: read, mapped, planned, written."""
