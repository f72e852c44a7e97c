"""JavaScript code: what it offers and does, read with tree-sitter."""
