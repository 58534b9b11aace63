"""The process that compares a trained model's fast form with its weights.

    python -m workers.training.parity WORK_DIR COMPUTE_TYPE NAME ENGINES

It reads what `workers/training/run.py` reads and wrote, and says one line of JSON on stdout: the
event `parity` with the members of `shared.schemas.registry.Parity`, or `failed`. The fast form
stays in ENGINES, where serving looks for the model of this name.
"""

import sys
from pathlib import Path

from shared.config import TrainingSettings
from shared.errors import ModelError
from shared.training.template import turns_of
from workers.inference.model_files import find_files
from workers.inference.parity import measure_parity
from workers.training.events import Events
from workers.training.examples import read_examples
from workers.training.job import Job
from workers.training.lifeline import hold_on

_EXAMPLES = 16


def main() -> int:
    events = Events.on_stdout()
    folder, compute_type, name, engines = sys.argv[1:]
    work = Path(folder)
    hold_on(work / "lifeline")
    job = Job.model_validate_json((work / "job.json").read_bytes())
    key = TrainingSettings().run_key
    secret = bytes.fromhex(key.get_secret_value()) if key else b""
    examples = read_examples(work / "examples.sealed", secret)
    validation = [example for example in examples if example.split == "validation"]
    samples = [
        (turns_of(job.template, title=job.title, note=example.source), example.target)
        for example in validation[:_EXAMPLES]
    ]
    try:
        files = find_files(work / "model", name)
        parity = measure_parity(files, Path(engines), compute_type, samples)
    except ModelError as error:
        fix = error.how_to_fix or "Look at the training worker's log."
        events.say("failed", code=error.error_code, message=error.detail, how_to_fix=fix)
        return 1
    events.say("parity", **parity.model_dump())
    return 0


if __name__ == "__main__":
    sys.exit(main())
