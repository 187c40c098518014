"""One module per metadata type: a frozen value that knows its file; its template prints it in schema order."""
