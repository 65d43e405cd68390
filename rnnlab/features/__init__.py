"""What is true at each character of a text: inside quotes, deep in brackets, far along a line."""
