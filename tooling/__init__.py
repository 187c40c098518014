"""Customer feedback in Salesforce. Reading order: nps, spec, metadata, sources, salesforce, bridge, tasks, cli."""
