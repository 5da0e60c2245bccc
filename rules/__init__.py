"""What the policy wants of whom: facts in, decisions out, nothing remembered and no clock asked.

The face of the package: `facts` (what is known), `policies` (what the district wants), `coverage` (what a street adds),
`rulebook` (decisions), `classify` (decisions on plain JSON), `checks` (what is odd about a policy), `calendar` and
`duties` (what is owed when), `history` (facts from a log), `casework` (what becomes of what a visit finds). Nothing is
imported here, so that a process that decides nothing does not load the engine's C library.
"""
