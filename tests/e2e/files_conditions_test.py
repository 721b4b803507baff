"""Conditions of requests about files where they are neither raw reads nor raw
writes (files_raw_test): what is read as JSON, written by JSON, and removed."""
import unittest

from support.files_case import V1, FilesCase

READS = (("/files/read", {"path": "a"}),
         ("/files/read", {"path": "a", "start_line": 1}),
         (V1 + "/content", {"path": "a"}), (V1 + "/a", {}))


class ConditionsTest(FilesCase):
    def setUp(self):
        super().setUp()
        self.make("a", "one\n")

    def tag(self):
        return self.get("/files/stat", path="a").headers["ETag"]

    def test_json_is_read_as_the_conditions_want_it(self):
        tag = self.tag()
        for target, parameters in READS:
            for headers, status in (
                    ({"If-None-Match": tag}, 304),
                    ({"If-None-Match": "W/" + tag}, 304),
                    ({"If-None-Match": '"x"'}, 200),
                    ({"If-Match": tag}, 200), ({"If-Match": '"x"'}, 412),
                    ({"If-Match": "W/" + tag}, 412)):
                with self.subTest(target=target, headers=headers):
                    answer = self.get(target, headers, **parameters)
                    self.assertEqual(answer.status, status)
                    if status == 304:
                        self.assertEqual(answer.body, b"")
                        self.assertEqual(answer.headers["ETag"], tag)

    def test_the_query_may_name_the_version_that_json_replaces(self):
        version = self.tag().strip('"')
        body = {"path": "a", "content": "two"}
        for target, method in ((V1 + "/content", self.put),
                               (V1 + "/a", self.put),
                               ("/files/write", self.post)):
            answer = method(target, body, expectedVersionId="x")
            self.assertEqual(answer.status, 409, answer)
            self.assertEqual(self.content("a"), b"one\n")
        self.check(self.put(V1 + "/a", body, expectedVersionId=version))
        # What the body says counts for more.
        answer = self.put(V1 + "/a", {**body, "expectedVersionId": "x"},
                          expectedVersionId=self.tag().strip('"'))
        self.assertEqual(answer.status, 409, answer)

    def test_only_the_version_that_is_meant_is_removed(self):
        removals = ((V1 + "/a", {}), (V1, {"path": "a", "recursive": True}),
                    ("/files/delete", {"path": "a"}))
        for target, parameters in removals:
            for headers in ({"If-Match": '"x"'},
                            {"If-Match": "W/" + self.tag()},
                            {"If-None-Match": self.tag()},
                            {"If-None-Match": "*"}):
                with self.subTest(target=target, headers=headers):
                    answer = self.delete(target, None, headers, **parameters)
                    self.assertEqual(answer.status, 412, answer)
                    self.assertTrue(self.exists("a"))
            answer = self.delete(target, expectedVersionId="x", **parameters)
            self.assertEqual(answer.status, 409, answer)
            self.check(self.delete(target, None, {"If-Match": self.tag()},
                                   **parameters))
            self.assertFalse(self.exists("a"))
            answer = self.delete(target, None, {"If-Match": "*"}, **parameters)
            self.assertEqual(answer.status, 412, answer)
            self.make("a", "one\n")


if __name__ == "__main__":
    unittest.main()
