"""What the product must survive: faults and attacks on real processes, counted by a ledger."""
