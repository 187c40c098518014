"""CumulusCI tasks: options in, one call into the library, return values out."""
