"""The background worker: waits on its queue.

python -m workers.background.app
"""

from workers.task import serve_queue

if __name__ == "__main__":
    serve_queue("background", lambda *_: None)
