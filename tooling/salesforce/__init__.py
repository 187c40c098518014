"""A Salesforce org as the bridge needs it: a protocol (`org`), and the gateway over simple-salesforce that satisfies it."""
