"""The compiled search: ruin and recreate, one idea a file."""
