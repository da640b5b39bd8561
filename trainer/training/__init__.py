"""What happens to a participant's own data, on its own machine.

`client` is what people write (four verbs, or a torch module and a data set), `client_loading` makes
one (`client_choice` is what the command line names, `client_references` finds it, `function_client`
is one of a function and a module), `array_contract` compares its arrays with a version's, and
`foreign_errors` tells what it raised. `local_training` is the loop, held to the base by `proximal`
and corrected by `gradient_correction`; `step_proposal` measures which lattice holds what training
moves; `personal` keeps a part of the model at home.
"""

from __future__ import annotations

from trainer.training.client import Client, client_training, module_training
from trainer.training.local_training import local_train

__all__ = ["Client", "client_training", "local_train", "module_training"]
