"""Casework: what a visit found goes in, needs, plans, follow-ups and notices come out; nothing is remembered.

`codes` (the words of the contract), `steps` (which step a thing may take), `limits` (how long, and until when), `rules`
and `policies` (what the district wants), `additions` (what a street adds), `findings` (what stands open), `casebook`
(all that is in force, over time), `raising` (what a visit raises, and why not), `checks`, `preview`, `topics`.
"""
