"""What fails while the stack is created, though every linter is happy: order, rights, timeouts."""
