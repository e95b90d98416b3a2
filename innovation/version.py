"""The version; the package's metadata, the command line and kept draws ask here."""

VERSION = "2.0.0.dev0"
RELEASE = f"innovation-economy {VERSION}"
