"""What the server runs for a visitor at every change: the page that the address names."""

from innovation.ui import menu

menu.run()
