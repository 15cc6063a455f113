"""What ``shammah doctor`` looks at, a concern a file."""
