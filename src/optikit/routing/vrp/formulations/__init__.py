"""The VRP put to backends: one file a formulation, each with the solvers that run it."""
