"""Do the tests notice a change of the code? Mutants of the core and of the agents' rules, and who kills them.

Run by ``make mutate``, apart from the tests: each of some thousand small changes is tried on a copy of the checkout.
The changes are made and run by the library mutmut; what is here says which code is tried by which tests, and tells.
"""
