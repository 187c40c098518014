"""A Salesforce-compatible org on SQLite. Reading order: schema, store, formula, soql, flow, engine, front, server."""
