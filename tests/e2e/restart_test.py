"""The daemon goes and comes back: terminals, clients and exit codes stay."""
import os
import re
import signal
import time
import unittest

from support import processes
from support.case import eventually, fresh, scaled
from support.terminal_client import ExtClient, PlainClient


class RestartTest(unittest.TestCase):
    def setUp(self):
        self.daemon = fresh(self)
        self.http = self.daemon.http()

    def client(self, kind, *args, **options):
        client = kind(self.daemon, *args, **options)
        self.addCleanup(client.close)
        return client

    def end(self, number):
        """The daemon goes, in one of two ways."""
        if number == signal.SIGKILL:
            self.daemon.kill()
        else:
            start = time.monotonic()
            self.assertEqual(self.daemon.terminate(5), 0)
            self.assertLess(time.monotonic() - start, scaled(5))
        self.http.close()

    def again(self):
        self.daemon.start()
        self.http = self.daemon.http()

    def both(self, test):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number.name):
                test(number)

    def test_terminals_survive(self):
        def test(number):
            ids = [self.http.create(
                "sh", "-c", f"echo number {n}; exec cat", cols=90 + n,
                scrollback_size=100000)["id"] for n in range(3)]
            for n, terminal in enumerate(ids):
                self.http.wait_output(terminal, b"number %d\r\n" % n)
            before = self.http.terminals()
            self.end(number)
            for terminal in ids:
                self.assertTrue(processes.alive(before[terminal]["pid"]))
            self.again()
            self.assertEqual(self.http.terminals(), before)
            client = self.client(PlainClient)
            for n, terminal in enumerate(ids):
                self.assertEqual(self.http.scrollback(terminal)[0],
                                 b"number %d\r\n" % n)
                client.send_input(terminal, "go on\n")
                client.wait_output(terminal, "go on\r\ngo on\r\n")
                self.assertTrue(
                    client.seen(terminal).startswith(b"number"))
            self.http.delete_all()
        self.both(test)

    def test_dead_sessions_survive(self):
        def test(number):
            dead = self.http.create("sh", "-c", "echo gone; exit 12")["id"]
            self.http.wait_exit(dead)
            before = self.http.terminals()
            self.end(number)
            self.again()
            self.assertEqual(self.http.terminals(), before)
            client = self.client(PlainClient)
            self.assertEqual(client.wait_exit(dead)["code"], 12)
            self.http.delete(dead)
        self.both(test)

    def test_exit_codes_of_programs_that_ended_meanwhile(self):
        def test(number):
            fifo = os.path.join(self.daemon.root, f"fifo-{number}")
            os.mkfifo(fifo)
            coded = self.http.create(
                "sh", "-c", 'read code < "$0"; echo bye; exit $code', fifo)
            killed = self.http.create("sleep", "1000")
            self.end(number)
            with open(fifo, "w") as file:
                file.write("33\n")
            processes.kill(killed["pid"])
            for made in (coded, killed):
                eventually(lambda: processes.gone(made["pid"]))
            self.again()
            listed = self.http.terminals()
            self.assertEqual(listed[coded["id"]]["exit_code"], 33)
            self.assertIs(listed[coded["id"]]["alive"], False)
            self.assertNotEqual(listed[killed["id"]]["exit_code"], 0)
            self.assertEqual(self.http.scrollback(coded["id"])[0],
                             b"bye\r\n")
            client = self.client(ExtClient)
            self.assertEqual(client.wait_exit(coded["id"])["code"], 33)
            self.assertIn(client.wait_exit(killed["id"])["signal"],
                          (9, "KILL", "SIGKILL"))
            self.http.delete_all()
        self.both(test)

    def test_output_written_meanwhile_is_there(self):
        def test(number):
            fifo = os.path.join(self.daemon.root, f"out-{number}")
            os.mkfifo(fifo)
            terminal = self.http.create(
                "sh", "-c", 'echo one; read x < "$0"; echo two; exec cat',
                fifo)["id"]
            self.http.wait_output(terminal, b"one\r\n")
            client = self.client(ExtClient)
            client.wait_output(terminal, "one\r\n")
            offset = client.stream(terminal).next
            self.end(number)
            with open(fifo, "w") as file:
                file.write("x\n")
            self.again()
            later = self.client(ExtClient, after={terminal: offset})
            later.wait_output(terminal, "two\r\n")
            self.assertEqual(later.seen(terminal), b"two\r\n")
            self.assertEqual(later.stream(terminal).attached[0]["offset"], 5)
            self.http.delete_all()
        self.both(test)

    def test_ids_are_not_reused_after_a_restart(self):
        first = self.http.create("cat")["id"]
        self.http.delete(first)
        kept = self.http.create("cat")["id"]
        self.end(signal.SIGKILL)
        self.again()
        self.assertNotEqual(self.http.create("cat")["id"], kept)

    def test_resize_and_delete_work_on_adopted_terminals(self):
        made = self.http.create("/bin/sh")
        self.end(signal.SIGKILL)
        self.again()
        client = self.client(PlainClient)
        client.resize(made["id"], 77, 22)
        client.send_input(made["id"], "stty size\n")
        client.wait_output(made["id"], "22 77\r\n")
        self.assertEqual(self.http.delete(made["id"]).status, 200)
        eventually(lambda: processes.gone(made["pid"]), "end of the shell", 6)

    def test_a_deleted_terminal_stays_deleted(self):
        """Also when the daemon goes before its program has gone."""
        def test(number):
            made = self.http.create(
                "sh", "-c", "trap '' HUP TERM; while :; do sleep 1; done")
            self.assertEqual(self.http.delete(made["id"]).status, 200)
            self.end(number)
            self.again()
            self.assertEqual(self.http.terminals(), {})
            eventually(lambda: processes.gone(made["pid"]), "its end", 7)
            self.assertEqual(self.http.terminals(), {})
        self.both(test)

    def test_a_long_command_is_shown_whole(self):
        command = ["sh", "-c", "sleep 1000 #" + "é" * 1500]
        made = self.http.create(*command, cwd=self.long_folder())
        self.end(signal.SIGKILL)
        self.again()
        again = self.http.terminals()[made["id"]]
        self.assertEqual(again["command"], command)
        self.assertEqual(again["cwd"], made["cwd"])

    def long_folder(self):
        path = os.path.join(self.daemon.root, *["d" * 200] * 5)
        os.makedirs(path)
        return path

    def test_ten_busy_terminals_survive(self):
        ids = [self.http.create("sh", "-c", "while :; do echo busy; done")[
            "id"] for _ in range(10)]
        client = self.client(PlainClient)
        for terminal in ids:
            client.wait_output(terminal, "busy")
        self.end(signal.SIGKILL)
        self.again()
        listed = self.http.terminals()
        self.assertEqual(sorted(listed), sorted(ids))
        self.assertTrue(all(entry["alive"] for entry in listed.values()))
        client = self.client(PlainClient)
        for terminal in ids:
            client.wait_output(terminal, "busy\r\nbusy")

    def test_shutdown_says_1001(self):
        plain, ext = self.client(PlainClient), self.client(ExtClient)
        terminal = self.http.create("cat")["id"]
        ext.wait_attached(terminal)
        self.daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(plain.wait_closed(), 1001)
        self.assertEqual(ext.wait_closed(), 1001)
        self.assertEqual(self.daemon.reap(5), 0)

    def test_shutdown_is_prompt_with_clients_that_do_not_read(self):
        client = self.client(PlainClient, receive_buffer=16384)
        terminal = self.http.create("yes")["id"]
        client.wait_output(terminal, "y\r\n")
        start = time.monotonic()
        self.assertEqual(self.daemon.terminate(5), 0)
        self.assertLess(time.monotonic() - start, scaled(5))

    def test_a_daemon_started_while_the_old_one_stops(self):
        made = self.http.create("cat")
        self.end(signal.SIGTERM)
        for _ in range(5):
            self.again()
            self.assertIn(made["id"], self.http.terminals())
            self.end(signal.SIGKILL)
        self.again()
        self.assertEqual(
            self.http.terminals()[made["id"]]["session"], made["session"])


