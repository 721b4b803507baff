"""What a program in a terminal finds: signals, TERM, folder, no leftovers."""
import os
import signal
import unittest

from support import processes
from support.case import DaemonCase, eventually, fresh
from support.daemon import Daemon
from support.terminal_client import PlainClient


def ignore_signals():
    """As under nohup, or a job runner that ignores everything."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP,
                   signal.SIGHUP, signal.SIGPIPE, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGUSR1,
                                              signal.SIGWINCH})


class IgnoredSignalsTest(DaemonCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(preexec=ignore_signals)
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()

    def setUp(self):
        super().setUp()
        self.terminal = self.shell()
        self.client = self.plain()
        self.prompt(self.client, self.terminal)

    def type(self, text):
        self.client.output.clear()
        self.client.send_input(self.terminal, text)

    def see(self, text):
        self.client.wait_output(self.terminal, text)

    def test_control_c_interrupts(self):
        self.type("cat\nis it on\n")
        self.see("is it on\r\nis it on\r\n")
        self.type("\x03")
        self.see("ready$ ")
        self.type("echo status=$?.\n")
        self.see("status=130.")

    def test_control_backslash_quits(self):
        self.type("ulimit -c 0; cat\nis it on\n")
        self.see("is it on\r\nis it on\r\n")
        self.type("\x1c")
        self.see("ready$ ")
        self.assertIn(b"Quit", self.client.seen(self.terminal))
        self.type("echo status=$?.\n")
        self.see("status=131.")

    def test_control_z_stops_and_fg_continues(self):
        self.type("cat\nis it on\n")
        self.see("is it on\r\nis it on\r\n")
        self.type("\x1a")
        self.see("ready$ ")
        self.assertIn(b"Stopped", self.client.seen(self.terminal))
        self.type("fg\n")
        self.see("fg\r\ncat\r\n")
        self.type("once more\n")
        self.see("once more\r\nonce more\r\n")
        self.type("\x03")
        self.see("ready$ ")

    def test_no_signal_is_ignored_or_blocked_in_the_child(self):
        terminal = self.http.create(
            "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status")["id"]
        self.http.wait_exit(terminal)
        lines = self.http.scrollback(terminal)[0].decode().split("\r\n")
        values = {line.split(":")[0]: int(line.split(":")[1], 16)
                  for line in lines if line}
        self.assertEqual(values, {"SigBlk": 0, "SigIgn": 0})


class SurroundingsTest(DaemonCase):
    def output_of(self, *cmd, **fields):
        terminal = self.http.create(*cmd, **fields)["id"]
        self.http.wait_exit(terminal)
        return self.http.scrollback(terminal)[0].decode().replace("\r", "")

    def test_term_folder_and_tty(self):
        text = self.output_of("sh", "-c", 'echo "$TERM|$PWD"; pwd; tty')
        self.assertRegex(
            text, rf"^xterm-256color\|{self.daemon.root}\n"
                  rf"{self.daemon.root}\n/dev/pts/\d+\n$")

    def test_it_has_its_own_session_and_controlling_terminal(self):
        text = self.output_of(
            "sh", "-c", "cut -d' ' -f1,5,6,7,8 /proc/$$/stat")
        pid, group, session, tty, foreground = map(int, text.split())
        self.assertEqual((group, session, foreground), (pid, pid, pid))
        self.assertNotEqual(tty, 0)

    def test_no_descriptors_leak_into_it(self):
        text = self.output_of("sh", "-c", "ls /proc/$$/fd")
        self.assertEqual(text.split(), ["0", "1", "2"])

    def test_an_interactive_shell_has_job_control(self):
        terminal = self.shell()
        client = self.plain()
        self.prompt(client, terminal)
        client.send_input(terminal, "set -o | grep monitor\n")
        seen = client.wait_output(terminal, "on\r\n")
        self.assertNotIn(b"no job control", seen)

    def test_a_dead_foreground_job_returns_the_prompt(self):
        terminal = self.shell()
        client = self.plain()
        self.prompt(client, terminal)
        client.send_input(terminal, "sleep 0; echo do''ne\n")
        client.wait_output(terminal, "done\r\n")

    def test_control_d_ends_the_shell_with_its_code(self):
        terminal = self.shell()
        client = self.plain()
        self.prompt(client, terminal)
        client.send_input(terminal, "(exit 42)\n\x04")
        self.assertEqual(client.wait_exit(terminal)["code"], 42)

    def test_output_of_a_job_left_behind_does_not_hold_up_the_exit(self):
        terminal = self.http.create(
            "sh", "-c", "sleep 1000 & echo $!; exit 6")["id"]
        entry = self.http.wait_exit(terminal, 5)
        self.assertEqual(entry["exit_code"], 6)
        left = int(self.http.scrollback(terminal)[0].split()[0])
        self.http.delete(terminal)
        eventually(lambda: processes.gone(left), "end of the job", 6)


class LoginShellTest(unittest.TestCase):
    def login(self, *options):
        daemon = fresh(self, *options)
        with open(os.path.join(daemon.root, ".bash_profile"), "w") as file:
            file.write("echo read the profile\n")
        http = daemon.http()
        terminal = http.create()["id"]
        with PlainClient(daemon) as client:
            client.send_input(terminal, "shopt login_shell; echo $0; exit\n")
            client.wait_exit(terminal)
            return client.seen(terminal).decode()

    def test_login_shell(self):
        seen = self.login("--login-shell")
        self.assertIn("read the profile", seen)
        self.assertRegex(seen, r"login_shell\s+on")

    def test_no_login_shell_without_it(self):
        seen = self.login()
        self.assertNotIn("read the profile", seen)
        self.assertRegex(seen, r"login_shell\s+off")

    def test_another_shell(self):
        daemon = fresh(self, "--shell", "/bin/sh")
        self.assertEqual(daemon.http().create()["command"], ["/bin/sh"])


if __name__ == "__main__":
    unittest.main()
