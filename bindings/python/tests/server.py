"""A real server process on a free port."""

import os
import re
import subprocess
import tempfile
import time


class Server:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        log = os.path.join(self.folder.name, "log")
        program = [os.environ["SAMLA_SERVER"], "--listen", "127.0.0.1:0", "--data", os.path.join(self.folder.name, "data")]
        with open(log, "wb") as told:
            self.process = subprocess.Popen(program, stderr=told)
        for _ in range(200):
            with open(log, encoding="utf-8") as told:
                if found := re.search(r"address=(\S+)", told.read()):
                    self.url = f"http://{found[1]}"
                    return self
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()
