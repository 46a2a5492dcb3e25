"""Commands: what each asks on the command line, which room it calls, and what it prints.

Each module declares a family of commands. Everything heavy is imported inside the command that needs it.
"""
