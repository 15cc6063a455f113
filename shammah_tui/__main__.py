"""``python -m shammah_tui`` is the same as ``shammah``."""

import sys

from shammah_tui.entry import main

sys.exit(main())
