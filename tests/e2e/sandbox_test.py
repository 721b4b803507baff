"""The daemon has given up what it does not need; holder and programs in
terminals have not."""
import os
import signal
import tempfile
import unittest

from support import processes, wait
from support.case import DaemonCase, fresh

HELPER = "outrigger-start"


def status(pid):
    """/proc/PID/status as a dict."""
    lines = processes.read(f"/proc/{pid}/status").decode().splitlines()
    return {name: value.strip() for name, _, value in
            (line.partition(":") for line in lines)}


def helpers(daemon_pid):
    return [pid for pid in processes.descendants(daemon_pid)
            if status(pid).get("Name") == HELPER]


class SandboxTest(DaemonCase):
    def of(self, pid):
        found = status(pid)
        return {name: found[name] for name in ("NoNewPrivs", "Seccomp")}

    def require_complete(self):
        for line in self.daemon.log().splitlines():
            if "sandbox:" in line:
                self.skipTest("this kernel does not offer all of it: " + line)

    def run_in_terminal(self, script):
        """Runs a script; what it printed."""
        terminal = self.http.create("/bin/sh", "-c", script + "; echo =end=")
        return self.http.wait_output(terminal["id"], b"=end=")

    def test_the_daemon_is_in_it(self):
        self.require_complete()
        self.assertEqual(self.of(self.daemon.process.pid),
                         {"NoNewPrivs": "1", "Seccomp": "2"})

    def test_every_thread_of_the_daemon_is_in_it(self):
        self.require_complete()
        pid = self.daemon.process.pid
        threads = os.listdir(f"/proc/{pid}/task")
        self.assertGreater(len(threads), 1)
        for thread in threads:
            self.assertEqual(self.of(f"{pid}/task/{thread}")["Seccomp"], "2")

    def test_the_holder_and_what_it_starts_are_not(self):
        free = {"NoNewPrivs": "0", "Seccomp": "0"}
        for pid in self.daemon.holder_pids():
            self.assertEqual(self.of(pid), free)
        shown = self.run_in_terminal(
            "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status")
        self.assertRegex(shown, rb"NoNewPrivs:\s+0\r\n")
        self.assertRegex(shown, rb"Seccomp:\s+0\r\n")

    def test_programs_write_and_run_what_they_like(self):
        with tempfile.TemporaryDirectory() as elsewhere:
            shown = self.run_in_terminal(
                f"cd {elsewhere} && cp /bin/true mine && ./mine && echo ran")
            self.assertIn(b"ran\r\n", shown)
            self.assertTrue(os.path.exists(os.path.join(elsewhere, "mine")))

    def test_the_daemon_keeps_one_helper(self):
        self.assertEqual(len(helpers(self.daemon.process.pid)), 1)


class NewHolderTest(DaemonCase):
    def test_a_new_holder_is_started_from_outside_the_sandbox(self):
        daemon = self.daemon
        before, = daemon.holder_pids()
        os.kill(before, signal.SIGKILL)

        def program():
            answer = self.http.request(
                "POST", "/terminals", {"cmd": ["/bin/sh", "-c", "echo $PPID"]})
            return answer.json["id"] if answer.status == 201 else None

        terminal = wait.eventually(program, "a new holder")
        after = int(self.http.wait_output(terminal, b"\n").split()[0])
        self.assertNotEqual(before, after)
        self.assertEqual(status(after)["NoNewPrivs"], "0")
        self.assertEqual(status(after)["PPid"],
                         str(helpers(daemon.process.pid)[0]))

    def test_the_helper_ends_with_the_daemon(self):
        for end in (lambda d: d.kill(), lambda d: d.terminate()):
            daemon = fresh(self)
            helper, = helpers(daemon.process.pid)
            end(daemon)
            wait.eventually(lambda: not processes.alive(helper),
                            "the end of the helper")
            self.assertEqual(len(daemon.holder_pids()), 1)


if __name__ == "__main__":
    unittest.main()
