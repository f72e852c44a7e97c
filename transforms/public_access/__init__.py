"""What is open to the world and should not be."""
