"""The bridge: read, match, plan, write, confirm. Every stage is a function over values except reading and writing."""
