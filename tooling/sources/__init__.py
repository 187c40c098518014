"""Where responses come from: the only places that know those payloads."""
