"""The flow shop as models of engines."""
