"""Entry of the fetch child."""

from shammah_tui.children.fetch.program import main
from shammah_tui.children.fetch.retries import Patience

if __name__ == "__main__":
    main(Patience())
