"""Properties that do not go together: each is legal by itself, and AWS refuses them side by side."""
