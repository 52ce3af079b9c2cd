"""A started machine: its console (by -nographic on pipes), its screen and keyboard (by a QMP socket).

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json, os, pathlib, re, select, socket, subprocess, tempfile, time

import screen

ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>]")


class Failed(Exception):
    pass


class Machine:
    def __init__(self, command, seconds):
        """Starts `command` with a QMP socket; everything that is waited for has to come within `seconds`."""
        self.end = time.monotonic() + seconds
        self.scratch = tempfile.TemporaryDirectory()
        self.socket = f"{self.scratch.name}/qmp"
        self.text, self.read_to, self.qmp, self.font = "", 0, None, None
        self.log = open(os.environ["OSTRICH_BOOT_LOG"], "ab", 0) if "OSTRICH_BOOT_LOG" in os.environ else None    # to look on
        self.process = subprocess.Popen([*command, "-qmp", f"unix:{self.socket},server=on,wait=off"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.scratch.cleanup()

    # ---- the console ----

    def pump(self, seconds):
        """Takes what the console has to say; False at its end."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return True
        piece = os.read(self.process.stdout.fileno(), 65536)
        if self.log:
            self.log.write(piece)
        self.text += ESCAPES.sub(b"", piece).decode(errors="replace")
        return bool(piece)

    def expect(self, wanted):
        """Waits for a text after the last one that came."""
        while True:
            at = self.text.find(wanted, self.read_to)
            if at >= 0:
                self.read_to = at + len(wanted)
                return
            if time.monotonic() > self.end:
                raise Failed(f"'{wanted}' did not come")
            if not self.pump(0.5) and self.text.find(wanted, self.read_to) < 0:
                raise Failed(f"the program ended (status {self.process.wait()}) before '{wanted}' came")

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def wait_end(self):
        """The exit status of a guest that switches itself off."""
        while time.monotonic() < self.end and self.pump(0.5):
            pass
        try:
            return self.process.wait(timeout=max(1, self.end - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failed("the machine did not switch itself off") from None

    # ---- the monitor ----

    def execute(self, command, **arguments):
        if not self.qmp:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(60)
            while True:
                try:
                    connection.connect(self.socket)
                    break
                except OSError:
                    if self.process.poll() is not None or time.monotonic() > self.end:
                        raise Failed("no QMP socket") from None
                    time.sleep(0.1)
            self.qmp = connection.makefile("rw")
            self.qmp.readline()
            self.execute("qmp_capabilities")
        self.qmp.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.qmp.flush()
        while True:
            line = self.qmp.readline()
            if not line:
                raise Failed(f"the program ended at {command}")
            answer = json.loads(line)
            if "error" in answer:
                raise Failed(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def screen_text(self):
        """The lines on the screen, read off its picture."""
        if not self.font:
            rom = f"{self.scratch.name}/rom"
            self.execute("pmemsave", val=screen.ROM_BASE, size=screen.ROM_SIZE, filename=rom)
            try:
                self.font = screen.Font(pathlib.Path(rom).read_bytes())
            except ValueError:
                return []   # the firmware has not copied the VGA BIOS yet
        picture = f"{self.scratch.name}/screen.ppm"
        self.execute("screendump", filename=picture)
        return screen.read_text(pathlib.Path(picture).read_bytes(), self.font)

    def expect_screen(self, *wanted):
        """Waits until all texts are on the screen at once."""
        lines = []
        while time.monotonic() < self.end:
            lines = self.screen_text()
            if all(any(w in line for line in lines) for w in wanted):
                if "OSTRICH_BOOT_PICTURE" in os.environ:
                    self.execute("screendump", filename=os.environ["OSTRICH_BOOT_PICTURE"], format="png")    # to look at
                return lines
            end = time.monotonic() + 2
            while time.monotonic() < end:
                if not self.pump(0.2):
                    raise Failed(f"the program ended (status {self.process.wait()})")
        raise Failed(f"{wanted} did not come on the screen, which shows\n" + "\n".join(lines))

    def keys(self, *names):
        for name in names:
            self.execute("send-key", keys=[{"type": "qcode", "data": name}])
            time.sleep(0.3)
