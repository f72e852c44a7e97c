"""What is open to the internet, or to other accounts, and need not be."""
