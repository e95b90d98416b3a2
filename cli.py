"""The command line: the commands are in commands/, their exit statuses in commands/endings.py."""

import sys

from innovation.commands import main

if __name__ == "__main__":
    sys.exit(main())
