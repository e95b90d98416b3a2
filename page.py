"""What the server runs for a visitor at every change: the page that the address names."""

from ui import pages

pages.run()
