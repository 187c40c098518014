"""From a flow to closures: references, values, conditions, formulas and texts become functions of a frame."""
