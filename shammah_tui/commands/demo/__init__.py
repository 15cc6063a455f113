"""``shammah demo``: the program's own story, played on loopback in a home folder for a while."""
