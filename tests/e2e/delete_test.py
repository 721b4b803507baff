"""Ending terminals: whole process trees, promptly, without a trace."""
import sys
import time
import unittest

from support import processes
from support.case import DaemonCase, eventually, scaled

# Forks twice, leaves the session, ignores the polite signals, tells its pid.
ESCAPE = """
import os, signal, sys, time
for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open("escaped", "a") as file:
            file.write(f"{os.getpid()}\\n")
        while True:
            time.sleep(1000)
    os._exit(0)
with open("escaped", "a") as file:
    file.write(f"{os.getpid()}\\n")
while True:
    time.sleep(1000)
"""


class DeleteTest(DaemonCase):
    def test_a_shell_ends_at_once(self):
        made = self.http.create("/bin/bash", "--norc", env={"PS1": "up$ "})
        self.http.wait_output(made["id"], b"up$ ")
        start = time.monotonic()
        answer = self.http.delete(made["id"])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json, {"success": True,
                                       "terminal_id": made["id"]})
        eventually(lambda: processes.gone(made["pid"]), "end of the shell")
        self.assertLess(time.monotonic() - start, scaled(2))
        self.assertNotIn(made["id"], self.http.terminals())

    def test_children_that_ignore_signals_and_leave_the_session_end(self):
        path = self.daemon.root + "/escaped"
        made = self.http.create(sys.executable, "-c", ESCAPE)
        shell = self.shell()
        client = self.plain()
        client.send_input(shell, "(trap '' HUP TERM; sleep 1000) & disown\n")

        def pids():
            text = processes.read(path).decode().split("\n")
            return [int(line) for line in text if line]
        eventually(lambda: len(pids()) == 2, "the program's two processes")
        victims = pids() + [made["pid"]]
        for pid in victims:
            self.assertTrue(processes.alive(pid))
        start = time.monotonic()
        self.assertEqual(self.http.delete(made["id"]).status, 200)
        eventually(lambda: all(map(processes.gone, victims)),
                   "end of everything", 6)
        self.assertLess(time.monotonic() - start, scaled(6))
        self.assertIs(self.http.terminals()[shell]["alive"], True)

    def test_the_background_job_of_a_shell_ends_with_it(self):
        terminal = self.shell()
        client = self.plain()
        client.send_input(terminal, "setsid sleep 1003 & sleep 1004 &\n"
                                    "echo job=$!.\n")
        client.wait_output(terminal, "job=")
        holder = self.daemon.holder_pids()[0]

        def sleepers():
            return [pid for pid in processes.descendants(holder)
                    if processes.command(pid) in ("sleep 1003", "sleep 1004")]
        eventually(lambda: len(sleepers()) == 2)
        found = sleepers()
        self.http.delete(terminal)
        eventually(lambda: all(map(processes.gone, found)), "end of jobs", 6)

    def test_deleting_one_does_not_hold_up_the_others(self):
        stubborn = self.http.create(
            "sh", "-c", "trap '' HUP TERM; echo on; while :; do sleep 1; done"
        )["id"]
        self.http.wait_output(stubborn, b"on")
        other = self.shell()
        client = self.plain()
        self.prompt(client, other)
        connection = self.daemon.http()
        import threading
        thread = threading.Thread(target=connection.delete, args=(stubborn,))
        thread.start()
        start = time.monotonic()
        client.send_input(other, "echo qu''ick\n")
        client.wait_output(other, "quick")
        self.assertLess(time.monotonic() - start, scaled(1))
        thread.join(scaled(8))
        self.assertFalse(thread.is_alive(), "DELETE answers within 6 s")

    def test_viewers_of_a_deleted_terminal_are_told(self):
        terminal = self.http.create("cat")["id"]
        client = self.plain()
        ext = self.ext()
        ext.wait_attached(terminal)
        self.http.delete(terminal)
        client.wait_exit(terminal)
        ext.wait_exit(terminal)
        self.assertFalse(client.closed)

    def test_a_hundred_terminals_leave_nothing(self):
        holder = self.daemon.holder_pids()[0]
        daemon = self.daemon.process.pid

        def counts():
            return (processes.open_files(holder),
                    processes.open_files(daemon),
                    len(processes.descendants(holder)))
        for _ in range(3):  # whatever is made once is made here
            self.http.delete(self.http.create("cat")["id"])
        before = counts()
        for index in range(100):
            made = self.http.create("cat" if index % 2 else "true")
            self.assertEqual(self.http.delete(made["id"]).status, 200)
        eventually(lambda: counts() <= before,
                   f"{before} descriptors and processes")

    def test_a_stale_id_does_not_reach_a_new_terminal(self):
        old = self.http.create("cat")["id"]
        client = self.plain()
        self.http.delete(old)
        new = self.http.create("cat")["id"]
        self.assertNotEqual(old, new)
        client.send_input(old, "stale\n")
        client.resize(old, 10, 10)
        self.assertEqual(self.http.delete(old).status, 404)
        client.send_input(new, "fresh\n")
        client.wait_output(new, "fresh")
        self.assertNotIn(b"stale", self.http.scrollback(new)[0])
        self.assertEqual(self.http.terminals()[new]["cols"], 80)
        self.assertEqual(list(self.http.terminals()), [new])


if __name__ == "__main__":
    unittest.main()
