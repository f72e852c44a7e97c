"""Values that AWS refuses: names, versions, policies, actions, limits."""
