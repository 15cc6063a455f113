"""The programs that run as child processes: spawned, never imported by the app."""
