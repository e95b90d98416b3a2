"""PySD as a second opinion, for tests and certificates; nothing that simulates imports it."""
