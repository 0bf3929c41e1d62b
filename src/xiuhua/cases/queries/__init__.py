"""What may be read of cases and rounds."""
