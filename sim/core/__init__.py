"""The engine: populations, clocks, chance and the ledger. Nothing here knows about borders."""
