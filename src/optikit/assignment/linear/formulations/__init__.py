"""Linear assignment for engines: models, and the ways back."""
