"""How rows are locked that a transaction goes on to change.

Residents before their tasks, both in order of their ids: whoever keeps to it may wait for another transaction, but
never in a circle. And no harder than needed: `FOR UPDATE` says that a key may change or the row go, and so holds up
whoever only refers to the row. The foreign-key check of a second change of a task takes KEY SHARE on its resident, so
that a step that fired (tasks, then that check) and a drain (residents, then tasks) ended in a deadlock. Keys never
change here.
"""

from typing import Final

FOR_CHANGE: Final = "FOR NO KEY UPDATE"
