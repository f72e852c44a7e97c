"""Breaking dependency cycles.

``dependency_cycle`` is the pass. Each of the other modules knows one way to cut an edge and offers it as ``Cut``s, the
better ways at lower cost; ``solver`` chooses the cheapest set of cuts that leaves no cycle.
"""
