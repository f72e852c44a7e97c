"""How the resources of a template are wired, and how a pass extends it: what a value means, who may do what, whom to let in.

What several folders of passes share. No passes here.
"""
