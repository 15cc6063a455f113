"""The chat screen and what opens above it."""
