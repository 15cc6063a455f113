"""Entry of the fetch child."""

from shammah_tui.engine.fetch.patience import Patience
from shammah_tui.engine.fetch.program import main

if __name__ == "__main__":
    main(Patience())
