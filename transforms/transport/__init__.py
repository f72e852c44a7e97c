"""Data in transit: HTTPS only, TLS versions, encryption between nodes."""
