"""Promoter.io: its REST API and its payloads."""
