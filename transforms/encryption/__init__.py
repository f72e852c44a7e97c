"""Data at rest under a key of the account's own: the key, the stores on it, and the rights of everybody who uses them."""
