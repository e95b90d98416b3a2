"""The app's list of pages; each page is a file in ui/."""

from ui import pages

pages.run()
