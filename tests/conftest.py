"""What all tests share: how hypothesis looks for examples.

No deadline, since a busy machine is no bug. Where the environment says ``CI``, the examples are the same every time,
so that a build fails for what was changed; elsewhere they vary and a failing one is remembered and tried again. Mutants
(``make mutate``) are tried on few examples, the same for each, and what fails is not made smaller.
"""

from __future__ import annotations

import os

from hypothesis import Phase, settings

settings.register_profile("house", deadline=None, max_examples=50)
settings.register_profile("house-ci", settings.get_profile("house"), derandomize=True, database=None, print_blob=True)
settings.register_profile(
    "house-quick", settings.get_profile("house-ci"), max_examples=20, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("house-ci" if os.environ.get("CI") else "house")
