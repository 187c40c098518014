"""The domain: standard library only, and it knows no Salesforce."""
