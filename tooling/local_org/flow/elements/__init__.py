"""One module per kind of element: how it is compiled, and what it does to the frames that reach it."""
