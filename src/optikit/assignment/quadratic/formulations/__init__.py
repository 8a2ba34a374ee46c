"""The quadratic assignment as models of other engines."""
