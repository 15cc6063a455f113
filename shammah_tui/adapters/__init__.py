"""One file for each thing outside the program."""
