"""The training worker: waits on its queue.

python -m workers.training.app
"""

from workers.task import serve_queue

if __name__ == "__main__":
    serve_queue("training", lambda *_: None)
