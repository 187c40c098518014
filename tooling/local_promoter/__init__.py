"""A double of the Promoter.io API for demo and tests: what is documented, and a named switch for each thing that is not."""
