"""Pages in real browsers. A package, so that its browser and its instance end before other tests begin."""
