"""The thin waist that everything depends on: pure Python and numpy."""
