"""What is compiled for the travelling salesman: searches, neighbours, spanning trees; one idea a file."""
