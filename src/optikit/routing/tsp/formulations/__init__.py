"""The TSP as models of other people's engines."""
