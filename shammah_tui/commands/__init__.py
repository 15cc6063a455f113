"""What works without the screen: ``shammah models`` and its commands."""
