"""Pull requests: the Action, end to end, against a server that takes nothing that GitHub would refuse."""
