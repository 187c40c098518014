"""What an element costs in CPU time, in milliseconds: a fixed table, so that a breach of the limit is the same everywhere.

The figures are ours: Salesforce meters real CPU time and publishes none.
"""

from __future__ import annotations

ELEMENT = 0.05
ASSIGNMENT_ITEM = 0.02
OUTCOME = 0.03
LOOP_ITERATION = 0.05
RECORD_READ = 0.02
RECORD_WRITTEN = 0.5
COLLECTION_ITEM = 0.02
ACTION = 1.0
SUBFLOW = 0.1
ENTRY = 0.05
ELEMENTS_AT_MOST = 2_000_000
"""Elements of one run after which it is ended, for an org whose limits are switched off: a flow that goes round for ever."""