class HolderTest(unittest.TestCase):
    def setUp(self):
        self.daemon = fresh(self)
        self.http = self.daemon.http()

    def create_at_once(self, *cmd):
        """For the moment until the new holder is there, 503 is right."""
        def create():
            answer = self.http.request("POST", "/terminals",
                                       {"cmd": list(cmd)})
            self.assertIn(answer.status, (201, 503), answer)
            return answer.json if answer.status == 201 else None
        return eventually(create, "a new terminal", 1)

    def test_a_killed_holder_loses_its_sessions_and_nothing_else(self):
        terminal = self.http.create("cat")["id"]
        client = ExtClient(self.daemon)
        self.addCleanup(client.close)
        client.wait_attached(terminal)
        holder = self.daemon.holder_pids()
        self.assertEqual(len(holder), 1)
        processes.kill(holder[0])

        def lost():
            return not self.http.terminals()[terminal]["alive"]
        client.until(lost, "the session is reported as lost")
        client.wait_exit(terminal)
        # A reason is logged, and new terminals work at once.
        eventually(lambda: re.search(
            r"(?i)holder.*(lost|gone|died|ended|exit|closed|disconnect)",
            self.daemon.log()), "the reason in the log")
        new = self.create_at_once("echo", "works")["id"]
        client.wait_output(new, "works\r\n")
        self.assertEqual(client.wait_exit(new)["code"], 0)
        self.assertNotEqual(new, terminal)
        self.assertEqual(self.http.get("/health").json["status"], "ok")
        replaced = self.daemon.holder_pids()
        self.assertEqual(len(replaced), 1)
        self.assertNotEqual(replaced, holder)

    def test_a_holder_killed_while_no_daemon_ran(self):
        self.http.create("cat")
        self.daemon.kill()
        for pid in self.daemon.holder_pids():
            processes.kill_all([*processes.descendants(pid), pid])
        self.daemon.start()
        http = self.daemon.http()
        terminal = http.create("echo", "works")["id"]
        http.wait_output(terminal, b"works")

    def test_a_holder_killed_again_and_again(self):
        for _ in range(5):
            made = self.create_at_once("cat")
            processes.kill(self.daemon.holder_pids()[0])
            eventually(lambda: not self.http.terminals()[made["id"]]["alive"],
                       "the session is lost")
            self.http.delete(made["id"])
        terminal = self.create_at_once("echo", "works")["id"]
        self.http.wait_output(terminal, b"works")

    def test_programs_of_a_killed_holder_are_hung_up(self):
        made = self.http.create("sh", "-c", "exec sleep 1000")
        processes.kill(self.daemon.holder_pids()[0])
        eventually(lambda: not processes.alive(made["pid"]),
                   "the program lost its terminal", 10)

    def test_a_stopped_holder_does_not_stop_the_daemon(self):
        holder = self.daemon.holder_pids()[0]
        processes.kill(holder, signal.SIGSTOP)
        try:
            for _ in range(5):
                self.assertEqual(
                    self.http.get("/health").json["status"], "ok")
        finally:
            processes.kill(holder, signal.SIGCONT)
        terminal = self.http.create("echo", "works")["id"]
        self.http.wait_output(terminal, b"works")


if __name__ == "__main__":
    unittest.main()
