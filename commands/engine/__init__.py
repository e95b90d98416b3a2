"""Commands about files as such: models of any kind, and the forms of designs and scenarios."""
